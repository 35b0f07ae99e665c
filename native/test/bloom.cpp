// Bloom filters: the bits, by the specification's own rules written anew, and their place in an image.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "cpu/encode/bloom.h"
#include "test/support/harness.h"
#include "test/support/run.h"

#define XXH_INLINE_ALL
#include "common/xxhash.h"

using namespace gp::test;

namespace {

template <class T>
std::string little(T v) {
  return std::string(reinterpret_cast<const char*>(&v), sizeof v);
}

// The filter of a column, without its header.
std::string filterOf(const std::string& image, const ColumnRead& column) {
  const Thing& meta = column.metadata;
  holds(meta.has(14) && meta.has(15), "offset and length are there");
  const auto at = static_cast<size_t>(meta.at(14).number), length = static_cast<size_t>(meta.at(15).number);
  holds(at + length <= image.size(), "the filter lies in the image");
  // numBytes, then three unions with an empty struct as their first member
  size_t head = at + 1;
  uint64_t bytes = 0;
  for (int shift = 0;; shift += 7) {
    const auto b = static_cast<uint8_t>(image[head++]);
    bytes |= static_cast<uint64_t>(b & 0x7F) << shift;
    if (b < 0x80) break;
  }
  bytes >>= 1;
  expect(static_cast<int>(image[at]), 0x15, "field 1 is an i32");
  const std::string unions("\x1c\x1c\0\0\x1c\x1c\0\0\x1c\x1c\0\0\0", 13);
  holds(image.compare(head, unions.size(), unions) == 0, "split block, xxHash, uncompressed");
  expect(head + unions.size() + bytes, at + length, "length of header and bits");
  return image.substr(head + unions.size(), bytes);
}

bool finds(const std::string& filter, const std::string& value) {
  constexpr uint32_t salt[] = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU, 0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
  const uint64_t hash = XXH64(value.data(), value.size(), 0);
  const uint64_t block = (hash >> 32) * (filter.size() / 32) >> 32;
  for (size_t i = 0; i < 8; i++) {
    uint32_t word;
    std::memcpy(&word, filter.data() + block * 32 + i * 4, 4);
    const uint32_t key = static_cast<uint32_t>(hash) * salt[i];
    if ((word >> (key >> 27) & 1) == 0) return false;
  }
  return true;
}

gp_column with(gp_column c) {
  c.bloom_filter = 1;
  return c;
}

}  // namespace

TEST("sizes are powers of two with room for 1 % false positives") {
  expect(gp::bloomBytes(0), size_t{32}, "none");
  expect(gp::bloomBytes(1), size_t{32}, "one");
  for (const size_t n : {26, 27, 1000, 100000, 1000000}) {
    const size_t bytes = gp::bloomBytes(n);
    holds(std::has_single_bit(bytes), "a power of two");
    // share of false positives of a split block filter: (1 - e^(-8 n / m))^8, with m bits
    const double share = std::pow(1 - std::exp(-8.0 * static_cast<double>(n) / (8.0 * static_cast<double>(bytes))), 8);
    holds(share <= 0.01, std::to_string(n) + " values: " + std::to_string(share));
  }
  expect(gp::bloomBytes(size_t{1} << 40), size_t{128} << 20, "never over 128 MiB");
}

TEST("every value is found, with a dictionary and without; few others are") {
  std::vector<gp_column> columns = {with(column(GP_INT4)),   with(column(GP_INT8)),
                                    with(column(GP_TEXT)),   with(column(GP_UUID, true)),
                                    with(column(GP_FLOAT8)), with(column(GP_DECIMAL, false, 30, 2)),
                                    column(GP_INT4)};
  for (const bool few : {true, false}) {
    for (const bool every : {false, true}) {
      std::vector<Row> rows;
      for (size_t i = 0; i < 20000; i++) {
        const auto v = static_cast<int64_t>(few ? i % 100 : i * 7919);
        const auto field = [&](const std::string& bytes) { return i % 11 == 3 ? Field() : Field(bytes); };
        rows.push_back({field(int4(v)), field(int8(v << 20)), field("text " + std::to_string(v)), big(static_cast<uint64_t>(v), 16),
                        field(float8(static_cast<double>(v) / 7)), field(numeric(std::to_string(v) + ".25")), int4(v)});
      }
      Options options;
      options.everyEncoding = every;
      const Outcome outcome = convert(columns, copyStream(rows), options);
      const File file = readFile(outcome.image);
      holds(!file.columns[6].metadata.has(14), "no filter where none was asked for");
      for (size_t c = 0; c < 6; c++) {
        const std::string filter = filterOf(outcome.image, file.columns[c]);
        for (const auto& value : file.columns[c].values) holds(!value || finds(filter, *value), "column " + std::to_string(c));
        size_t wrong = 0;
        for (int64_t i = 0; i < 10000; i++) {
          std::string other = file.columns[c].metadata.at(1).number == 6 ? "other " + std::to_string(i) : std::string(16, 'z') + little(i);
          if (file.columns[c].metadata.at(1).number != 6) {
            const size_t width = c == 0 ? 4 : c == 1 || c == 4 ? 8 : 16;
            other = little(-1000000007 * (i + 1)).substr(0, std::min<size_t>(width, 8)) + std::string(width > 8 ? 8 : 0, 'z');
          }
          wrong += finds(filter, other);
        }
        holds(wrong < 300, "false positives of column " + std::to_string(c) + ": " + std::to_string(wrong) + " of 10000");
      }
    }
  }
}

TEST("a zero of either sign is found by both") {
  for (const double zero : {0.0, -0.0}) {
    const Outcome outcome = convert({with(column(GP_FLOAT8)), with(column(GP_FLOAT4))},
                                    copyStream({{float8(zero), float4(static_cast<float>(zero))}, {float8(1), float4(1)}}));
    const File file = readFile(outcome.image);
    for (const double other : {0.0, -0.0}) {
      holds(finds(filterOf(outcome.image, file.columns[0]), little(other)), "DOUBLE");
      holds(finds(filterOf(outcome.image, file.columns[1]), little(static_cast<float>(other))), "FLOAT");
    }
  }
}

TEST("a column of NULLs has an empty filter") {
  const Outcome outcome = convert({with(column(GP_TEXT))}, copyStream({{Field()}, {Field()}}));
  const std::string filter = filterOf(outcome.image, readFile(outcome.image).columns[0]);
  expect(filter, std::string(32, 0), "bits");
}

TEST("a BOOLEAN has none") {
  const Outcome outcome = [] {
    try {
      return convert({with(column(GP_BOOL))}, copyStream({}));
    } catch (const Failed& failed) {
      contains(failed.what(), "a BOOLEAN has no bloom filter");
      Outcome refused;
      refused.code = GP_USAGE;
      return refused;
    }
  }();
  expect(outcome.code, static_cast<int>(GP_USAGE), "refused");
}
