// numeric: int16 ndigits, int16 weight, uint16 sign, uint16 dscale, then ndigits base-10000 digits, most significant first.
// The value is the sum of digit[i] * 10000^(weight - i).
#ifndef GPUPARSER_TYPES_NUMERIC_H
#define GPUPARSER_TYPES_NUMERIC_H

#include "types/wire.h"

namespace gp {

constexpr uint32_t kNumericHeader = 8;
constexpr uint16_t kNumericNegative = 0x4000, kNumericNaN = 0xC000, kNumericInfinity = 0xD000, kNumericMinusInfinity = 0xF000;
constexpr uint16_t kNumericScaleMask = 0x3FFF;

struct NumericHeader {
  uint16_t digits;
  int16_t weight;
  uint16_t sign;
  uint16_t scale;
  const uint8_t* first;  // the most significant digit, of two bytes as all are
};

// Reads and checks everything but the digits. length is the field's.
GP_HD inline Trouble numericHeader(const uint8_t* p, uint32_t length, NumericHeader& h) {
  if (length < kNumericHeader || length > kNumericHeader + 2 * 65535) return kMalformed;
  h.first = p + kNumericHeader;
  h.digits = load16(p);
  h.weight = static_cast<int16_t>(load16(p + 2));
  h.sign = load16(p + 4);
  h.scale = load16(p + 6);
  if (length != kNumericHeader + 2u * h.digits || h.scale > kNumericScaleMask) return kMalformed;
  if (h.sign == 0 || h.sign == kNumericNegative) return kFine;
  if (h.sign == kNumericNaN) return kNaN;
  if (h.sign == kNumericInfinity) return kInfinity;
  return h.sign == kNumericMinusInfinity ? kMinusInfinity : kMalformed;
}

GP_HD inline uint64_t pow10u64(int n) {
  uint64_t v = 1;
  for (int i = 0; i < n; i++) v *= 10;
  return v;
}

GP_HD inline u128 pow10u128(int n) {
  u128 v = 1;
  for (int i = 0; i < n; i++) v *= 10;
  return v;
}

// One row of the fast path's table: the value scaled by 10^e, e = 4 * (weight - ndigits + 1) + scale.
// e >= 0 multiplies by the power. e < 0 divides exactly: multiply by the inverse of 5^k modulo 2^64, rotate right by k; the result
// is at most (2^64 - 1) / 10^k exactly where 10^k divides (Granlund and Montgomery, "Division by invariant integers").
struct ScaleStep {
  uint64_t factor;
  uint64_t inputLimit;   // largest V that may be multiplied
  uint64_t outputLimit;  // largest result that is exact and within the precision
  uint64_t rotate;
};

constexpr int kScaleSteps = 64;
constexpr int kScaleZero = 16;  // steps[e + kScaleZero]

struct DecimalPlan {
  ScaleStep steps[kScaleSteps];
  int precision;
  int scale;
};

inline void planDecimal(int precision, int scale, DecimalPlan& plan) {
  plan.precision = precision;
  plan.scale = scale;
  const uint64_t largest = precision >= 18 ? 999999999999999999 : pow10u64(precision) - 1;
  uint64_t inverse5 = 1;  // Newton's iteration doubles the right low bits each round: 5 * 5 = 25 = 1 mod 8
  for (int i = 0; i < 6; i++) inverse5 *= 2 - 5 * inverse5;
  for (int i = 0; i < kScaleSteps; i++) {
    const int e = i - kScaleZero;
    ScaleStep& step = plan.steps[i];
    if (e > 18) {
      step = {0, 0, 0, 0};  // zero alone survives
    } else if (e >= 0) {
      step = {pow10u64(e), largest / pow10u64(e), largest, 0};
    } else {
      uint64_t factor = 1;
      for (int k = 0; k < -e; k++) factor *= inverse5;
      const uint64_t exact = UINT64_MAX / pow10u64(-e);
      step = {factor, UINT64_MAX, exact < largest ? exact : largest, static_cast<uint64_t>(-e)};
    }
  }
}

// v: the digits, at most four, as one integer. negative: all bits set, or none. False where the result is not within 18 digits.
GP_HD inline bool decimalOf(uint64_t v, int32_t weight, uint32_t digits, uint64_t negative, const DecimalPlan& plan, int64_t& out) {
  const uint32_t index = static_cast<uint32_t>(4 * (weight - static_cast<int32_t>(digits) + 1) + plan.scale + kScaleZero);
  if (index >= kScaleSteps) return false;
  const ScaleStep& step = plan.steps[index];
  const uint64_t product = v * step.factor;
  const uint64_t q = product >> step.rotate | product << (-step.rotate & 63);
  if (v > step.inputLimit || q > step.outputLimit) return false;
  out = static_cast<int64_t>((q ^ negative) - negative);
  return true;
}

// Whether a lane of four holds more than a digit does.
GP_HD inline bool beyondDigits(uint64_t lanes) {
  constexpr uint64_t top = 0x8000800080008000, room = 0x58F058F058F058F0;  // 0x8000 - 10000 in each lane
  return ((lanes | (lanes + room)) & top) != 0;
}

// The fast path: at most four digits, result within 18 decimal digits. False: take numericToInt128.
GP_HD inline bool numericToInt64(const uint8_t* field, uint32_t length, const DecimalPlan& plan, int64_t& out) {
  if (length - kNumericHeader > 8) return false;  // NULL's length too
  const uint64_t header = load64(field);
  const uint32_t digits = static_cast<uint32_t>(header >> 48);
  const int32_t weight = static_cast<int16_t>(header >> 32);
  const uint32_t sign = static_cast<uint32_t>(header >> 16) & 0xFFFF;
  if (digits > 4 || (sign & ~uint32_t{kNumericNegative}) != 0 || length != kNumericHeader + 2 * digits) return false;
  // the digits end where the field ends; what stands before them is shifted out
  uint64_t w = load64(field + length - 8);
  w &= (uint64_t{1} << 8 * digits << 8 * digits) - 1;  // no branch: zeros among other values would be mispredicted
  if (beyondDigits(w)) return false;
  const uint64_t v = (w & 0xFFFF) + ((w >> 16) & 0xFFFF) * 10000 + ((w >> 32) & 0xFFFF) * 100000000 + (w >> 48) * 1000000000000;
  return decimalOf(v, weight, digits, -static_cast<uint64_t>(sign >> 14), plan, out);
}

// The layout of a numeric that PostgreSQL sends: what the functions below are templates over, because a source may have another.
struct WireNumeric {
  GP_HD static Trouble header(const uint8_t* field, uint32_t length, NumericHeader& h) { return numericHeader(field, length, h); }
  GP_HD static uint32_t digit(const NumericHeader& h, int i) { return load16(h.first + 2 * i); }
  GP_HD static bool toInt64(const uint8_t* field, uint32_t length, const DecimalPlan& plan, int64_t& out) {
    return numericToInt64(field, length, plan, out);
  }
};

// Any numeric to an integer of 10^-scale units, exactly: kInexact where digits would be lost, kOverflow beyond precision.
template <class Numeric = WireNumeric>
GP_HD Trouble numericToInt128(const uint8_t* field, uint32_t length, int precision, int scale, i128& out) {
  NumericHeader h{};
  const Trouble trouble = Numeric::header(field, length, h);
  if (trouble != kFine) return trouble;
  const u128 limit = pow10u128(precision) - 1;
  u128 v = 0;
  bool inexact = false, overflow = false;
  for (int i = 0; i < h.digits; i++) {
    const uint32_t d = Numeric::digit(h, i);
    if (d > 9999) return kMalformed;
    const int e = 4 * (h.weight - i) + scale;  // this digit counts d * 10^e units
    if (d == 0) continue;
    if (e >= 0) {
      if (e > 38) {
        overflow = true;
        continue;
      }
      const u128 unit = pow10u128(e);
      if (d > limit / unit || v > limit - d * unit) {
        overflow = true;
        continue;
      }
      v += d * unit;
    } else if (e > -4) {
      const uint32_t unit = static_cast<uint32_t>(pow10u64(-e));
      if (d % unit != 0) inexact = true;
      if (v > limit - d / unit) {
        overflow = true;
        continue;
      }
      v += d / unit;
    } else {
      inexact = true;
    }
  }
  if (overflow) return kOverflow;
  if (inexact) return kInexact;
  out = h.sign == kNumericNegative ? -static_cast<i128>(v) : static_cast<i128>(v);
  return kFine;
}

// The most bytes numericText writes: sign, integer digits, point, dscale digits.
GP_HD inline uint32_t numericTextLimit(const NumericHeader& h) {
  return 2 + (h.weight >= 0 ? 4u * static_cast<uint32_t>(h.weight + 1) : 1) + h.scale;
}

// What the server's numeric_out writes (numeric.c get_str_from_var). NaN and infinities are the caller's. Returns the length,
// or 0 where a digit is above 9999.
template <class Numeric = WireNumeric>
GP_HD uint32_t numericText(const NumericHeader& h, char* out) {
  char* o = out;
  if (h.sign == kNumericNegative) *o++ = '-';
  for (int i = 0; i < h.digits; i++) {
    if (Numeric::digit(h, i) > 9999) return 0;
  }
  if (h.weight < 0) {
    *o++ = '0';
  } else {
    for (int i = 0; i <= h.weight; i++) {
      const uint32_t d = i < h.digits ? Numeric::digit(h, i) : 0;
      const bool first = i == 0;  // leading zeros of the first digit are not written
      if (!first || d >= 1000) *o++ = static_cast<char>('0' + d / 1000);
      if (!first || d >= 100) *o++ = static_cast<char>('0' + d / 100 % 10);
      if (!first || d >= 10) *o++ = static_cast<char>('0' + d / 10 % 10);
      *o++ = static_cast<char>('0' + d % 10);
    }
  }
  if (h.scale > 0) {
    *o++ = '.';
    int left = h.scale;
    for (int i = h.weight + 1; left > 0; i++) {
      const uint32_t d = i >= 0 && i < h.digits ? Numeric::digit(h, i) : 0;
      const char four[4] = {static_cast<char>('0' + d / 1000), static_cast<char>('0' + d / 100 % 10), static_cast<char>('0' + d / 10 % 10),
                            static_cast<char>('0' + d % 10)};
      for (int k = 0; k < 4 && left > 0; k++, left--) *o++ = four[k];
    }
  }
  return static_cast<uint32_t>(o - out);
}

}  // namespace gp

#endif
