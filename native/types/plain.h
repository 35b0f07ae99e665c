// bool, int2, int4, int8, oid, float4, float8, uuid, money: values whose bits only change their byte order.
#ifndef GPUPARSER_TYPES_PLAIN_H
#define GPUPARSER_TYPES_PLAIN_H

#include "types/wire.h"

namespace gp {

// 16 bytes in Parquet's order, as FIXED_LEN_BYTE_ARRAY(16) stores them.
struct Fixed16 {
  uint64_t word[2];
};

GP_HD inline Fixed16 fixed16FromInt(i128 v) {
  const u128 u = static_cast<u128>(v);
  Fixed16 out;
  out.word[0] = __builtin_bswap64(static_cast<uint64_t>(u >> 64));
  out.word[1] = __builtin_bswap64(static_cast<uint64_t>(u));
  return out;
}

// Each type: width in bytes, the value it becomes, and the conversion of `width` bytes at p. Order: of a number's bytes.
struct WireBool {
  static constexpr uint32_t width = 1;
  using Value = uint8_t;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    out = *p;
    return out > 1 ? kMalformed : kFine;
  }
};

template <class Order>
struct BasicInt2 {
  static constexpr uint32_t width = 2;
  using Value = int32_t;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    out = static_cast<int16_t>(Order::load16(p));
    return kFine;
  }
};
using WireInt2 = BasicInt2<BigEndian>;

template <class Order>
struct BasicInt4 {  // float4 too: the same four bytes
  static constexpr uint32_t width = 4;
  using Value = int32_t;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    out = static_cast<int32_t>(Order::load32(p));
    return kFine;
  }
};
using WireInt4 = BasicInt4<BigEndian>;

template <class Order>
struct BasicInt8 {  // float8 too
  static constexpr uint32_t width = 8;
  using Value = int64_t;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    out = static_cast<int64_t>(Order::load64(p));
    return kFine;
  }
};
using WireInt8 = BasicInt8<BigEndian>;

struct WireUuid {
  static constexpr uint32_t width = 16;
  using Value = Fixed16;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    memcpy(&out, p, 16);
    return kFine;
  }
};

template <class Order>
struct BasicMoney {
  static constexpr uint32_t width = 8;
  using Value = Fixed16;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    out = fixed16FromInt(static_cast<int64_t>(Order::load64(p)));
    return kFine;
  }
};
using WireMoney = BasicMoney<BigEndian>;

}  // namespace gp

#endif
