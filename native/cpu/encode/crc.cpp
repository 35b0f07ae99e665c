#include "cpu/encode/crc.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gp {
namespace {

constexpr uint32_t kPolynomial = 0xEDB88320;

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// tables[k][b]: what byte b does to the remainder when k more bytes follow it.
constexpr Tables makeTables() {
  Tables tables{};
  for (uint32_t b = 0; b < 256; b++) {
    uint32_t v = b;
    for (int bit = 0; bit < 8; bit++) v = v >> 1 ^ (v & 1 ? kPolynomial : 0);
    tables[0][b] = v;
  }
  for (size_t k = 1; k < 8; k++) {
    for (size_t b = 0; b < 256; b++) tables[k][b] = tables[k - 1][b] >> 8 ^ tables[0][tables[k - 1][b] & 0xFF];
  }
  return tables;
}

constexpr Tables kTables = makeTables();

// The remainder after `length` more bytes; no inversion at either end.
uint32_t byTables(uint32_t rest, const uint8_t* p, size_t length) {
  for (; length >= 8; length -= 8, p += 8) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    v ^= rest;
    rest = 0;
    for (size_t k = 0; k < 8; k++) rest ^= kTables[7 - k][v >> (8 * k) & 0xFF];
  }
  for (; length > 0; length--, p++) rest = rest >> 8 ^ kTables[0][(rest ^ *p) & 0xFF];
  return rest;
}

#if defined(__x86_64__)

// What lies `distance` further on is folded onto the bytes that come next: multiplied by x^distance mod P, in halves. After the
// last fold, 16 bytes are left that have the remainder of all (Gopal et al., "Fast CRC Computation for Generic Polynomials
// Using PCLMULQDQ Instruction", Intel 2009; the constants are its k1 to k4 for this polynomial).
[[gnu::target("pclmul,sse4.1")]] inline __m128i fold(__m128i held, __m128i by, __m128i next) {
  return _mm_xor_si128(next, _mm_xor_si128(_mm_clmulepi64_si128(held, by, 0x00), _mm_clmulepi64_si128(held, by, 0x11)));
}

[[gnu::target("pclmul,sse4.1")]] uint32_t byMultiplication(uint32_t rest, const uint8_t* p, size_t length) {
  if (length < 64) return byTables(rest, p, length);
  const auto load = [&](size_t at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at)); };
  const __m128i by64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4), by16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  __m128i a = _mm_xor_si128(load(0), _mm_cvtsi32_si128(static_cast<int>(rest))), b = load(16), c = load(32), d = load(48);
  for (p += 64, length -= 64; length >= 64; p += 64, length -= 64) {
    a = fold(a, by64, load(0));
    b = fold(b, by64, load(16));
    c = fold(c, by64, load(32));
    d = fold(d, by64, load(48));
  }
  a = fold(fold(fold(a, by16, b), by16, c), by16, d);
  for (; length >= 16; p += 16, length -= 16) a = fold(a, by16, load(0));
  alignas(16) uint8_t last[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(last), a);
  return byTables(byTables(0, last, 16), p, length);
}

uint32_t remainder(uint32_t rest, const uint8_t* p, size_t length) {
  static const bool multiplies = __builtin_cpu_supports("pclmul") != 0;
  return multiplies ? byMultiplication(rest, p, length) : byTables(rest, p, length);
}

#else

uint32_t remainder(uint32_t rest, const uint8_t* p, size_t length) { return byTables(rest, p, length); }

#endif

}  // namespace

uint32_t crc32(const uint8_t* bytes, size_t length) { return ~remainder(~0u, bytes, length); }
uint32_t crc32ByTables(const uint8_t* bytes, size_t length) { return ~byTables(~0u, bytes, length); }

}  // namespace gp
