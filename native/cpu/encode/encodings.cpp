#include "cpu/encode/encodings.h"

#include <bit>
#include <limits>
#include <type_traits>

namespace gp {
namespace {

constexpr size_t kBlock = 128;     // values of a block of differences; what parquet-java writes
constexpr size_t kMiniblocks = 4;  // of a block; each has a bit width of its own
constexpr size_t kMiniblock = kBlock / kMiniblocks;

void varint(uint64_t v, Bytes& out) {
  while (v >= 0x80) {
    out.push(static_cast<uint8_t>(v | 0x80));
    v >>= 7;
  }
  out.push(static_cast<uint8_t>(v));
}

template <class S>
void zigzag(S v, Bytes& out) {
  const int64_t wide = v;
  varint(static_cast<uint64_t>(wide) << 1 ^ static_cast<uint64_t>(wide >> 63), out);
}

// Packs kMiniblock values of `width` bits each, 0 to 64.
template <class U>
void pack(const U* values, int width, Bytes& out) {
  if (width == 0) return;
  uint8_t* to = out.room(static_cast<size_t>(width) * kMiniblock / 8 + 8);
  uint64_t word = 0;
  int held = 0;
  for (size_t i = 0; i < kMiniblock; i++) {
    const uint64_t v = values[i];
    word |= v << held;
    held += width;
    if (held >= 64) {
      std::memcpy(to, &word, 8);
      to += 8;
      held -= 64;
      word = held == 0 ? 0 : v >> (width - held);
    }
  }
  std::memcpy(to, &word, 8);
  out.advance(static_cast<size_t>(width) * kMiniblock / 8);
}

template <class U>
void delta(const U* values, size_t count, Bytes& out) {
  using S = std::make_signed_t<U>;
  varint(kBlock, out);
  varint(kMiniblocks, out);
  varint(count, out);
  zigzag(count > 0 ? static_cast<S>(values[0]) : S{0}, out);
  for (size_t from = 1; from < count; from += kBlock) {
    const size_t here = count - from < kBlock ? count - from : kBlock;
    U differences[kBlock];
    S least = std::numeric_limits<S>::max();
    for (size_t i = 0; i < here; i++) {
      differences[i] = static_cast<U>(values[from + i] - values[from + i - 1]);  // wraps, as its readers' sums do
      const S signedOne = static_cast<S>(differences[i]);
      least = signedOne < least ? signedOne : least;
    }
    for (size_t i = 0; i < here; i++) differences[i] = static_cast<U>(differences[i] - static_cast<U>(least));
    for (size_t i = here; i < kBlock; i++) differences[i] = 0;
    zigzag(least, out);
    uint8_t widths[kMiniblocks];
    for (size_t m = 0; m < kMiniblocks; m++) {
      U any = 0;
      for (size_t i = 0; i < kMiniblock; i++) any |= differences[m * kMiniblock + i];
      widths[m] = static_cast<uint8_t>(std::bit_width(any));
    }
    out.append(widths, kMiniblocks);
    // miniblocks behind the last value have no bytes, but keep their width
    for (size_t m = 0; m * kMiniblock < here; m++) pack(differences + m * kMiniblock, widths[m], out);
  }
}

uint32_t lengthAt(const uint8_t* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}

size_t sharedBytes(const uint8_t* a, size_t aLength, const uint8_t* b, size_t bLength) {
  const size_t most = aLength < bLength ? aLength : bLength;
  size_t i = 0;
  for (; i + 8 <= most; i += 8) {
    uint64_t x, y;
    std::memcpy(&x, a + i, 8);
    std::memcpy(&y, b + i, 8);
    if (x != y) return i + static_cast<size_t>(std::countr_zero(x ^ y)) / 8;
  }
  while (i < most && a[i] == b[i]) i++;
  return i;
}

template <size_t W>
void split(const uint8_t* values, size_t count, uint8_t* to) {
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < W; k++) to[k * count + i] = values[i * W + k];
  }
}

}  // namespace

void encodeDelta(const uint32_t* values, size_t count, Bytes& out) { delta(values, count, out); }
void encodeDelta(const uint64_t* values, size_t count, Bytes& out) { delta(values, count, out); }

void encodeSplit(const uint8_t* values, size_t count, size_t width, Bytes& out) {
  uint8_t* to = out.room(count * width);
  width == 4 ? split<4>(values, count, to) : split<8>(values, count, to);
  out.advance(count * width);
}

void encodeDeltaLength(const uint8_t* plain, size_t count, Bytes& out) {
  Buffer<uint32_t> lengths;
  uint32_t* length = lengths.room(count);
  size_t bytes = 0;
  const uint8_t* p = plain;
  for (size_t i = 0; i < count; i++) {
    length[i] = lengthAt(p);
    bytes += length[i];
    p += 4 + length[i];
  }
  delta(length, count, out);
  uint8_t* to = out.room(bytes);
  p = plain;
  for (size_t i = 0; i < count; i++) {
    std::memcpy(to, p + 4, length[i]);
    to += length[i];
    p += 4 + length[i];
  }
  out.advance(bytes);
}

void encodeDeltaBytes(const uint8_t* plain, size_t count, Bytes& out) {
  Buffer<uint32_t> shared;
  Bytes rests;
  uint32_t* prefix = shared.room(count);
  const uint8_t *p = plain, *before = plain;
  uint32_t lengthBefore = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t length = lengthAt(p);
    p += 4;
    prefix[i] = static_cast<uint32_t>(sharedBytes(before, lengthBefore, p, length));
    const uint32_t rest = length - prefix[i];
    rests.append(&rest, 4);
    rests.append(p + prefix[i], rest);
    before = p;
    lengthBefore = length;
    p += length;
  }
  delta(prefix, count, out);
  encodeDeltaLength(rests.data(), count, out);
}

}  // namespace gp
