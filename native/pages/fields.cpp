#include "pages/fields.h"

#include <cstddef>

namespace gp {
namespace {

// In one store, where the compiler makes two of the assignment of both.
void put(Span* field, uint64_t start, uint32_t length) {
  const uint64_t both = start | static_cast<uint64_t>(length) << 32;
  static_assert(sizeof both == sizeof *field && offsetof(Span, length) == 4);
  std::memcpy(static_cast<void*>(field), &both, sizeof both);
}

// Four tuples side by side, as rows are (rows/fields.cpp): what the chain of lengths of one tuple waits for, four chains at once fill.
// Only tuples with every attribute and without NULLs. False where one is another or not well formed.
bool indexFour(const uint8_t* memory, const Tuple* tuples, const Layout& layout, const FieldTable& table, size_t row) {
  uint64_t at[4], end[4];
  bool fine = true;
  for (size_t r = 0; r < 4; r++) {
    const Tuple& tuple = tuples[r];
    TupleHead head;
    fine &= readHead(memory + tuple.start, tuple.length, head);
    fine &= head.natts == layout.steps.size() && !(head.mask & kHasNull);
    at[r] = uint64_t{tuple.start} + head.dataAt;
    end[r] = uint64_t{tuple.start} + tuple.length;
  }
  if (!fine) return false;
  for (const Step& step : layout.steps) {
    const uint64_t align = step.align;
    Span* out = step.column == kWalked ? nullptr : table.fields + static_cast<size_t>(step.column) * table.stride + row;
    if (step.length > 0) {
      for (size_t r = 0; r < 4; r++) {
        at[r] = (at[r] + align) & ~align;
        if (out != nullptr) put(out + r, at[r], static_cast<uint32_t>(step.length));
        at[r] += static_cast<uint32_t>(step.length);  // held against the end below: it only grows
      }
      continue;
    }
    if (step.length == kCString) return false;
    for (size_t r = 0; r < 4; r++) {
      if (at[r] >= end[r]) [[unlikely]]
        return false;
      const uint32_t head = memory[at[r]];
      if ((head & 1) && head != 1) [[likely]] {
        if (out != nullptr) put(out + r, at[r] + 1, (head >> 1) - 1);
        at[r] += head >> 1;
        continue;
      }
      bool external = false;
      Span field;
      at[r] = readVarlena(memory, at[r], end[r], step.align, field, external);
      if (at[r] == 0 || external) return false;
      if (out == nullptr) continue;
      put(out + r, field.start, field.length);
      if (isMarked(field.length)) table.marks[step.column] = 1;
    }
  }
  return at[0] <= end[0] && at[1] <= end[1] && at[2] <= end[2] && at[3] <= end[3];
}

gp_page_state indexOne(const uint8_t* memory, const Tuple& tuple, const Layout& layout, const FieldTable& table, size_t row) {
  return readTuple(memory, tuple, layout.steps.data(), static_cast<int>(layout.steps.size()), [&](const Step& step, Span field) {
    if (step.column == kWalked) return;
    const auto column = static_cast<size_t>(step.column);
    if (field.length == kMissingLength && !layout.columns[column].missing) field.length = kNullLength;
    put(table.fields + column * table.stride + row, field.start, field.length);
    if (isMarked(field.length)) table.marks[column] = 1;
  });
}

}  // namespace

gp_page_state indexTuples(const uint8_t* memory, const Tuple* tuples, size_t first, size_t end, const Layout& layout,
                          const FieldTable& table) {
  size_t i = first;
  while (i < end) {
    if (i + 4 <= end && indexFour(memory, tuples + i, layout, table, i)) {
      i += 4;
      continue;
    }
    for (const size_t last = i + 4 < end ? i + 4 : end; i < last; i++) {
      const gp_page_state state = indexOne(memory, tuples[i], layout, table, i);
      if (state != GP_PAGE_MVCC) return state;
    }
  }
  return GP_PAGE_MVCC;
}

gp_page_state checkTuple(const uint8_t* memory, const Tuple& tuple, const Layout& layout) {
  return readTuple(memory, tuple, layout.steps.data(), static_cast<int>(layout.steps.size()), [](const Step&, Span) {});
}

}  // namespace gp
