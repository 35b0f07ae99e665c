// Walks over the values of nested.h, for both engines: what one accepts the other does. Nothing behind a field's own end is read,
// whatever its bytes say.
#ifndef GPUPARSER_TYPES_NESTED_WALK_H
#define GPUPARSER_TYPES_NESTED_WALK_H

#include "types/nested.h"

namespace gp {

// The bytes of one field, consumed from the front.
class FieldReader {
 public:
  // field: not NULL, and of a length that is not negative.
  GP_HD FieldReader(const uint8_t* slot, Span field) : slot_(slot), at_(field.start), end_(at_ + field.length) {}
  GP_HD uint64_t left() const { return end_ - at_; }
  GP_HD const uint8_t* data() const { return slot_ + at_; }
  GP_HD uint32_t at() const { return static_cast<uint32_t>(at_); }
  GP_HD void skip(uint64_t bytes) { at_ += bytes; }
  // The next element, behind which at is afterwards. False where it runs past the end.
  GP_HD bool element(Span& field) {
    if (left() < 4) return false;
    const auto length = static_cast<int32_t>(load32(slot_ + at_));
    at_ += 4;
    field = {static_cast<uint32_t>(at_), static_cast<uint32_t>(length)};
    if (length < -1 || (length > 0 && static_cast<uint64_t>(length) > left())) return false;
    if (length > 0) at_ += static_cast<uint64_t>(length);
    return true;
  }
  // Likewise, of an element that may not be NULL.
  GP_HD bool value(Span& field) { return element(field) && field.length != kNullLength; }

 private:
  const uint8_t* slot_;
  uint64_t at_;
  uint64_t end_;
};

// Whether a column of so many dimensions can hold the array: an empty one always, others where they begin at 1.
GP_HD inline bool arrayFits(const ArrayHeader& h, int dimensions) {
  if (h.elements == 0) return true;
  if (h.dimensions != dimensions) return false;
  for (int d = 0; d < dimensions; d++) {
    if (h.lower[d] != 1) return false;
  }
  return true;
}

// The count that hstore and multiranges begin with; each of what it counts takes `least` bytes or more.
GP_HD inline bool readCount(FieldReader& reader, uint32_t least, uint32_t& count) {
  if (reader.left() < 4) return false;
  count = load32(reader.data());
  reader.skip(4);
  return count == 0 ? reader.left() == 0 : count <= reader.left() / least;
}
constexpr uint32_t kLeastPair = 8, kLeastRange = 4;

// The next pair of an hstore.
GP_HD inline bool readPair(FieldReader& reader, Span& key, Span& value) { return reader.value(key) && reader.element(value); }

// fields[m * stride] = member m. False for a value of another form or with another number of members.
GP_HD inline bool readRecord(FieldReader reader, uint32_t members, Span* fields, size_t stride) {
  if (reader.left() < kRecordHeader || load32(reader.data()) != members) return false;
  reader.skip(kRecordHeader);
  for (uint32_t m = 0; m < members; m++) {
    if (reader.left() < kMemberType) return false;
    reader.skip(kMemberType);
    if (!reader.element(fields[m * stride])) return false;
  }
  return reader.left() == 0;
}

struct RangeParts {
  uint8_t flags;
  bool there[2];  // the lower bound, the upper one
  Span bounds[2];
};

GP_HD inline bool readRange(FieldReader reader, RangeParts& range) {
  if (reader.left() < 1) return false;
  range.flags = *reader.data();
  reader.skip(1);
  range.there[0] = hasLower(range.flags);
  range.there[1] = hasUpper(range.flags);
  for (int s = 0; s < 2; s++) {
    if (range.there[s] && !reader.value(range.bounds[s])) return false;
  }
  return reader.left() == 0;
}

// The number of a vector's floats, each of `width` bytes, at the first of which the reader is afterwards.
GP_HD inline bool readVector(FieldReader& reader, uint32_t width, uint32_t& count) {
  const uint64_t bytes = reader.left();
  if (bytes < kVectorHeader) return false;
  count = load16(reader.data());
  reader.skip(kVectorHeader);
  return count <= INT16_MAX && bytes == kVectorHeader + uint64_t{width} * count;
}

}  // namespace gp

#endif
