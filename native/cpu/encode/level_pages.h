// Levels of a nested leaf, page by page. Pages end where rows begin, so the leaf decides where (nested_levels.h), whatever becomes
// of the values: plain and dictionary pages are cut alike. A page's levels are encoded as soon as it is sealed.
#ifndef GPUPARSER_CPU_ENCODE_LEVEL_PAGES_H
#define GPUPARSER_CPU_ENCODE_LEVEL_PAGES_H

#include <cstdint>
#include <vector>

#include "base/buffer.h"

namespace gp {

struct LevelPage {
  size_t entries = 0;
  size_t values = 0;  // entries at the highest definition level
  size_t rows = 0;
  size_t offset = 0, bytes = 0;      // of the encoded levels
  std::vector<int64_t> repetitions;  // entries at each level; empty where nothing repeats
  std::vector<int64_t> definitions;
};

class LevelPages {
 public:
  LevelPages(int maxDefinition, int maxRepetition) : maxDefinition_(maxDefinition), maxRepetition_(maxRepetition) { clear(); }

  void clear();
  // Entries of the page that is open. A row begins where the repetition level is 0.
  void append(const uint8_t* definitions, const uint8_t* repetitions, size_t entries);
  void seal();

  size_t open() const { return definitions_.size(); }
  size_t sealed() const { return pages_.size(); }
  const LevelPage& page(size_t i) const { return pages_[i]; }
  // The page's levels as a V1 data page begins with them.
  const uint8_t* encoded(const LevelPage& page) const { return encoded_.data() + page.offset; }
  // Bytes that the levels of so many entries take, at most and about.
  size_t bytes(size_t entries) const { return (entries * width_ + 7) / 8 + 16; }
  // Rows among the first `entries` entries of the chunk, which end no earlier than its last sealed page.
  size_t rows(size_t entries) const;

 private:
  void encode(const Bytes& levels, int most);

  const int maxDefinition_, maxRepetition_;
  size_t width_ = 0;  // bits of an entry
  size_t sealedEntries_ = 0, sealedRows_ = 0;
  Bytes definitions_, repetitions_;  // of the open page
  Bytes encoded_;
  std::vector<LevelPage> pages_;
};

}  // namespace gp

#endif
