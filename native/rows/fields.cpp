#include "rows/fields.h"

#include <cstddef>

namespace gp {
namespace {

// Says what is wrong with one row; the fast loop only saw that something is.
void explain(const uint8_t* memory, uint32_t start, uint64_t end, int columns, Fault& fault) {
  fault.code = GP_PROTOCOL;
  const int count = load16(memory + start);
  if (count != columns) {
    fault.message = "the row has " + std::to_string(static_cast<int16_t>(count)) + " fields, the schema " + std::to_string(columns);
    return;
  }
  uint64_t at = uint64_t{start} + 2;
  for (int c = 0; c < columns; c++) {
    fault.column = c;
    if (at + 4 > end) {
      fault.message = "the row ends before this field";
      return;
    }
    const int32_t length = static_cast<int32_t>(load32(memory + at));
    at += 4 + (length < 0 ? 0 : static_cast<uint64_t>(length));
    if (at > end) {
      fault.message = "the field of " + std::to_string(length) + " bytes runs past the end of its row";
      return;
    }
  }
  fault.column = -1;
  fault.message = std::to_string(end - at) + " bytes stand behind the last field of the row";
}

}  // namespace

// In one store, where the compiler makes two of the assignment of both.
static void put(Span* field, size_t start, int32_t length) {
  const uint64_t both = start | static_cast<uint64_t>(static_cast<uint32_t>(length)) << 32;
  static_assert(sizeof both == sizeof *field && offsetof(Span, length) == 4);
  std::memcpy(static_cast<void*>(field), &both, sizeof both);
}

// Four rows side by side: the chain of lengths of one row is latency, four chains at once fill it. Returns false where a row is
// not well formed, without saying which.
static bool indexFour(const uint8_t* memory, const RowSet& rows, size_t first, int columns, Span* fields, size_t stride) {
  const uint8_t* at[4];
  const uint8_t* end[4];
  bool fine = true;
  for (size_t r = 0; r < 4; r++) {
    at[r] = memory + rows.starts[first + r];
    end[r] = memory + rows.ends[first + r];
    fine = fine && load16(at[r]) == columns;
    at[r] += 2;
  }
  if (!fine) return false;
  for (int c = 0; c < columns; c++, fields += stride) {
    for (size_t r = 0; r < 4; r++) {
      if (at[r] + 4 > end[r]) [[unlikely]]
        return false;
      const auto length = static_cast<int32_t>(load32(at[r]));
      at[r] += 4;
      put(fields + r, static_cast<size_t>(at[r] - memory), length);
      at[r] += static_cast<uint32_t>(length & ~(length >> 31));  // NULL is -1; the decoders refuse other negative lengths
    }
  }
  return at[0] == end[0] && at[1] == end[1] && at[2] == end[2] && at[3] == end[3];
}

int indexRows(const uint8_t* memory, const RowSet& rows, size_t first, int count, int columns, Span* fields, size_t stride, Fault& fault) {
  int i = 0;
  while (i + 4 <= count && indexFour(memory, rows, first + static_cast<size_t>(i), columns, fields + i, stride)) i += 4;
  for (; i < count; i++) {
    const uint32_t start = rows.starts[first + static_cast<size_t>(i)];
    const uint64_t end = rows.ends[first + static_cast<size_t>(i)];
    uint64_t at = uint64_t{start} + 2;
    Span* out = fields + i;
    bool fine = load16(memory + start) == columns;
    for (int c = 0; c < columns && fine; c++, out += stride) {
      fine = at + 4 <= end;
      if (!fine) break;
      const auto length = static_cast<int32_t>(load32(memory + at));
      *out = {static_cast<uint32_t>(at + 4), static_cast<uint32_t>(length)};
      at += 4 + static_cast<uint32_t>(length & ~(length >> 31));
    }
    if (!fine || at != end) [[unlikely]] {
      explain(memory, start, end, columns, fault);
      return i;
    }
  }
  return count;
}

}  // namespace gp
