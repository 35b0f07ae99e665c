// Pass 1: where each field of each row lies.
#ifndef GPUPARSER_ROWS_ROWS_H
#define GPUPARSER_ROWS_ROWS_H

#include <cstdint>

#include "base/buffer.h"
#include "base/fault.h"
#include "types/wire.h"

namespace gp {

// Rows that a stream found in a slot. A row begins with its int16 field count and ends where its CopyData message ends; the
// message's length stands 4 bytes before the row, but for the row behind the COPY header.
struct SlotRows {
  Buffer<uint32_t> starts;
  int64_t firstEnd = -1;  // end of starts[0] where it stands behind the COPY header, else -1
  int64_t bytes = 0;      // of the messages
};

inline uint64_t rowEnd(const uint8_t* slot, const SlotRows& rows, size_t row) {
  if (row == 0 && rows.firstEnd >= 0) return static_cast<uint64_t>(rows.firstEnd);
  const uint32_t start = rows.starts[row];
  return uint64_t{start} - 4 + load32(slot + start - 4);
}

// Fills fields[column * stride + i] with the slot offset of the length word of column `column` in row first + i, for count rows.
// Rows are within the slot by the stream's word. Returns the rows that are well formed; fault says why it is fewer than count.
int indexRows(const uint8_t* slot, const SlotRows& rows, size_t first, int count, int columns, uint32_t* fields, size_t stride,
              Fault& fault);

}  // namespace gp

#endif
