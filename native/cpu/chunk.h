// A column chunk as it grows: pages put together, compressed at once and laid behind each other, with what the footer will say.
#ifndef GPUPARSER_CPU_CHUNK_H
#define GPUPARSER_CPU_CHUNK_H

#include <vector>

#include "cpu/bounds.h"
#include "cpu/levels.h"
#include "cpu/plan.h"
#include "cpu/work.h"

namespace gp {

struct PageInfo {
  size_t offset = 0;  // of the header, from the chunk's first byte
  size_t headerBytes = 0;
  size_t storedBytes = 0;  // without the header
  size_t plainBytes = 0;   // the same before compression
  int32_t values = 0;      // rows of a data page, entries of a dictionary page
  int64_t nulls = 0;
  int64_t textBytes = 0;  // BYTE_ARRAY: of the values, without lengths
  Bounds bounds;
};

// Rows [from, to) of a chunk's levels. from is a multiple of 8.
struct LevelSlice {
  const Levels* levels = nullptr;
  size_t from = 0;
  size_t to = 0;
  size_t nulls = 0;
};

class Chunk {
 public:
  // A page's values lie behind this many spare bytes, where a short level run fits.
  static constexpr size_t kHead = 16;

  Chunk(const LeafPlan& leaf, const WriterPlan& writer) : leaf(leaf), writer(writer), codec(writer.codec) {}

  const LeafPlan& leaf;
  const WriterPlan& writer;
  int codec;  // of this chunk: GP_NONE where compression gained nothing
  Bytes bytes;
  bool hasDictionary = false;
  PageInfo dictionary;
  std::vector<PageInfo> pages;

  void dictionaryPage(Work& work, const uint8_t* values, size_t length, size_t entries);
  // values: length bytes behind kHead spare ones. The page's rows are the slice's.
  void dataPage(Work& work, uint8_t* values, size_t length, const LevelSlice& slice, parquet::Encoding encoding, Bounds bounds,
                int64_t textBytes);
  // After the last page: a chunk that did not shrink is laid out again, uncompressed.
  void settle();
  void reset();

  // Bytes that levels of `rows` rows take at most, in front of a page's values.
  size_t levelBytes(size_t rows) const { return leaf.optional ? rows / 8 + 16 : 0; }
  // Bytes that `length` bytes at values become under the codec.
  size_t trial(Work& work, const uint8_t* values, size_t length) const;

 private:
  void store(Work& work, const uint8_t* page, size_t length, parquet::PageType type, parquet::Encoding encoding, PageInfo& info);
};

}  // namespace gp

#endif
