// Pass 1: where each field of each row is.
#ifndef GPUPARSER_ROWS_FIELDS_H
#define GPUPARSER_ROWS_FIELDS_H

#include "base/fault.h"
#include "rows/rows.h"
#include "types/wire.h"

namespace gp {

// Fills fields[column * stride + i] with field `column` of row first + i, for count rows. Negative lengths other than NULL's are left to
// the decoders. Rows are within memory by the scanner's or the caller's word. Returns the rows that are well formed; fault says why
// it is fewer than count.
int indexRows(const uint8_t* memory, const RowSet& rows, size_t first, int count, int columns, Span* fields, size_t stride, Fault& fault);

}  // namespace gp

#endif
