// A tuple's stored attributes (heaptuple.c, heap_deform_tuple; varatt.h). No byte is trusted: every length is held against the
// tuple's end.
#ifndef GPUPARSER_PAGES_TUPLE_H
#define GPUPARSER_PAGES_TUPLE_H

#include "pages/visibility.h"

namespace gp {

// How one attribute of a relation lies in its tuples.
struct Step {
  int32_t length;  // attlen: bytes, or kVarlena or kCString
  uint32_t align;  // 1, 2, 4 or 8, less 1
  int32_t column;  // that it is for, or kWalked
};
constexpr int32_t kVarlena = -1, kCString = -2, kWalked = -1;

// Lengths of fields that are not their bytes. Real ones are at most INT32_MAX, and kNullLength is above all.
constexpr uint32_t kCompressedLength = UINT32_MAX - 1;  // start: of the datum, with its header
constexpr uint32_t kMissingLength = UINT32_MAX - 2;     // the tuple is older than the attribute

GP_HD inline bool isMarked(uint32_t length) { return length == kCompressedLength || length == kMissingLength; }

constexpr uint32_t kToastPointer = 18, kOnDiskTag = 18;
constexpr uint32_t kCompressedHead = 8;  // length word, then raw size and method
constexpr uint32_t kRawSize = 0x3FFFFFFF;

// The datum at `at`, before end, aligned by align where it is not a short one. Returns where it ends, 0 where it is not within the
// tuple. external: it is a pointer into the TOAST table.
GP_HD inline uint64_t readVarlena(const uint8_t* memory, uint64_t at, uint64_t end, uint32_t align, Span& value, bool& external) {
  if (at >= end) return 0;
  if (memory[at] == 0) at = (at + align) & ~uint64_t{align};  // a byte of padding; else it begins here, aligned or short
  if (at >= end) return 0;
  const uint8_t head = memory[at];
  uint64_t next;
  if (head & 1) {
    external = head == 1;
    next = at + (external ? kToastPointer : head >> 1);
    value = {static_cast<uint32_t>(at + 1), (head >> 1) - 1u};
    if (external && (next > end || memory[at + 1] != kOnDiskTag)) return 0;
  } else {
    if (at + 4 > end) return 0;
    const uint32_t length = LittleEndian::load32(memory + at) >> 2;
    next = at + length;
    const bool compressed = (head & 2) != 0;
    if (length < (compressed ? kCompressedHead : 4)) return 0;
    value = compressed ? Span{static_cast<uint32_t>(at), kCompressedLength} : Span{static_cast<uint32_t>(at + 4), length - 4};
  }
  return next <= end ? next : 0;
}

struct TupleHead {
  uint16_t natts;
  uint16_t mask;
  uint8_t dataAt;
};

GP_HD inline bool readHead(const uint8_t* tuple, uint32_t length, TupleHead& head) {
  head = {static_cast<uint16_t>(LittleEndian::load16(tuple + 18) & 0x7FF), LittleEndian::load16(tuple + 20), tuple[22]};
  const uint32_t bitmap = head.mask & kHasNull ? (head.natts + 7u) / 8 : 0;
  return head.dataAt % 8 == 0 && head.dataAt >= kTupleHead + bitmap && head.dataAt <= length;
}

// Fields of one tuple: put(step, field) for each of `count` steps. Returns GP_PAGE_MVCC where all is well, GP_PAGE_TOAST where a
// column's value is in the TOAST table, GP_PAGE_DAMAGED.
template <class Put>
GP_HD gp_page_state readTuple(const uint8_t* memory, const Tuple& tuple, const Step* steps, int count, Put&& put) {
  const uint8_t* bytes = memory + tuple.start;
  TupleHead head;
  if (!readHead(bytes, tuple.length, head) || head.natts > count) return GP_PAGE_DAMAGED;
  const uint64_t end = uint64_t{tuple.start} + tuple.length;
  uint64_t at = tuple.start + head.dataAt;
  bool toast = false;
  for (int i = 0; i < count; i++) {
    const Step& step = steps[i];
    if (i >= head.natts) {
      put(step, Span{0, kMissingLength});
      continue;
    }
    if (head.mask & kHasNull && !(bytes[kTupleHead + i / 8] >> (i % 8) & 1)) {
      put(step, Span{0, kNullLength});
      continue;
    }
    Span field;
    if (step.length == kVarlena) {
      bool external = false;
      at = readVarlena(memory, at, end, step.align, field, external);
      if (at == 0) return GP_PAGE_DAMAGED;
      toast = toast || (external && step.column != kWalked);
    } else {
      at = (at + step.align) & ~uint64_t{step.align};
      field.start = static_cast<uint32_t>(at);
      if (step.length == kCString) {
        while (at < end && memory[at] != 0) at++;
        if (at >= end) return GP_PAGE_DAMAGED;
        field.length = static_cast<uint32_t>(at++) - field.start;
      } else {
        field.length = static_cast<uint32_t>(step.length);
        at += field.length;
        if (at > end) return GP_PAGE_DAMAGED;
      }
    }
    put(step, field);
  }
  return toast ? GP_PAGE_TOAST : GP_PAGE_MVCC;
}

}  // namespace gp

#endif
