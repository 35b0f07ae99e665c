// Wire forms of values that hold others: array, record, hstore, range, multirange, pgvector's vector and halfvec. Each of their
// elements is an int32 length (-1: NULL) and as many bytes; so elements are fields like those of a COPY row.
#ifndef GPUPARSER_TYPES_NESTED_H
#define GPUPARSER_TYPES_NESTED_H

#include "types/wire.h"

namespace gp {

// array_send: int32 dimensions, int32 flags, uint32 element type, for each dimension int32 size and int32 lower bound, elements
// in row-major order. An empty array has no dimensions.
constexpr uint32_t kArrayHeader = 12, kArrayDimension = 8;
constexpr int kMostDimensions = 6;  // MAXDIM

struct ArrayHeader {
  int dimensions;
  uint32_t sizes[kMostDimensions];
  int32_t lower[kMostDimensions];
  uint64_t elements;
  uint32_t bytes;  // of the header
};

// Reads and checks the header of an array of `length` bytes. Elements are at least 4 bytes each, so a count beyond that is refused.
GP_HD inline bool arrayHeader(const uint8_t* p, uint32_t length, ArrayHeader& h) {
  if (length < kArrayHeader || length > INT32_MAX) return false;
  const uint32_t dimensions = load32(p), flags = load32(p + 4);
  if (dimensions > static_cast<uint32_t>(kMostDimensions) || flags > 1) return false;
  h.dimensions = static_cast<int>(dimensions);
  h.bytes = kArrayHeader + kArrayDimension * dimensions;
  h.elements = dimensions == 0 ? 0 : 1;
  if (length < h.bytes) return false;
  const uint64_t most = (length - h.bytes) / 4;
  for (uint32_t d = 0; d < dimensions; d++) {
    h.sizes[d] = load32(p + kArrayHeader + kArrayDimension * d);
    h.lower[d] = static_cast<int32_t>(load32(p + kArrayHeader + kArrayDimension * d + 4));
    if (h.sizes[d] == 0 || h.sizes[d] > most) return false;
    h.elements *= h.sizes[d];
    if (h.elements > most) return false;
  }
  return dimensions > 0 || length == kArrayHeader;
}

// record_send: int32 members, then for each its uint32 type and the member.
constexpr uint32_t kRecordHeader = 4, kMemberType = 4;

// range_send: a byte of flags, then the bounds that are there (rangetypes.h).
constexpr uint8_t kRangeEmpty = 0x01, kRangeLowerInclusive = 0x02, kRangeUpperInclusive = 0x04, kRangeLowerInfinite = 0x08,
                  kRangeUpperInfinite = 0x10, kRangeLowerNull = 0x20, kRangeUpperNull = 0x40;
GP_HD inline bool hasLower(uint8_t flags) { return (flags & (kRangeEmpty | kRangeLowerInfinite | kRangeLowerNull)) == 0; }
GP_HD inline bool hasUpper(uint8_t flags) { return (flags & (kRangeEmpty | kRangeUpperInfinite | kRangeUpperNull)) == 0; }

// vector_send and halfvec_send: int16 dimensions, int16 unused, then IEEE floats of 4 or 2 bytes.
constexpr uint32_t kVectorHeader = 4;

// The bits of the float that is equal to an IEEE half.
GP_HD inline uint32_t floatFromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = half >> 10 & 31;
  uint32_t fraction = half & 0x3FF;
  if (exponent == 31) return sign | 0x7F800000 | fraction << 13;  // infinity, NaN
  if (exponent > 0) return sign | (exponent + 112) << 23 | fraction << 13;
  if (fraction == 0) return sign;
  uint32_t shifted = 113;  // subnormal: the leading one moves up to where a float implies it
  while ((fraction & 0x400) == 0) {
    fraction <<= 1;
    shifted--;
  }
  return sign | shifted << 23 | (fraction & 0x3FF) << 13;
}

}  // namespace gp

#endif
