// numeric as a heap page holds it, without its varlena header: a uint16 header, in the long form an int16 weight behind it, then
// base-10000 digits up to the value's end. The short form keeps sign, scale and weight in the header (numeric.c, NumericData).
#ifndef GPUPARSER_TYPES_DISK_NUMERIC_H
#define GPUPARSER_TYPES_DISK_NUMERIC_H

#include "types/numeric.h"

namespace gp {

struct DiskNumeric {
  GP_HD static Trouble header(const uint8_t* field, uint32_t length, NumericHeader& h) {
    if (length < 2 || length > 4 + 2 * 65535u || length % 2 != 0) return kMalformed;
    const uint16_t head = LittleEndian::load16(field);
    h = {0, 0, 0, 0, field + 2};
    switch (head & 0xC000) {
      case 0xC000:
        if ((head & 0xF000) == kNumericNaN) return kNaN;
        if ((head & 0xF000) == kNumericInfinity) return kInfinity;
        return (head & 0xF000) == kNumericMinusInfinity ? kMinusInfinity : kMalformed;
      case 0x8000:
        h.sign = head & 0x2000 ? kNumericNegative : 0;
        h.scale = head >> 7 & 0x3F;
        h.weight = shortWeight(head);
        break;
      default:
        if (length < 4) return kMalformed;
        h.sign = head & kNumericNegative;
        h.scale = head & kNumericScaleMask;
        h.weight = static_cast<int16_t>(LittleEndian::load16(field + 2));
        h.first = field + 4;
    }
    h.digits = static_cast<uint16_t>((field + length - h.first) / 2);
    return kFine;
  }

  GP_HD static uint32_t digit(const NumericHeader& h, int i) { return LittleEndian::load16(h.first + 2 * i); }

  // The fast path: the short form, at most four digits. 6 bytes before the field are read.
  GP_HD static bool toInt64(const uint8_t* field, uint32_t length, const DecimalPlan& plan, int64_t& out) {
    if (length - 2 > 8 || length % 2 != 0) return false;  // NULL's length too
    const uint32_t head = LittleEndian::load16(field), digits = (length - 2) / 2;
    if ((head & 0xC000) != 0x8000) return false;
    uint64_t w = LittleEndian::load64(field + length - 8);  // the last digit on top, under the first what is not the value's
    w &= ~uint64_t{0} << (32 - 8 * digits) << (32 - 8 * digits);
    if (beyondDigits(w)) return false;
    const uint64_t v = (w >> 48) + (w >> 32 & 0xFFFF) * 10000 + (w >> 16 & 0xFFFF) * 100000000 + (w & 0xFFFF) * 1000000000000;
    return decimalOf(v, shortWeight(head), digits, -static_cast<uint64_t>(head >> 13 & 1), plan, out);
  }

 private:
  GP_HD static int16_t shortWeight(uint32_t head) {
    return static_cast<int16_t>(static_cast<int>(head & 0x3F) - static_cast<int>(head & 0x40));
  }
};

}  // namespace gp

#endif
