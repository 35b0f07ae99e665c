// The form of a row, whatever its source: a stretch of its memory, with an end of its own.
#ifndef GPUPARSER_ROWS_ROWS_H
#define GPUPARSER_ROWS_ROWS_H

#include <cstdint>

#include "base/buffer.h"

namespace gp {

// Rows in one stretch of memory, a slot or the caller's own. A row is an int16 field count and its fields, each an int32 length (-1:
// NULL) and as many bytes.
struct RowSet {
  Buffer<uint32_t> starts;  // offsets in the memory
  Buffer<uint32_t> ends;    // of each row, behind its last field
  int64_t bytes = 0;        // of input: rows with what was around them
  uint64_t readable = 0;    // of the memory: no byte from there on may be read

  size_t size() const { return starts.size(); }
  bool empty() const { return starts.empty(); }
  void push(uint32_t start, uint32_t end) {
    starts.push(start);
    ends.push(end);
  }
  // Empty, keeping memory.
  void clear() {
    starts.clear();
    ends.clear();
    bytes = 0;
    readable = 0;
  }
  // Takes the other's memory where it is larger; then neither has rows.
  void recycle(RowSet& other) {
    clear();
    if (starts.capacity() >= other.starts.capacity()) return;
    starts.swap(other.starts);
    ends.swap(other.ends);
    clear();
  }
};

// Bytes before a row that can be read: decoders read whole words that end with a short text.
constexpr uint32_t kRowHead = 8;

}  // namespace gp

#endif
