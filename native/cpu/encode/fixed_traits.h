// Order and bytes of the fixed-width physical values.
#ifndef GPUPARSER_CPU_ENCODE_FIXED_TRAITS_H
#define GPUPARSER_CPU_ENCODE_FIXED_TRAITS_H

#include <limits>
#include <string>
#include <type_traits>

#include "types/plain.h"

namespace gp {

struct SignedFixed16 : Fixed16 {};  // FIXED(16) DECIMAL: big-endian, two's complement

template <class T>
struct FixedTraits {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  static constexpr bool floating = std::is_floating_point_v<T>;
  static T first() { return floating ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest(); }
  static T last() { return floating ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max(); }
  // NaN compares false, so it never becomes a bound; hasNaN() tells of it.
  static void widen(const T* values, size_t count, T& min, T& max) {
    T low = min, high = max;
    for (size_t i = 0; i < count; i++) {
      low = values[i] < low ? values[i] : low;
      high = values[i] > high ? values[i] : high;
    }
    min = low;
    max = high;
  }
  static bool hasNaN(const T* values, size_t count) {
    bool found = false;
    if constexpr (floating) {
      for (size_t i = 0; i < count; i++) found |= values[i] != values[i];
    }
    return found;
  }
  // Zero bounds of floats cover both zeros (parquet.thrift, ColumnOrder).
  static std::string bytes(T v, bool isMax) {
    if (floating && v == 0) v = isMax ? T(0) : static_cast<T>(-0.0);
    return std::string(reinterpret_cast<const char*>(&v), sizeof v);
  }
};

template <class T, bool Signed>
struct Fixed16Traits {
  using Bits = Fixed16;
  static constexpr uint64_t flip = Signed ? uint64_t{1} << 63 : 0;
  static u128 key(const Fixed16& v) { return static_cast<u128>(__builtin_bswap64(v.word[0]) ^ flip) << 64 | __builtin_bswap64(v.word[1]); }
  static T value(u128 key) {
    T v;
    v.word[0] = __builtin_bswap64(static_cast<uint64_t>(key >> 64) ^ flip);
    v.word[1] = __builtin_bswap64(static_cast<uint64_t>(key));
    return v;
  }
  static T first() { return value(0); }
  static T last() { return value(~u128{0}); }
  static void widen(const T* values, size_t count, T& min, T& max) {
    u128 low = key(min), high = key(max);
    for (size_t i = 0; i < count; i++) {
      const u128 k = key(values[i]);
      low = k < low ? k : low;
      high = k > high ? k : high;
    }
    min = value(low);
    max = value(high);
  }
  static bool hasNaN(const T*, size_t) { return false; }
  static std::string bytes(const T& v, bool) { return std::string(reinterpret_cast<const char*>(&v), sizeof v); }
};

template <>
struct FixedTraits<Fixed16> : Fixed16Traits<Fixed16, false> {};
template <>
struct FixedTraits<SignedFixed16> : Fixed16Traits<SignedFixed16, true> {};

}  // namespace gp

#endif
