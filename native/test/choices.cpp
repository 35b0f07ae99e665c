// Encodings other than PLAIN: that they read back at every size, where they are chosen, and that they are not unless asked for.
#include "cpu/encode/encodings.h"

#include <cstring>
#include <random>

#include "test/support/harness.h"
#include "test/support/run.h"
#include "test/support/values.h"

using namespace gp::test;

namespace {

enum { kPlain = 0, kDelta = 5, kDeltaLength = 6, kDeltaBytes = 7, kIndices = 8, kSplit = 9 };

std::string textOf(const gp::Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

template <class T>
void deltaRoundTrip(const std::vector<T>& values) {
  gp::Bytes out;
  gp::encodeDelta(values.data(), values.size(), out);
  size_t at = 0;
  const std::string page = textOf(out);
  const std::vector<std::string> got = deltaValues(page, at, sizeof(T), values.size());
  expect(at, page.size(), "bytes of the page");
  for (size_t i = 0; i < values.size(); i++) {
    T v;
    std::memcpy(&v, got[i].data(), sizeof v);
    expect(v, values[i], "value " + std::to_string(i) + " of " + std::to_string(values.size()));
  }
}

template <class T>
void deltas() {
  std::mt19937_64 random(8);
  for (const size_t count : {0, 1, 2, 31, 32, 33, 34, 127, 128, 129, 130, 160, 161, 257, 1000}) {
    for (int bits = 0; bits <= static_cast<int>(sizeof(T)) * 8; bits++) {
      std::vector<T> values(count);
      T v = static_cast<T>(random());
      for (T& value : values) {
        const uint64_t step = bits == 0 ? 0 : random() >> (64 - bits);
        v = static_cast<T>(v + (bits < 8 ? step : step - (uint64_t{1} << (bits - 1))));
        value = v;
      }
      deltaRoundTrip(values);
    }
  }
  const T least = T{1} << (sizeof(T) * 8 - 1), most = least - 1;
  deltaRoundTrip<T>({least, most, least, 0, most, most, static_cast<T>(-1), least});
}

std::vector<std::string> someTexts(size_t count, int kind) {
  std::vector<std::string> out;
  for (size_t i = 0; i < count; i++) {
    const std::string number = std::to_string(i * 7919 % 100003);
    if (kind == 0) out.push_back(number);
    else if (kind == 1) out.push_back("https://example.org/path/" + std::to_string(1000000 + i));
    else if (kind == 2) out.emplace_back(i % 300, static_cast<char>('a' + i % 26));
    else out.push_back(i % 3 == 0 ? "" : i % 3 == 1 ? "same" : "same and more");
  }
  return out;
}

File convertInts(const std::vector<int64_t>& values, Options options, int kind = GP_INT8) {
  std::vector<Row> rows;
  for (const int64_t v : values) rows.push_back({kind == GP_INT8 ? int8(v) : int4(v)});
  return readBack({column(kind)}, rows, options);
}

Options every() {
  Options options;
  options.everyEncoding = true;
  return options;
}

}  // namespace

TEST("32-bit numbers read back from DELTA_BINARY_PACKED") { deltas<uint32_t>(); }
TEST("64-bit numbers read back from DELTA_BINARY_PACKED") { deltas<uint64_t>(); }

TEST("texts read back from both delta encodings") {
  for (const size_t count : {0, 1, 2, 32, 33, 34, 129, 1000}) {
    for (int kind = 0; kind < 4; kind++) {
      const std::vector<std::string> texts = someTexts(count, kind);
      gp::Bytes plain, length, shared;
      for (const std::string& text : texts) {
        const auto bytes = static_cast<uint32_t>(text.size());
        plain.append(&bytes, 4);
        plain.append(text.data(), text.size());
      }
      gp::encodeDeltaLength(plain.data(), count, length);
      gp::encodeDeltaBytes(plain.data(), count, shared);
      size_t at = 0;
      holds(deltaLengthValues(textOf(length), at, count) == texts, "DELTA_LENGTH_BYTE_ARRAY");
      expect(at, length.size(), "its bytes");
      at = 0;
      holds(deltaBytesValues(textOf(shared), at, count) == texts, "DELTA_BYTE_ARRAY");
      expect(at, shared.size(), "its bytes");
    }
  }
}

TEST("sequences, measurements and sorted texts get the encoding made for them") {
  std::vector<Row> rows;
  std::mt19937_64 random(2);
  double level = 20;
  for (int64_t i = 0; i < 40000; i++) {
    level += static_cast<double>(random() % 1000) / 1e4 - 0.05;
    const int64_t jitter = static_cast<int64_t>(random() % 50000);
    std::string letters;  // of many lengths, which zstd finds between them only in part
    for (uint64_t left = 10 + random() % 40; left > 0; left--) letters.push_back(static_cast<char>('a' + random() % 26));
    const std::string high = big(random(), 8), low = big(random(), 8);
    rows.push_back({int8(1700000000000000 + i * 1000003 + jitter), int4(i), float8(level), float4(static_cast<float>(level)),
                    "https://example.org/item/" + std::to_string(1000000 + i), letters, high + low,
                    std::string(1, static_cast<char>(i & 1))});
  }
  const std::vector<gp_column> columns = {column(GP_TIMESTAMP), column(GP_INT4), column(GP_FLOAT8), column(GP_FLOAT4),
                                          column(GP_TEXT),      column(GP_TEXT), column(GP_UUID),   column(GP_BOOL)};
  for (const int codec : {GP_NONE, GP_SNAPPY, GP_ZSTD, GP_LZ4_RAW}) {
    Options options = every();
    options.codec = codec;
    const File file = readBack(columns, rows, options);
    const std::string at = "codec " + std::to_string(codec) + ", column ";
    expect(file.columns[0].encoding, int{kDelta}, at + "0");
    expect(file.columns[1].encoding, int{kDelta}, at + "1");
    const bool byBytes = codec == GP_SNAPPY || codec == GP_LZ4_RAW;  // zstd finds the like bytes of PLAIN itself
    if (byBytes) expect(file.columns[2].encoding, int{kSplit}, at + "2");
    if (byBytes) expect(file.columns[3].encoding, int{kSplit}, at + "3");
    expect(file.columns[4].encoding, int{kDeltaBytes}, at + "4");
    expect(file.columns[5].encoding, int{kDeltaLength}, at + "5");
    expect(file.columns[6].encoding, int{kPlain}, at + "6");
    expect(file.columns[7].encoding, int{kPlain}, at + "7");
    options.everyEncoding = false;
    for (const ColumnRead& c : readBack(columns, rows, options).columns)
      holds(c.encoding == kPlain || c.encoding == kIndices, "PLAIN and dictionaries only, unless asked for more");
  }
}

TEST("few values keep their dictionary, random ones stay PLAIN") {
  std::mt19937_64 random(3);
  std::vector<int64_t> few, any;
  for (size_t i = 0; i < 30000; i++) {
    few.push_back(static_cast<int64_t>(random() % 7 * 1000003));
    any.push_back(static_cast<int64_t>(random()));
  }
  expect(convertInts(few, every()).columns[0].encoding, int{kIndices}, "seven values");
  expect(convertInts(any, every()).columns[0].encoding, int{kPlain}, "random 64 bits");
}

TEST("values, NULLs and small pages read back in every encoding, and one encoding lasts a chunk") {
  std::vector<Row> rows;
  std::mt19937_64 random(4);
  std::vector<std::optional<std::string>> wanted;
  for (size_t i = 0; i < 9000; i++) {
    const bool absent = i < 1500 || i % 7 == 2;  // NULLs in front, for whole pages
    rows.push_back({absent ? Field() : Field(int8(static_cast<int64_t>(i * 1000 + random() % 10))),
                    absent ? Field() : Field(float8(static_cast<double>(i) / 3)),
                    absent ? Field() : Field("key " + std::to_string(100000 + i))});
    wanted.push_back(absent ? std::nullopt : std::optional<std::string>("key " + std::to_string(100000 + i)));
  }
  for (const int64_t page : {0, 300, 1000, 5000}) {
    for (const bool dictionary : {true, false}) {
      Options options = every();
      options.pageBytes = page;
      options.dictionary = dictionary;
      const File file = readBack({column(GP_INT8), column(GP_FLOAT8), column(GP_TEXT)}, rows, options);
      holds(file.columns[2].values == wanted, "texts");
      for (size_t i = 0; i < rows.size(); i++) {
        holds(file.columns[0].values[i].has_value() == rows[i][0].has_value(), "NULLs");
        if (!rows[i][1]) continue;
        const double v = static_cast<double>(i) / 3;
        expect(*file.columns[1].values[i], std::string(reinterpret_cast<const char*>(&v), 8), "DOUBLE");
      }
    }
  }
}
