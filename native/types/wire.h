// What both engines share: where a field's bytes are, how numbers are read from them, and what a conversion can run into besides a
// plain value.
#ifndef GPUPARSER_TYPES_WIRE_H
#define GPUPARSER_TYPES_WIRE_H

#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#define GP_HD __host__ __device__
#else
#define GP_HD
#endif

namespace gp {

using i128 = __int128;
using u128 = unsigned __int128;

// Where the bytes of a field are, from the start of its rows' memory on.
struct alignas(8) Span {
  uint32_t start;
  uint32_t length;  // kNullLength: NULL. Others above INT32_MAX are refused by whoever decodes the field
};

constexpr uint32_t kNullLength = UINT32_MAX;  // a length word of -1

// What a value turned out to be. Everything but kFine leaves the fast path: a policy or an error decides.
enum Trouble : uint8_t {
  kFine = 0,
  kNaN,
  kInfinity,       // positive infinity, or a value beyond the Parquet type's last
  kMinusInfinity,  // negative infinity, or a value before the Parquet type's first
  kInexact,        // more fraction digits than the column's scale keeps
  kOverflow,       // more digits than the column's precision holds
  kMalformed,      // not what the PostgreSQL type can send
  kNotUtf8,        // a "char" byte that is no UTF-8
};

#ifdef __CUDACC__
// Fields lie at any address, and a GPU loads words from multiples of 4 alone: the words around the field are loaded and shifted
// into place. So device memory must be readable for 3 bytes before a value and for 7 behind it.
__device__ inline uint32_t loadWord(const uint8_t* p) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(p);
  const uint32_t* words = reinterpret_cast<const uint32_t*>(at & ~uintptr_t{3});
  const uint32_t shift = static_cast<uint32_t>(at & 3) * 8;
  return __funnelshift_r(__ldg(words), shift == 0 ? 0 : __ldg(words + 1), shift);
}
#endif

GP_HD inline uint16_t load16(const uint8_t* p) {
#ifdef __CUDA_ARCH__
  return static_cast<uint16_t>(p[0] << 8 | p[1]);
#else
  uint16_t v;
  memcpy(&v, p, 2);
  return __builtin_bswap16(v);
#endif
}

GP_HD inline uint32_t load32(const uint8_t* p) {
#ifdef __CUDA_ARCH__
  return __byte_perm(loadWord(p), 0, 0x0123);
#else
  uint32_t v;
  memcpy(&v, p, 4);
  return __builtin_bswap32(v);
#endif
}

GP_HD inline uint64_t load64(const uint8_t* p) {
#ifdef __CUDA_ARCH__
  const uintptr_t at = reinterpret_cast<uintptr_t>(p);
  const uint32_t* words = reinterpret_cast<const uint32_t*>(at & ~uintptr_t{3});
  const uint32_t shift = static_cast<uint32_t>(at & 3) * 8;
  const uint32_t low = __ldg(words), middle = __ldg(words + 1), high = shift == 0 ? 0 : __ldg(words + 2);
  const uint32_t first = __byte_perm(__funnelshift_r(low, middle, shift), 0, 0x0123);
  return static_cast<uint64_t>(first) << 32 | __byte_perm(__funnelshift_r(middle, high, shift), 0, 0x0123);
#else
  uint64_t v;
  memcpy(&v, p, 8);
  return __builtin_bswap64(v);
#endif
}

// The order in which PostgreSQL sends a number's bytes. Conversions are templates over the order, because a source may have another.
struct BigEndian {
  GP_HD static uint16_t load16(const uint8_t* p) { return gp::load16(p); }
  GP_HD static uint32_t load32(const uint8_t* p) { return gp::load32(p); }
  GP_HD static uint64_t load64(const uint8_t* p) { return gp::load64(p); }
};

// The order in which a little-endian server, which all are that run on x86-64 and arm64, keeps a number's bytes on disk.
struct LittleEndian {
#ifdef __CUDA_ARCH__
  __device__ static uint16_t load16(const uint8_t* p) { return static_cast<uint16_t>(p[0] | p[1] << 8); }
  __device__ static uint32_t load32(const uint8_t* p) { return loadWord(p); }
  __device__ static uint64_t load64(const uint8_t* p) { return static_cast<uint64_t>(loadWord(p + 4)) << 32 | loadWord(p); }
#else
  template <class T>
  static T load(const uint8_t* p) {
    T v;
    memcpy(&v, p, sizeof v);
    return v;
  }
  static uint16_t load16(const uint8_t* p) { return load<uint16_t>(p); }
  static uint32_t load32(const uint8_t* p) { return load<uint32_t>(p); }
  static uint64_t load64(const uint8_t* p) { return load<uint64_t>(p); }
#endif
};

}  // namespace gp

#endif
