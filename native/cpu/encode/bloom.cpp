#include "cpu/encode/bloom.h"

#include <algorithm>
#include <bit>

#include "parquet/thrift.h"

#define XXH_INLINE_ALL
#include "common/xxhash.h"

namespace gp {
namespace {

constexpr size_t kBlockWords = 8;
constexpr size_t kBlockBytes = 4 * kBlockWords;
constexpr size_t kMostBytes = 128 << 20;  // of Arrow's and parquet-java's readers
constexpr uint32_t kSalt[kBlockWords] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

void header(size_t bytes, Bytes& out) {
  Thrift t(out);
  t.element();
  t.i32(1, static_cast<int32_t>(bytes));
  for (const int id : {2, 3, 4}) {  // the only members of the unions: split block, xxHash, uncompressed
    t.begin(id);
    t.empty(1);
    t.end();
  }
  t.end();
}

template <class T>
void addZeros(Bloom& bloom, const T* values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const T other = values[i] == 0 ? -values[i] : values[i];
    bloom.add(reinterpret_cast<const uint8_t*>(values + i), sizeof(T));
    if (values[i] == 0) bloom.add(reinterpret_cast<const uint8_t*>(&other), sizeof(T));
  }
}

}  // namespace

void Bloom::add(const uint8_t* value, size_t length) { hashes_.push(XXH64(value, length, 0)); }
void Bloom::addFloats(const float* values, size_t count) { addZeros(*this, values, count); }
void Bloom::addFloats(const double* values, size_t count) { addZeros(*this, values, count); }

size_t bloomBytes(size_t distinct) {
  // a share of 0.01 needs -8 / ln(1 - 0.01^(1/8)) = 9.681 bits a value (BloomFilter.md, "Sizing an SBBF")
  const double bits = 9.681 * static_cast<double>(distinct);
  const size_t bytes = std::bit_ceil(static_cast<size_t>(bits / 8) + 1);
  return std::clamp(bytes, kBlockBytes, kMostBytes);
}

void Bloom::write(Bytes& out) {
  std::sort(hashes_.data(), hashes_.end());
  const auto* end = std::unique(hashes_.data(), hashes_.end());
  const size_t bytes = bloomBytes(static_cast<size_t>(end - hashes_.data())), blocks = bytes / kBlockBytes;
  header(bytes, out);
  uint8_t* bits = out.room(bytes);
  std::memset(bits, 0, bytes);
  for (const uint64_t* hash = hashes_.data(); hash < end; hash++) {
    uint8_t* block = bits + ((*hash >> 32) * blocks >> 32) * kBlockBytes;
    for (size_t i = 0; i < kBlockWords; i++) {
      const uint32_t bit = static_cast<uint32_t>(*hash) * kSalt[i] >> 27;
      block[4 * i + bit / 8] = static_cast<uint8_t>(block[4 * i + bit / 8] | 1u << bit % 8);  // little-endian words
    }
  }
  out.advance(bytes);
  clear();
}

}  // namespace gp
