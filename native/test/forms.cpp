// Conversions are templates over a source's form: with numbers the other way round, as a little-endian server stores them, they give
// what they give on the wire.
#include <algorithm>
#include <cstring>
#include <string>

#include "test/support/copy.h"
#include "test/support/harness.h"
#include "types/datetime.h"
#include "types/form.h"
#include "types/plain.h"

using namespace gp;
using namespace gp::test;

namespace {

struct LittleEndian {
  template <class T>
  static T load(const uint8_t* p) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }
  static uint16_t load16(const uint8_t* p) { return load<uint16_t>(p); }
  static uint32_t load32(const uint8_t* p) { return load<uint32_t>(p); }
  static uint64_t load64(const uint8_t* p) { return load<uint64_t>(p); }
};

const uint8_t* bytesOf(const std::string& field) { return reinterpret_cast<const uint8_t*>(field.data()); }

template <template <class> class Basic>
void same(const std::string& sent, std::string stored) {
  typename Basic<BigEndian>::Value wire;
  typename Basic<LittleEndian>::Value disk;
  const Trouble trouble = Basic<BigEndian>::convert(bytesOf(sent), wire);
  expect(static_cast<int>(Basic<LittleEndian>::convert(bytesOf(stored), disk)), static_cast<int>(trouble), "trouble");
  expect(std::memcmp(&wire, &disk, sizeof wire), 0, "value");
}

template <template <class> class Basic>
void sameNumber(const std::string& sent) {
  same<Basic>(sent, std::string(sent.rbegin(), sent.rend()));
}

// Weight and scale, then digits up to the value's end: no count of them, and no sign.
struct ShortNumeric {
  static Trouble header(const uint8_t* field, uint32_t length, NumericHeader& h) {
    h = {static_cast<uint16_t>((length - 4) / 2), static_cast<int16_t>(LittleEndian::load16(field)), 0, LittleEndian::load16(field + 2),
         field + 4};
    return kFine;
  }
  static uint32_t digit(const NumericHeader& h, int i) { return LittleEndian::load16(h.first + 2 * i); }
};

}  // namespace

TEST("numbers are read in the order of their source") {
  for (const int64_t v : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{0x0102030405060708}, INT64_MIN, INT64_MAX, kLastTimestamp + 1}) {
    sameNumber<BasicInt8>(int8(v));
    sameNumber<BasicMoney>(int8(v));
    sameNumber<BasicTimestamp>(int8(v));
    sameNumber<BasicTime>(int8(v));
    sameNumber<BasicInt4>(int4(v));
    sameNumber<BasicDate>(int4(v));
    sameNumber<BasicInt2>(int2(v));
    const auto stored = [](std::string s) { return std::string(s.rbegin(), s.rend()); };
    same<BasicInterval>(int8(v) + int4(v) + int4(v / 2), stored(int8(v)) + stored(int4(v)) + stored(int4(v / 2)));
  }
}

TEST("numerics of another layout give the same text and the same integer") {
  const auto shorts = [](std::initializer_list<int> values) {
    std::string out;
    for (const int v : values) out += {static_cast<char>(v), static_cast<char>(v >> 8)};
    return out;
  };
  const std::string field = shorts({1, 3, 12, 3456, 7890});  // 12 * 10^4 + 3456 + 0.789
  NumericHeader h{};
  ShortNumeric::header(bytesOf(field), static_cast<uint32_t>(field.size()), h);
  char text[32] = {};
  expect(std::string(text, numericText<ShortNumeric>(h, text)), std::string("123456.789"), "text");
  i128 v = 0;
  expect(static_cast<int>(numericToInt128<ShortNumeric>(bytesOf(field), static_cast<uint32_t>(field.size()), 12, 3, v)),
         static_cast<int>(kFine), "trouble");
  expect(static_cast<int64_t>(v), int64_t{123456789}, "integer");
}
