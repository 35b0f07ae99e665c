// Every kind at its limits, and NULL: wire bytes in, Parquet's plain bytes out.
#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>

#include "test/support/harness.h"
#include "test/support/run.h"
#include "types/datetime.h"

using namespace gp::test;

namespace {

template <class T>
std::string little(T v) {
  return std::string(reinterpret_cast<const char*>(&v), sizeof v);
}

// All values of a kind through one file, with a NULL after each, in every codec and with and without dictionary.
void travels(const gp_column& c, const std::vector<std::pair<std::string, std::string>>& values) {
  std::vector<Row> rows;
  for (const auto& [wire, wanted] : values) {
    rows.push_back({wire});
    rows.push_back({Field()});
  }
  for (const int codec : {GP_NONE, GP_SNAPPY, GP_ZSTD, GP_LZ4_RAW}) {
    for (const bool dictionary : {false, true}) {
      Options options;
      options.codec = codec;
      options.dictionary = dictionary;
      const File file = readBack({c}, rows, options);
      for (size_t i = 0; i < values.size(); i++) {
        holds(file.columns[0].values[2 * i].has_value(), "a value is there");
        expect(*file.columns[0].values[2 * i], values[i].second, "value " + std::to_string(i) + " of kind " + std::to_string(c.kind));
        holds(!file.columns[0].values[2 * i + 1].has_value(), "NULL stays NULL");
      }
    }
  }
}

void same(const gp_column& c, const std::vector<std::string>& values) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& v : values) pairs.push_back({v, v});
  travels(c, pairs);
}

}  // namespace

TEST("bool") { same(column(GP_BOOL), {std::string(1, 0), std::string(1, 1)}); }
TEST("a bool byte other than 0 and 1 is refused") {
  expect(refused(column(GP_BOOL), "\2").code, static_cast<int32_t>(GP_PROTOCOL), "code");
}
TEST("int2") {
  travels(column(GP_INT2), {{int2(0), little<int32_t>(0)},
                            {int2(-32768), little<int32_t>(-32768)},
                            {int2(32767), little<int32_t>(32767)},
                            {int2(-1), little<int32_t>(-1)}});
}
TEST("int4, oid and float4 keep their bits") {
  for (const int kind : {GP_INT4, GP_OID, GP_FLOAT4}) {
    for (const uint32_t v : {0u, 1u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu, 0x7F800000u, 0xFF800000u, 0x00000001u}) {
      travels(column(kind), {{int4(v), little(v)}});
    }
  }
}
TEST("int8 and float8 keep their bits") {
  for (const int kind : {GP_INT8, GP_FLOAT8}) {
    for (const uint64_t v : {uint64_t{0}, uint64_t{1}, UINT64_MAX, uint64_t{INT64_MAX}, uint64_t{1} << 63, uint64_t{0x7FF0000000000000},
                             uint64_t{0x7FF8000000000001}}) {
      travels(column(kind), {{int8(static_cast<int64_t>(v)), little(v)}});
    }
  }
}
TEST("float statistics cover both zeros") {
  const File file = readBack({column(GP_FLOAT8)}, {{float8(0.0)}, {std::nullopt}, {float8(-0.0)}});
  expect(file.columns[0].statistics.at(6).bytes, little(-0.0), "minimum");
  expect(file.columns[0].statistics.at(5).bytes, little(0.0), "maximum");
  const File negative = readBack({column(GP_FLOAT4)}, {{float4(-0.0f)}, {float4(-1.0f)}});
  expect(negative.columns[0].statistics.at(5).bytes, little(0.0f), "maximum");
  holds(file.columns[0].columnIndex, "a column index is there");
}
TEST("a chunk with a NaN has no bounds and no column index: some readers hold NaN for the largest value, some for none") {
  for (const double other : {double{NAN}, 1.5}) {
    const File file = readBack({column(GP_FLOAT8), column(GP_FLOAT4)}, {{float8(NAN), float4(NAN)}, {float8(other), float4(1)}});
    for (const ColumnRead& c : file.columns) holds(!c.statistics.has(5) && !c.statistics.has(6) && !c.columnIndex, "no bounds");
  }
}
TEST("infinities are bounds") {
  const File file = readBack({column(GP_FLOAT8)}, {{float8(-INFINITY)}, {float8(INFINITY)}});
  expect(file.columns[0].statistics.at(6).bytes, little(-INFINITY * 1.0), "minimum");
}
TEST("money becomes 16 big-endian bytes") {
  travels(column(GP_MONEY, false, 0, 2), {{int8(0), std::string(16, 0)},
                                          {int8(-1), std::string(16, '\xFF')},
                                          {int8(INT64_MAX), std::string(8, 0) + big(INT64_MAX, 8)},
                                          {int8(INT64_MIN), std::string(8, '\xFF') + big(uint64_t{1} << 63, 8)}});
}
TEST("uuid keeps its order of bytes") { same(column(GP_UUID), {"0123456789abcdef", std::string(16, 0), std::string(16, '\xFF')}); }
TEST("text, from empty to long, keeps every byte") {
  std::vector<std::string> values = {"", "a", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"};
  for (size_t n = 0; n < 70; n++) values.push_back(std::string(n, static_cast<char>('a' + n % 26)));
  values.push_back(std::string(100000, 'z'));
  same(column(GP_TEXT), values);
  same(column(GP_BYTEA), values);
}
TEST("texts that differ in one byte, or only in trailing zeros, stay apart in a dictionary") {
  std::vector<std::string> values;
  for (size_t n : {1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 64}) {
    for (size_t i = 0; i < n; i++) {
      std::string s(n, 'x');
      s[i] = '\0';
      values.push_back(s);
    }
    values.push_back(std::string(n, '\0'));
  }
  same(column(GP_BYTEA), values);
}
TEST("jsonb loses its version byte and another version is refused") {
  travels(column(GP_JSONB), {{"\1{}", "{}"}, {"\1", ""}, {"\1[1, 2]", "[1, 2]"}});
  contains(refused(column(GP_JSONB), "\2{}").message, "jsonb version 2");
  contains(refused(column(GP_JSONB), "").message, "a field of 0 bytes");
}
TEST("\"char\": a zero byte is the empty string, a high byte is refused") {
  travels(column(GP_CHAR), {{"a", "a"}, {std::string(1, 0), ""}, {"\x7F", "\x7F"}});
  const gp_status status = refused(column(GP_CHAR), "\x80");
  expect(status.code, static_cast<int32_t>(GP_VALUE), "code");
  expect(status.reason, static_cast<int32_t>(GP_REASON_UTF8), "reason");
  contains(status.message, "128");
}
TEST("bytes become UTF-8, with U+FFFD for each maximal part that is none") {
  const std::string r = "\xEF\xBF\xBD";
  gp_column c = column(GP_UTF8);
  c.logical = GP_LOGICAL_STRING;
  travels(c, {{"", ""},
              {"plain ascii, longer than eight", "plain ascii, longer than eight"},
              {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
              {"\xE9", r},
              {"caf\xE9 latin", "caf" + r + " latin"},
              {"12345678\xFF"
               "12345678",
               "12345678" + r + "12345678"},
              {"\xE2\x82", r},  // cut off
              {"\xE2\x82(", r + "("},
              {"\xC0\xAF", r + r},  // too long a form
              {"\xE0\x80\x80", r + r + r},
              {"\xED\xA0\x80", r + r + r},  // a surrogate
              {"\xF0\x90\x80", r},
              {"\xF4\x90\x80\x80", r + r + r + r},  // beyond U+10FFFF
              {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
              {std::string(100, '\xFE'), [&] {
                 std::string all;
                 for (int i = 0; i < 100; i++) all += r;
                 return all;
               }()}});
}
TEST("date") {
  travels(column(GP_DATE), {{int4(0), little<int32_t>(10957)},
                            {int4(-10957), little<int32_t>(0)},
                            {int4(gp::kLastDate), little<int32_t>(2145042905)},
                            {int4(gp::kFirstDate), little<int32_t>(-2440588)}});
}
TEST("timestamp and timestamptz") {
  for (const int kind : {GP_TIMESTAMP, GP_TIMESTAMPTZ}) {
    travels(column(kind), {{int8(0), little<int64_t>(946684800000000)},
                           {int8(gp::kLastTimestamp), little<int64_t>(INT64_MAX)},
                           {int8(gp::kFirstTimestamp), little<int64_t>(-210866803200000000)}});
  }
}
TEST("time") { travels(column(GP_TIME), {{int8(0), little<int64_t>(0)}, {int8(86399999999), little<int64_t>(86399999999)}}); }
TEST("a time that no server sends is refused") {
  expect(refused(column(GP_TIME), int8(-1)).code, static_cast<int32_t>(GP_PROTOCOL), "code");
  expect(refused(column(GP_TIME), int8(86400000001)).code, static_cast<int32_t>(GP_PROTOCOL), "code");
}
TEST("interval becomes three leaves under one group") {
  const File file =
      readBack({column(GP_INTERVAL)}, {{int8(5) + int4(-6) + int4(7)}, {Field()}, {int8(INT64_MIN) + int4(INT32_MAX) + int4(INT32_MIN)}});
  expect(file.columns.size(), size_t{3}, "leaves");
  expect(file.columns[0].path, std::string("c0.months"), "path");
  expect(*file.columns[0].values[0], little<int32_t>(7), "months");
  expect(*file.columns[1].values[0], little<int32_t>(-6), "days");
  expect(*file.columns[2].values[0], little<int64_t>(5), "microseconds");
  for (const auto& leaf : file.columns) holds(!leaf.values[1], "NULL");
  expect(*file.columns[2].values[2], little<int64_t>(INT64_MIN), "microseconds");
  const File required = readBack({column(GP_INTERVAL, true)}, {{int8(1) + int4(2) + int4(3)}});
  expect(*required.columns[1].values[0], little<int32_t>(2), "days");
}
TEST("a NULL in a required column is refused in every kind") {
  for (int kind = GP_BOOL; kind <= GP_GEOMETRY; kind++) {
    const gp_status status = refused(column(kind, true, kind == GP_DECIMAL ? 10 : 0, 2), Field());
    expect(status.code, static_cast<int32_t>(GP_NULL), "code of kind " + std::to_string(kind));
    expect(status.row, 0, "row");
  }
}
TEST("column types are annotated in the schema") {
  const std::vector<gp_column> all = {column(GP_BOOL), column(GP_INT2),        column(GP_OID),   column(GP_DECIMAL, true, 38, 5),
                                      column(GP_UUID), column(GP_TIMESTAMPTZ), column(GP_JSONB), column(GP_BYTEA)};
  Row row = {std::string(1, 1), int2(1), int4(1), numeric("1.5"), std::string(16, 'u'), int8(1), "\1{}", "b"};
  const File file = readBack(all, {row});
  const std::vector<Thing>& s = file.footer.at(2).list;
  expect(s[2].at(10).at(10).at(1).number, 16, "bit width of int2");
  expect(s[3].at(10).at(10).at(2).number, 0, "oid is unsigned");
  expect(s[4].at(2).number, 16, "bytes of a wide decimal");
  expect(s[4].at(3).number, 0, "required");
  expect(s[4].at(10).at(5).at(2).number, 38, "precision");
  holds(s[5].at(10).has(14), "uuid");
  expect(s[6].at(10).at(8).at(1).number, 1, "timestamptz is adjusted to UTC");
  holds(s[7].at(10).has(12), "json");
  holds(!s[8].has(10) && !s[8].has(6), "bytea has no annotation");
}
