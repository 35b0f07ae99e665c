// Fields that are not their column's bytes yet: compressed ones, values of tuples that are older than the attribute, types that are
// text in the end. They are put down beside the pages, a whole column of a block at a time.
#ifndef GPUPARSER_PAGES_SETTLE_H
#define GPUPARSER_PAGES_SETTLE_H

#include "pages/fields.h"

namespace gp {

constexpr uint32_t kAsideSpare = 16;  // bytes before the first value and behind the last one that can be read

struct Settled {
  size_t rows;          // that have a value
  gp_page_state state;  // of the page with the row after them, where they are not all
};

// Rewrites a column's fields, which then count from aside. Appends to aside, which has kAsideSpare bytes or more.
Settled settleColumn(const uint8_t* memory, const DiskColumn& column, Span* fields, size_t rows, Bytes& aside);

}  // namespace gp

#endif
