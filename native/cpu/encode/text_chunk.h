// A chunk of byte strings: dictionary indices while that wins, else plain pages, closed and compressed as they fill.
#ifndef GPUPARSER_CPU_ENCODE_TEXT_CHUNK_H
#define GPUPARSER_CPU_ENCODE_TEXT_CHUNK_H

#include "cpu/encode/dictionary.h"
#include "cpu/encode/gathered.h"

namespace gp {

// Texts of a block: spans from base. 8 bytes before each are readable; bytes up to base + safe too.
struct TextBlock {
  const uint8_t* base;
  const Span* spans;
  uint64_t safe;
};

class TextChunk : public Chunk {
 public:
  TextChunk(const LeafPlan& leaf, const WriterPlan& writer) : Chunk(leaf, writer) { restart(); }

  // expectedRows: of the chunk in the end, a guess.
  void append(Work& work, TextBlock texts, BlockShape block, size_t expectedRows);
  void finish(Work& work);
  void restart();

 private:
  struct Extreme {
    uint64_t prefix;  // the first 8 bytes, big-endian, zeros behind the end
    size_t at;        // of the bytes in page_
    uint32_t length;
  };

  // An ENUM's labels are few by nature, and its readers look for them in the dictionary.
  bool always() const { return leaf.logical == parquet::kLogicalEnum; }
  size_t wait(const TextBlock& texts, size_t count);
  size_t encode(const TextBlock& texts, size_t count);
  bool build();
  bool keep(Work& work, size_t expectedRows) const;
  PlainValues sample(Work& work) const;
  void spread(Work& work);
  void plain(Work& work, TextBlock texts, BlockShape block);
  size_t copy(const TextBlock& texts, size_t count);
  void widen(size_t from, const TextBlock& texts, size_t count);
  void addToBloom(const TextBlock& texts, size_t count);
  void startPage();
  void closePage(Work& work);
  Bounds bounds() const;
  Bounds entryBounds(const uint64_t* prefixes, const uint32_t* uses) const;
  void writeIndices(Work& work);

  bool gathering_ = true;
  bool waiting_ = true;   // while gathering: texts lie in the page as they are, the dictionary is empty
  size_t count_ = 0;      // values gathered
  size_t rows_ = 0;       // the same in rows
  size_t textBytes_ = 0;  // of the values gathered
  Levels levels_;         // of the chunk while gathering, else of the page
  Indices indices_;
  TextDictionary dictionary_;
  DictionaryChoice choice_;
  Bytes page_;
  size_t pageRows_ = 0;
  size_t pageValues_ = 0;
  Extreme min_{}, max_{};
};

}  // namespace gp

#endif
