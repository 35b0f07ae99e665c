#include "cpu/encode/hybrid.h"

#include <bit>

namespace gp {
namespace {

void varint(uint64_t v, Bytes& out) {
  while (v >= 0x80) {
    out.push(static_cast<uint8_t>(v | 0x80));
    v >>= 7;
  }
  out.push(static_cast<uint8_t>(v));
}

void repeat(uint64_t value, size_t count, int width, Bytes& out) {
  varint(static_cast<uint64_t>(count) << 1, out);
  for (int i = 0; i < (width + 7) / 8; i++) out.push(static_cast<uint8_t>(value >> (8 * i)));
}

// Packs groups of 8 values of W bits each: W bytes a group. out has 8 spare bytes behind the last group.
template <int W, class T>
void packGroups(const T* values, size_t groups, uint8_t* out) {
  for (size_t g = 0; g < groups; g++, values += 8, out += W) {
    if constexpr (W <= 8) {
      uint64_t word = 0;
      for (int i = 0; i < 8; i++) word |= static_cast<uint64_t>(values[i]) << (i * W);
      std::memcpy(out, &word, 8);
    } else if constexpr (W <= 16) {
      uint64_t low = 0, high = 0;
      for (int i = 0; i < 4; i++) low |= static_cast<uint64_t>(values[i]) << (i * W);
      for (int i = 0; i < 4; i++) high |= static_cast<uint64_t>(values[4 + i]) << (i * W);
      const unsigned __int128 word = low | static_cast<unsigned __int128>(high) << (4 * W);
      std::memcpy(out, &word, 16);
    } else {
      unsigned __int128 word = 0;
      int held = 0;
      uint8_t* to = out;
      for (int i = 0; i < 8; i++) {
        word |= static_cast<unsigned __int128>(values[i]) << held;
        held += W;
        if (held >= 64) {
          const uint64_t low = static_cast<uint64_t>(word);
          std::memcpy(to, &low, 8);
          to += 8;
          word >>= 64;
          held -= 64;
        }
      }
      const uint64_t low = static_cast<uint64_t>(word);
      std::memcpy(to, &low, 8);
    }
  }
}

template <class T>
using Pack = void (*)(const T*, size_t, uint8_t*);

template <class T, int... W>
constexpr auto packTable(std::integer_sequence<int, W...>) {
  struct Table {
    Pack<T> at[sizeof...(W)];
  };
  return Table{{packGroups<W + 1, T>...}};
}

template <class T>
constexpr auto kPack = packTable<T>(std::make_integer_sequence<int, 32>());

// Whether 8 values are all alike, in a few instructions.
inline bool alike(const uint8_t* v) {
  uint64_t all;
  std::memcpy(&all, v, 8);
  return all == v[0] * uint64_t{0x0101010101010101};
}
inline bool alike(const uint16_t* v) {
  uint64_t a, b;
  std::memcpy(&a, v, 8);
  std::memcpy(&b, v + 4, 8);
  return a == b && a == v[0] * uint64_t{0x0001000100010001};
}
inline bool alike(const uint32_t* v) {
  uint64_t a, b, c, d;
  std::memcpy(&a, v, 8);
  std::memcpy(&b, v + 2, 8);
  std::memcpy(&c, v + 4, 8);
  std::memcpy(&d, v + 6, 8);
  return a == b && c == d && a == c && (a >> 32) == (a & 0xFFFFFFFF);
}

template <class T>
void packRun(const T* values, size_t groups, int width, Bytes& out) {
  if (groups == 0) return;
  varint(static_cast<uint64_t>(groups) << 1 | 1, out);
  uint8_t* to = out.room(groups * static_cast<size_t>(width) + 16);
  kPack<T>.at[width - 1](values, groups, to);
  out.advance(groups * static_cast<size_t>(width));
}

template <class T>
void encode(const T* values, size_t count, int width, Bytes& out) {
  // a run costs its header and value, and up to two more headers around it; below this length packing is as short
  const size_t worth = static_cast<size_t>(8 * ((3 + (width + 7) / 8 + width) / width));
  size_t done = 0;  // everything before it is written
  for (size_t i = 0; i + 8 <= count;) {
    if (!alike(values + i)) {
      i += 8;
      continue;
    }
    const T value = values[i];
    size_t end = i + 8;
    while (end + 8 <= count && alike(values + end) && values[end] == value) end += 8;
    while (end < count && values[end] == value) end++;
    if (end - i < worth) {
      i += (end - i) / 8 * 8;
      continue;
    }
    packRun(values + done, (i - done) / 8, width, out);
    repeat(value, end - i, width, out);
    done = i = end;
  }
  if (done == count) return;
  const size_t groups = (count - done) / 8, rest = (count - done) % 8;
  if (rest == 0) return packRun(values + done, groups, width, out);
  // the last group is padded with zeros
  varint(static_cast<uint64_t>(groups + 1) << 1 | 1, out);
  const size_t bytes = static_cast<size_t>(width);
  uint8_t* to = out.room((groups + 1) * bytes + 16);
  kPack<T>.at[width - 1](values + done, groups, to);
  T last[8] = {};
  std::memcpy(last, values + done + groups * 8, rest * sizeof(T));
  kPack<T>.at[width - 1](last, 1, to + groups * bytes);
  out.advance((groups + 1) * bytes);
}

}  // namespace

int bitWidth(uint64_t count) { return count <= 2 ? 1 : 64 - std::countl_zero(count - 1); }

void encodeHybrid(const uint8_t* values, size_t count, int width, Bytes& out) { encode(values, count, width, out); }
void encodeHybrid(const uint16_t* values, size_t count, int width, Bytes& out) { encode(values, count, width, out); }
void encodeHybrid(const uint32_t* values, size_t count, int width, Bytes& out) { encode(values, count, width, out); }

void encodeOnes(size_t count, Bytes& out) {
  if (count > 0) repeat(1, count, 1, out);
}

void encodeZeros(size_t count, Bytes& out) {
  if (count > 0) repeat(0, count, 1, out);
}

void encodeLevels(const uint8_t* bits, size_t count, Bytes& out) {
  constexpr size_t worth = 4;  // bytes of equal levels that make a run shorter than packing them
  const size_t whole = count / 8, bytes = (count + 7) / 8;
  size_t done = 0;
  const auto pack = [&](size_t end) {
    if (end == done) return;
    varint(static_cast<uint64_t>(end - done) << 1 | 1, out);
    out.append(bits + done, end - done);
    done = end;
  };
  for (size_t i = 0; i < whole;) {
    const uint8_t b = bits[i];
    if (b != 0 && b != 0xFF) {
      i++;
      continue;
    }
    size_t end = i + 1;
    while (end < whole && bits[end] == b) end++;
    if (end - i >= worth || end - i == bytes) {
      pack(i);
      repeat(b & 1, (end - i) * 8, 1, out);
      done = end;
    }
    i = end;
  }
  pack(bytes);
}

}  // namespace gp
