// Bounds of long texts: cut, never wrong, never invalid UTF-8.
#include "parquet/bounds.h"

#include <limits>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;
using gp::cutBounds;

TEST("short bounds stay exact") {
  const gp::Bounds b = cutBounds("abc", "abd", 3, true);
  expect(b.min, std::string("abc"), "min");
  expect(b.max, std::string("abd"), "max");
  holds(b.minExact && b.maxExact, "exact");
}

TEST("long bounds are cut, the maximum rounded up") {
  const gp::Bounds b = cutBounds("abcdef", "abcdef", 3, true);
  expect(b.min, std::string("abc"), "min");
  expect(b.max, std::string("abd"), "max");
  holds(!b.minExact && !b.maxExact, "not exact");
}

TEST("characters are never split") {
  const std::string s = "a\xE2\x82\xAC\xE2\x82\xAC";  // a, two euro signs
  const gp::Bounds b = cutBounds(s, s, 5, true);
  expect(b.min, std::string("a\xE2\x82\xAC"), "min");
  expect(b.max, std::string("a\xE2\x82\xAD"), "max");
}

TEST("rounding up skips surrogates and passes over the last code point") {
  expect(cutBounds("", "\xED\x9F\xBFxx", 3, true).max, std::string("\xEE\x80\x80"), "U+D7FF is followed by U+E000");
  expect(cutBounds("", "a\xF4\x8F\xBF\xBFxx", 5, true).max, std::string("b"), "U+10FFFF passes the carry on");
  expect(cutBounds("", "\x7Fxx", 1, true).max, std::string("\xC2\x80"), "U+007F is followed by U+0080");
  holds(!cutBounds("", "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF", 4, true).known, "nothing is above");
}

TEST("bytes carry too") {
  expect(cutBounds("", std::string("a\xFF\xFFz"), 3, false).max, std::string("b"), "carry");
  holds(!cutBounds("", std::string("\xFF\xFF\xFFz"), 3, false).known, "nothing is above");
}

TEST("texts are ordered by unsigned bytes, a prefix before its continuation") {
  const File file = readBack({column(GP_TEXT)}, {{"\xC3\xA9"}, {"z"}, {"zz"}, {"Z"}, {"z\x01"}});
  expect(file.columns[0].statistics.at(6).bytes, std::string("Z"), "min");
  expect(file.columns[0].statistics.at(5).bytes, std::string("\xC3\xA9"), "max");
}

TEST("plain pages find their extremes among equal prefixes") {
  std::vector<Row> rows;
  for (int i = 0; i < 3000; i++) rows.push_back({"https://example.com/" + std::to_string(i * 7919 % 3000)});
  Options options;
  options.dictionary = false;
  const File file = readBack({column(GP_TEXT)}, rows, options);
  expect(file.columns[0].statistics.at(6).bytes, std::string("https://example.com/0"), "min");
  expect(file.columns[0].statistics.at(5).bytes, std::string("https://example.com/999"), "max");
}

TEST("the longest exact bound is what statistics_bytes says") {
  Options options;
  options.boundBytes = 10;
  const File file = readBack({column(GP_TEXT)}, {{"0123456789"}, {"0123456789a"}}, options);
  expect(file.columns[0].statistics.at(6).bytes, std::string("0123456789"), "min");
  expect(file.columns[0].statistics.at(5).bytes, std::string("012345678:"), "max");
  expect(file.columns[0].statistics.at(8).number, 1, "min is exact");
  expect(file.columns[0].statistics.at(7).number, 0, "max is not");
}

TEST("a page whose texts have no upper bound leaves the chunk without bounds, with and without a dictionary") {
  std::string last;
  for (int i = 0; i < 20; i++) last += "\xF4\x8F\xBF\xBF";
  for (const bool dictionary : {true, false}) {
    std::vector<Row> rows = {{last}};
    for (int i = 0; i < 60000; i++) rows.push_back({"value " + std::to_string(i % 50)});
    Options options;
    options.dictionary = dictionary;
    options.pageBytes = 4096;
    const File file = readBack({column(GP_TEXT)}, rows, options);
    holds(!file.columns[0].statistics.has(5) && !file.columns[0].statistics.has(6), "no bounds");
    holds(file.columns[0].statistics.at(3).number == 0, "no NULLs");
  }
}

TEST("one NaN among many pages leaves the chunk without bounds, with and without a dictionary") {
  for (const bool dictionary : {true, false}) {
    std::vector<Row> rows;
    for (int i = 0; i < 60000; i++) rows.push_back({float8(i == 30000 ? std::numeric_limits<double>::quiet_NaN() : i % 50)});
    Options options;
    options.dictionary = dictionary;
    options.pageBytes = 4096;
    const File file = readBack({column(GP_FLOAT8)}, rows, options);
    holds(!file.columns[0].statistics.has(5) && !file.columns[0].statistics.has(6), "no bounds");
    holds(!file.columns[0].columnIndex, "no column index");
    rows[30000] = {float8(1)};
    const File whole = readBack({column(GP_FLOAT8)}, rows, options);
    holds(whole.columns[0].statistics.has(5) && whole.columns[0].columnIndex, "bounds without it");
  }
}
