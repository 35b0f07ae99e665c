// Dictionaries: when they are kept, given up, and what stays true either way.
#include <cstring>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

uint64_t scattered(uint64_t i) {
  i ^= i >> 33;
  i *= 0xFF51AFD7ED558CCDu;
  i ^= i >> 33;
  i *= 0xC4CEB9FE1A85EC53u;
  return i ^ i >> 33;
}

template <class T>
std::string little(T v) {
  return std::string(reinterpret_cast<const char*>(&v), sizeof v);
}

void distinct(size_t rows, size_t values, bool wanted) {
  std::vector<Row> input;
  for (size_t i = 0; i < rows; i++) {
    const uint64_t v = scattered(i) % values;
    input.push_back({int8(static_cast<int64_t>(scattered(v))), "value number " + std::to_string(scattered(v)),
                     big(scattered(v), 8) + big(v, 8), i % 5 ? Field(int4(static_cast<int64_t>(v))) : Field()});
  }
  const File file = readBack({column(GP_INT8, true), column(GP_TEXT, true), column(GP_UUID, true), column(GP_INT4)}, input);
  for (size_t c = 0; c < 3; c++)
    expect(
        file.columns[c].dictionary, wanted,
        "dictionary of column " + std::to_string(c) + " with " + std::to_string(values) + " values in " + std::to_string(rows) + " rows");
  for (size_t i = 0; i < rows; i++) {
    const uint64_t v = scattered(i) % values;
    expect(*file.columns[0].values[i], little<uint64_t>(scattered(v)), "row " + std::to_string(i));
    expect(*file.columns[1].values[i], "value number " + std::to_string(scattered(v)), "row " + std::to_string(i));
    expect(*file.columns[2].values[i], big(scattered(v), 8) + big(v, 8), "row " + std::to_string(i));
    expect(file.columns[3].values[i].has_value(), i % 5 != 0, "row " + std::to_string(i));
    if (i % 5) expect(*file.columns[3].values[i], little<int32_t>(static_cast<int32_t>(v)), "row " + std::to_string(i));
  }
}

}  // namespace

TEST("few values keep a dictionary") {
  distinct(1000, 3, true);
  distinct(20000, 100, true);
  distinct(60000, 2000, true);
}

TEST("unique values give it up, at whatever size that shows") {
  distinct(1000, 1u << 31, false);
  distinct(4096, 1u << 31, false);
  distinct(4097, 1u << 31, false);
  distinct(8192, 1u << 31, false);
  distinct(50000, 1u << 31, false);
}

TEST("a dictionary that grows over its limit is given up without losing a value") {
  std::vector<Row> input;
  for (size_t i = 0; i < 9000; i++) input.push_back({std::to_string(i < 8000 ? i % 10 : i) + std::string(i < 8000 ? 5 : 3000, 'v')});
  const File file = readBack({column(GP_TEXT)}, input);
  holds(!file.columns[0].dictionary, "given up");
  for (size_t i = 0; i < 9000; i++) expect(*file.columns[0].values[i], *input[i][0], "row " + std::to_string(i));
}

TEST("texts wait for their dictionary in any sizes, NULLs among them, and none is lost") {
  // 256 KiB may wait: each time they are reached at another value, or by one value alone.
  for (const size_t length : {size_t{30}, size_t{60}, size_t{64}, size_t{1020}, size_t{300000}}) {
    for (const size_t values : {size_t{3}, size_t{1} << 31}) {
      std::vector<Row> input;
      const size_t rows = length == 300000 ? 40 : 9000;
      for (size_t i = 0; i < rows; i++) {
        const std::string text = std::to_string(scattered(i) % values);
        if (i % 4 == 1) input.push_back({Field()});
        else input.push_back({text + std::string(i % 7 == 0 ? 0 : length - std::min(length, text.size()), 'v')});
      }
      const File file = readBack({column(GP_TEXT)}, input);
      const std::string what = std::to_string(values) + " values of " + std::to_string(length) + " bytes";
      if (length < 300000) expect(file.columns[0].dictionary, values == 3, what);
      for (size_t i = 0; i < rows; i++) holds(file.columns[0].values[i] == input[i][0], what + ", row " + std::to_string(i));
    }
  }
}

TEST("more than 65,536 entries are indexed in 32 bits") {
  std::vector<Row> input;
  constexpr size_t values = 70000;
  for (size_t i = 0; i < 5 * values; i++) input.push_back({int8(static_cast<int64_t>(scattered(i % values)))});
  const File file = readBack({column(GP_INT8)}, input);
  for (size_t i = 0; i < input.size(); i++)
    expect(*file.columns[0].values[i], little<uint64_t>(scattered(i % values)), "row " + std::to_string(i));
}

TEST("values of NULL alone need no dictionary") {
  const File file = readBack({column(GP_TEXT), column(GP_INT8)}, std::vector<Row>(10000, {Field(), Field()}));
  for (const ColumnRead& c : file.columns) {
    holds(!c.dictionary, "no dictionary");
    holds(!c.statistics.has(5), "no bounds");
    holds(c.columnIndex, "a column index of null pages");
  }
}

TEST("dictionary 0 never makes one") {
  Options options;
  options.dictionary = false;
  holds(!readBack({column(GP_TEXT)}, std::vector<Row>(5000, {Field("same")}), options).columns[0].dictionary, "no dictionary");
}

TEST("a dictionary chunk of several pages bounds each page by its own values") {
  std::vector<Row> input;
  for (int i = 0; i < 40000; i++) input.push_back({int4(i / 100), "k" + std::to_string(1000 + i / 100)});
  Options options;
  options.pageBytes = 4096;
  const File file = readBack({column(GP_INT4), column(GP_TEXT)}, input, options);
  for (const ColumnRead& c : file.columns) {
    holds(c.dictionary, "dictionary");
    holds(c.pages > 5, "several pages");
  }
}

TEST("an ENUM keeps its dictionary, however many values are seen once") {
  gp_column c = column(GP_TEXT, true);
  c.logical = GP_LOGICAL_ENUM;
  std::vector<Row> rows;
  for (uint64_t i = 0; i < 40000; i++) rows.push_back({"a label of some length, as large as they come: " + std::to_string(scattered(i))});
  const File file = readBack({c}, rows);
  holds(file.columns[0].dictionary, "a dictionary is there");
  for (size_t i = 0; i < rows.size(); i++) holds(file.columns[0].values[i] == rows[i][0], "row " + std::to_string(i));
}
