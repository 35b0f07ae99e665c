// Rows that a caller has in memory, as the ABI takes them.
#ifndef GPUPARSER_ABI_ROWS_H
#define GPUPARSER_ABI_ROWS_H

#include "abi/guard.h"
#include "rows/rows.h"

namespace gp::abi {

// Throws Fault (GP_USAGE) where a row is not within memory[kRowHead, bytes).
inline RowSet rowsInMemory(int64_t bytes, const uint32_t* starts, const uint32_t* ends, int64_t count) {
  require(bytes >= 0 && bytes <= INT64_C(0xFFFFFFFF), "bytes must be under 4 GiB");
  require(count >= 0 && (count == 0 || (starts != nullptr && ends != nullptr)), "starts or ends is missing, or count negative");
  const auto rows = static_cast<size_t>(count);
  RowSet out;
  out.starts.append(starts, rows);
  out.ends.append(ends, rows);
  out.readable = static_cast<uint64_t>(bytes);
  bool fine = true;
  for (size_t i = 0; i < rows; i++) {
    fine = fine && starts[i] >= kRowHead && uint64_t{starts[i]} + 2 <= ends[i] && ends[i] <= out.readable;
    out.bytes += int64_t{ends[i]} - starts[i];
  }
  require(fine, "a row is shorter than 2 bytes, begins before offset 8 or ends behind bytes");
  return out;
}

}  // namespace gp::abi

#endif
