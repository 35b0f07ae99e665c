// Pages in memory -> blocks of rows: judged, taken apart and settled, a few pages at a time while they are in cache.
#ifndef GPUPARSER_PAGES_READER_H
#define GPUPARSER_PAGES_READER_H

#include "pages/settle.h"

namespace gp {

// Memory of one thread.
struct PageScratch {
  Buffer<Tuple> tuples;     // of the block
  Buffer<uint32_t> begins;  // its pages' first tuples
  Buffer<Span> fields;
  Buffer<uint8_t> marks;
  Bytes aside;
};

// As many as spans can count over.
constexpr int64_t kMostPages = UINT32_MAX / kPageBytes;

struct PageRun {
  const uint8_t* memory;
  const uint32_t* blocks;  // their numbers
  size_t count;
  bool checksums;
  gp_page* states;  // of each page, filled
};

class PageReader {
 public:
  PageReader(const Layout& layout, const Visibility& visibility, const PageRun& run, PageScratch& scratch, Buffer<gp_asked>& asked)
      : layout_(layout), visibility_(visibility), run_(run), scratch_(scratch), asked_(asked) {}

  // The next block of whole pages, of at most mostRows. False: there is none, because all pages were taken or one cannot be.
  bool next(size_t mostRows);
  size_t rows() const { return rows_; }
  uint64_t bytes() const;  // of the block's tuples
  size_t taken() const { return taken_; }

  struct Fields {
    const uint8_t* memory;
    const Span* fields;
    uint64_t safe;  // bytes of the memory that may be read
  };
  Fields column(size_t c) const;

  // The ctid of a row of the block.
  int64_t blockOf(size_t row) const { return run_.blocks[scratch_.tuples[row].start / kPageBytes]; }
  int32_t itemOf(size_t row) const { return scratch_.tuples[row].item; }

  // Looks at the pages that were not taken, for their states and for what must be asked.
  void lookOn();

 private:
  gp_page_state judge(size_t page);
  void index(size_t first, size_t end);
  void settle(size_t first);
  void stopAt(size_t first, size_t page, gp_page_state state);

  const Layout& layout_;
  const Visibility visibility_;
  const PageRun run_;
  PageScratch& scratch_;
  Buffer<gp_asked>& asked_;
  size_t taken_ = 0, seen_ = 0;  // pages: in blocks, and judged
  size_t rows_ = 0, stride_ = 0;
  bool stopped_ = false;
};

}  // namespace gp

#endif
