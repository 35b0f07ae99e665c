// Page and block edges: row counts around 8, 32, 64, 1024 and page limits, with and without NULLs, large values, many columns.
#include <cstring>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

template <class T>
std::string little(T v) {
  return std::string(reinterpret_cast<const char*>(&v), sizeof v);
}

bool absent(size_t i, int pattern) {
  switch (pattern) {
    case 0: return false;
    case 1: return true;
    case 2: return i % 2 == 1;
    case 3: return i % 64 < 40;
    case 4: return i * 2654435761u >> 7 & 1;
    default: return i % 1000 == 999;
  }
}

void roundTrip(size_t rows, int pattern, const Options& options) {
  const std::vector<gp_column> columns = {column(GP_INT4), column(GP_INT8), column(GP_TEXT),
                                          column(GP_BOOL), column(GP_UUID), column(GP_INT8, true)};
  std::vector<Row> input;
  for (size_t i = 0; i < rows; i++) {
    const auto v = static_cast<int64_t>(i * 2654435761u % 100003);
    const std::string text = std::to_string(v) + std::string(i % 37, 'x');
    if (absent(i, pattern)) {
      input.push_back({Field(), Field(), Field(), Field(), Field(), int8(v)});
    } else {
      input.push_back({int4(v), int8(-v), text, std::string(1, static_cast<char>(v & 1)), big(static_cast<uint64_t>(v), 16), int8(v)});
    }
  }
  const File file = readBack(columns, input, options);
  for (const ColumnRead& c : file.columns) {
    if (rows == 0) break;
    for (const size_t bytes : c.pageBytes) {
      const auto limit = static_cast<size_t>(options.pageBytes == 0 ? 1 << 20 : options.pageBytes);
      holds(bytes <= std::max<size_t>(limit, 128),
            "a page of " + std::to_string(bytes) + " bytes keeps the limit of " + std::to_string(limit));
    }
  }
  for (size_t i = 0; i < rows; i++) {
    const auto v = static_cast<int64_t>(i * 2654435761u % 100003);
    const std::string at = "row " + std::to_string(i) + " of " + std::to_string(rows) + ", pattern " + std::to_string(pattern);
    if (absent(i, pattern)) {
      for (size_t c = 0; c < 5; c++) holds(!file.columns[c].values[i], at);
    } else {
      expect(*file.columns[0].values[i], little<int32_t>(static_cast<int32_t>(v)), at);
      expect(*file.columns[1].values[i], little<int64_t>(-v), at);
      expect(*file.columns[2].values[i], std::to_string(v) + std::string(i % 37, 'x'), at);
      expect(*file.columns[3].values[i], std::string(1, static_cast<char>(v & 1)), at);
      expect(*file.columns[4].values[i], big(static_cast<uint64_t>(v), 16), at);
    }
    expect(*file.columns[5].values[i], little<int64_t>(v), at);
  }
}

}  // namespace

TEST("row counts around every edge keep every value") {
  for (const size_t rows : {0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049, 4095, 4096, 4097}) {
    for (int pattern = 0; pattern < 6; pattern++) {
      for (const bool dictionary : {true, false}) {
        Options options;
        options.dictionary = dictionary;
        roundTrip(rows, pattern, options);
      }
    }
  }
}

TEST("small pages and small slots keep every value") {
  for (const int64_t page : {1, 64, 100, 1000, 5000}) {
    for (int pattern = 0; pattern < 6; pattern++) {
      for (const bool dictionary : {true, false}) {
        Options options;
        options.pageBytes = page;
        options.slotBytes = 700;
        options.dictionary = dictionary;
        roundTrip(1500, pattern, options);
      }
    }
  }
}

TEST("the image does not depend on where slots end") {
  std::vector<Row> rows;
  for (size_t i = 0; i < 30000; i++) {
    rows.push_back({int4(static_cast<int64_t>(i * 2654435761u % 9000)), "text " + std::to_string(i % 3000),
                    i % 3 ? Field(numeric(std::to_string(i % 20000) + ".25")) : Field()});
  }
  const std::vector<gp_column> columns = {column(GP_INT4), column(GP_TEXT), column(GP_DECIMAL, false, 15, 2)};
  const std::string stream = copyStream(rows);
  std::string first;
  for (const size_t slot : {1 << 20, 3000, 77777, 1 << 14}) {
    Options options;
    options.slotBytes = slot;
    const std::string image = convert(columns, stream, options).image;
    holds(!image.empty(), "an image is made");
    if (first.empty()) first = image;
    holds(image == first, "the image is the same");
  }
}

TEST("a value larger than a page has a page of its own") {
  const std::string large(5 << 20, 'q');
  const File file = readBack({column(GP_TEXT)}, {{"a"}, {large}, {"b"}, {Field()}, {large + "!"}});
  expect(*file.columns[0].values[1], large, "value");
  expect(file.columns[0].values[4]->size(), large.size() + 1, "length");
  holds(file.columns[0].pages >= 4, "pages");
}

TEST("a chunk that does not shrink is stored uncompressed, one that does is not") {
  std::vector<Row> rows;
  uint64_t state = 1;
  for (int i = 0; i < 5000; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    rows.push_back({big(state ^ state >> 31, 8) + big(state * 31 ^ state >> 17, 8), std::string(50, 'a') + std::to_string(i)});
  }
  for (const int codec : {GP_SNAPPY, GP_ZSTD, GP_LZ4_RAW}) {
    Options options;
    options.codec = codec;
    const File file = readBack({column(GP_UUID), column(GP_TEXT)}, rows, options);
    expect(file.columns[0].codec, 0, "codec of random bytes");
    holds(file.columns[1].codec != 0, "text is compressed");
  }
}

TEST("1,600 columns of mixed kinds travel together") {
  std::vector<gp_column> columns;
  Row row;
  for (int i = 0; i < 1600; i++) {
    columns.push_back(column(i % 3 == 0 ? GP_INT4 : i % 3 == 1 ? GP_TEXT : GP_BOOL));
    row.push_back(i % 3 == 0 ? int4(i) : i % 3 == 1 ? "t" + std::to_string(i) : std::string(1, static_cast<char>(i & 1)));
  }
  const File file = readBack(columns, std::vector<Row>(300, row));
  expect(file.columns.size(), size_t{1600}, "columns");
  expect(*file.columns[1].values[299], std::string("t1"), "text");
  expect(*file.columns[1599].values[7], little<int32_t>(1599), "number");
}

TEST("a page of indices has at most 20,000 rows, and bounds of its own") {
  std::vector<Row> rows;
  for (size_t i = 0; i < 40100; i++) {
    const auto few = static_cast<int64_t>(i * 2654435761u % 50 + i / 20000 * 1000);
    rows.push_back({int8(few), i % 3 ? Field("few " + std::to_string(few)) : Field(), float8(static_cast<double>(few))});
  }
  const File file = readBack({column(GP_INT8), column(GP_TEXT), column(GP_FLOAT8, true)}, rows);
  for (const ColumnRead& c : file.columns) {
    holds(c.dictionary, "few values have a dictionary");
    expect(c.pages, size_t{3}, "pages of " + c.path);
    holds(c.columnIndex, "every page has bounds");
  }
}
