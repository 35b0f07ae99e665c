// The walks over nested values that both engines use, on fields that end where their memory does: no byte behind one may be read.
#include "types/nested_walk.h"

#include <memory>

#include "test/support/harness.h"
#include "test/support/nested.h"

using namespace gp;
using namespace gp::test;

namespace {

// A field in memory of just its size, which the address sanitizer guards.
class Slot {
 public:
  explicit Slot(const std::string& field) : size_(static_cast<uint32_t>(field.size())), bytes_(std::make_unique<uint8_t[]>(size_)) {
    std::copy(field.begin(), field.end(), bytes_.get());
  }
  FieldReader reader() const { return FieldReader(bytes_.get(), {0, size_}); }
  std::string text(Span field) const { return {reinterpret_cast<const char*>(bytes_.get()) + field.start, field.length}; }

 private:
  uint32_t size_;
  std::unique_ptr<uint8_t[]> bytes_;
};

bool isArray(const std::string& field, int dimensions) {
  const Slot slot(field);
  FieldReader reader = slot.reader();
  ArrayHeader h;
  if (!arrayHeader(reader.data(), static_cast<uint32_t>(reader.left()), h) || !arrayFits(h, dimensions)) return false;
  reader.skip(h.bytes);
  Span at;
  for (uint64_t i = 0; i < h.elements; i++) {
    if (!reader.element(at)) return false;
  }
  return reader.left() == 0;
}

bool isHstore(const std::string& field) {
  const Slot slot(field);
  FieldReader reader = slot.reader();
  uint32_t count;
  Span key, value;
  if (!readCount(reader, kLeastPair, count)) return false;
  for (uint32_t i = 0; i < count; i++) {
    if (!readPair(reader, key, value)) return false;
  }
  return reader.left() == 0;
}

bool isMultirange(const std::string& field) {
  const Slot slot(field);
  FieldReader reader = slot.reader();
  uint32_t count;
  Span at;
  if (!readCount(reader, kLeastRange, count)) return false;
  for (uint32_t i = 0; i < count; i++) {
    if (!reader.value(at)) return false;
  }
  return reader.left() == 0;
}

bool isRecord(const std::string& field, uint32_t members) {
  const Slot slot(field);
  std::vector<Span> fields(members);
  return readRecord(slot.reader(), members, fields.data(), 1);
}

bool isRange(const std::string& field) {
  const Slot slot(field);
  RangeParts parts;
  return readRange(slot.reader(), parts);
}

bool isVector(const std::string& field, uint32_t width) {
  const Slot slot(field);
  FieldReader reader = slot.reader();
  uint32_t count;
  return readVector(reader, width, count);
}

// A value is one of its kind; none of its beginnings is, and none with a byte more.
template <class F>
void whole(const std::string& field, F&& is, const std::string& what) {
  holds(is(field), what);
  for (size_t length = 0; length < field.size(); length++) holds(!is(field.substr(0, length)), what + " cut to " + std::to_string(length));
  holds(!is(field + '\0'), what + " with a byte more");
}

}  // namespace

TEST("values of nested kinds are whole or refused, and nothing behind them is read") {
  const auto array1 = [](const std::string& f) { return isArray(f, 1); };
  whole(array({int4(1), Field(), int4(3)}), array1, "array");
  whole(array(std::vector<Field>{}), array1, "empty array");
  whole(array({2, 3}, {"a", "b", "", Field(), "e", "f"}), [](const std::string& f) { return isArray(f, 2); }, "2 dimensions");
  whole(record({int4(1), Field(), "text"}), [](const std::string& f) { return isRecord(f, 3); }, "record");
  whole(hstore({{"k", "v"}, {"", Field()}}), isHstore, "hstore");
  whole(hstore({}), isHstore, "empty hstore");
  whole(range(0, {int4(1), int4(2)}), isRange, "range");
  whole(range(kRangeEmpty, {}), isRange, "empty range");
  whole(range(kRangeLowerInfinite, {int4(2)}), isRange, "range without a lower bound");
  whole(multirange({range(0, {int4(1), int4(2)}), range(kRangeUpperInfinite, {int4(9)})}), isMultirange, "multirange");
  whole(vectorOf({1.5F, -0.0F}), [](const std::string& f) { return isVector(f, 4); }, "vector");
  whole(halfvec({1, 2, 3}), [](const std::string& f) { return isVector(f, 2); }, "halfvec");
}

TEST("an array's dimensions and lower bounds must be the column's") {
  holds(!isArray(array({2, 2}, {"a", "b", "c", "d"}), 1), "two for one");
  holds(!isArray(array({"a"}), 2), "one for two");
  holds(isArray(array(std::vector<Field>{}), 2), "an empty array has none");
  holds(!isArray(array({2}, {"a", "b"}, {0}), 1), "a lower bound of 0");
  holds(!isArray(int4(1) + int4(0) + int4(0) + int4(0x7FFFFFFF) + int4(1), 1), "more elements than bytes");
  holds(!isArray(int4(2) + int4(0) + int4(0) + int4(0x10000) + int4(1) + int4(0x10000) + int4(1), 2), "a product of 2^32");
  holds(!isArray(int4(7) + int4(0) + int4(0), 7), "seven dimensions");
}

TEST("counts beyond what the bytes can hold are refused before anything is made of them") {
  for (const int64_t count : {int64_t{1}, int64_t{0x40000000}, int64_t{0x7FFFFFFF}, int64_t{0xFFFFFFFF}}) {
    holds(!isHstore(int4(count)), "hstore");
    holds(!isMultirange(int4(count) + std::string(3, '\0')), "multirange");
  }
  holds(!isVector(int2(-1) + int2(0), 4), "a negative dimension");
}

TEST("a key, a range and a bound may not be NULL, a value may") {
  holds(!isHstore(int4(1) + element(Field()) + element("v")), "key");
  holds(isHstore(int4(1) + element("k") + element(Field())), "value");
  holds(!isMultirange(int4(1) + element(Field()) + std::string(4, 'x')), "range");
  holds(!isRange(std::string(1, '\0') + element(Field()) + element(int4(1))), "bound");
}

TEST("members are found in order, whatever their bytes look like") {
  const std::string trap = record({int4(5), int4(6)});
  const Slot slot(record({trap, Field(), "x"}));
  Span fields[6] = {};
  holds(readRecord(slot.reader(), 3, fields, 2), "read");
  expect(slot.text(fields[0]), trap, "the first");
  expect(fields[2].length, kNullLength, "the second");
  expect(slot.text(fields[4]), "x", "the third");
  holds(!isRecord(record({"a"}), 2), "another number of members");
}
