// A column chunk as it grows: pages put together, compressed at once and laid behind each other.
#ifndef GPUPARSER_CPU_ENCODE_CHUNK_H
#define GPUPARSER_CPU_ENCODE_CHUNK_H

#include "cpu/encode/bloom.h"
#include "cpu/encode/level_pages.h"
#include "cpu/encode/levels.h"
#include "cpu/encode/order_check.h"
#include "cpu/encode/page_encoding.h"
#include "cpu/work.h"
#include "parquet/written_chunk.h"
#include "plan/plan.h"

namespace gp {

// Rows [from, to) of a chunk's levels; of a nested leaf, entries. from is a multiple of 8, but for a nested leaf.
struct LevelSlice {
  const Levels* levels = nullptr;
  size_t from = 0;
  size_t to = 0;
  size_t nulls = 0;
};

class Chunk : public WrittenChunk {
 public:
  // A page's values lie behind this many spare bytes, where a short level run fits.
  static constexpr size_t kHead = 16;
  // The most rows of a page of indices, as parquet-java has it: a reader that looks for one row decodes no more. A multiple of 8.
  // It costs 0.2 % of bytes; pages of values, which hold tens of thousands of rows anyway, would lose up to 4 %.
  static constexpr size_t kIndexRows = 20000;

  Chunk(const LeafPlan& leaf, const WriterPlan& writer)
      : WrittenChunk(leaf, writer.codec), writer(writer), nested(leaf.maxDefinition, leaf.maxRepetition) {}

  const WriterPlan& writer;
  OrderCheck order;
  // Nested leaf: its levels, ahead of its values. Where the next page ends is known there once it is sealed.
  LevelPages nested;

  void dictionaryPage(Work& work, const uint8_t* values, size_t length, size_t entries);
  // A page of dictionary indices. values: length bytes behind kHead spare ones. The page's rows are the slice's.
  void indexPage(Work& work, uint8_t* values, size_t length, const LevelSlice& slice, Bounds bounds, int64_t textBytes);
  // A page of values: `count` of them, as PLAIN has them, behind kHead spare bytes. The first page decides the chunk's encoding,
  // unless chooseEncoding has.
  void valuePage(Work& work, Bytes& page, size_t count, const LevelSlice& slice, Bounds bounds, int64_t textBytes);
  void chooseEncoding(Work& work, const PlainValues& sample);
  // After the last page: writes the bloom filter; a chunk that did not shrink is laid out again, uncompressed.
  void settle();
  void reset();

  // Bytes that levels of `rows` rows take at most, in front of a page's values.
  size_t levelBytes(size_t rows) const { return leaf.optional ? rows / 8 + 16 : 0; }
  // The most plain bytes in a page of values: another encoding may, at its worst, need a little more.
  size_t plainLimit() const { return writer.everyEncoding ? writer.pageBytes - writer.pageBytes / 16 : writer.pageBytes; }
  // Nested leaf: entries that the page being filled still takes, after `entries` of them.
  size_t pageRoom(size_t entries) const { return nested.sealed() > pages.size() ? nested.page(pages.size()).entries - entries : SIZE_MAX; }
  // Rows among the chunk's first `entries` values.
  size_t rowsAmong(size_t entries) const { return leaf.nested ? nested.rows(entries) : entries; }

 protected:
  Bloom bloom_;  // of leaf.bloom: gets every value or every dictionary entry

 private:
  void levelsOf(Work& work, const LevelSlice& slice, PageInfo& info) const;
  void dataPage(Work& work, uint8_t* values, size_t length, const LevelSlice& slice, Bounds bounds, int64_t textBytes);
  Effort effortFor(Work& work, const uint8_t* page, size_t length, parquet::PageType type, parquet::Encoding how);
  void store(Work& work, const uint8_t* page, size_t length, parquet::PageType type, parquet::Encoding how, PageInfo& info);

  bool chosen_ = false;             // encoding is final
  Effort effort_ = Effort::kLevel;  // of the data pages; kLevel: the first has not chosen it
};

}  // namespace gp

#endif
