// Where the attributes of tuples are: many tuples at once.
#ifndef GPUPARSER_PAGES_FIELDS_H
#define GPUPARSER_PAGES_FIELDS_H

#include "base/buffer.h"
#include "pages/layout.h"

namespace gp {

struct FieldTable {
  Span* fields;  // fields[column * stride + row]
  size_t stride;
  uint8_t* marks;  // of each column: 1 where a length is a mark (tuple.h)
};

// Fills the rows [first, end) of the table from as many tuples. GP_PAGE_MVCC where all is well, else what the first bad tuple is.
gp_page_state indexTuples(const uint8_t* memory, const Tuple* tuples, size_t first, size_t end, const Layout& layout,
                          const FieldTable& table);

// Whether a tuple is well formed, and all of its values that are wanted are on its page.
gp_page_state checkTuple(const uint8_t* memory, const Tuple& tuple, const Layout& layout);

}  // namespace gp

#endif
