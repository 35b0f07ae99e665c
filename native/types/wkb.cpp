#include "types/wkb.h"

namespace gp {

WkbResult toIsoWkb(const uint8_t* ewkb, uint32_t length, uint8_t* out) {
  if (length < kWkbHeader) return {Wkb::kMalformed, 0, 0, 0};
  const uint32_t srid = sridBytes(ewkb);
  if (length < kWkbHeader + srid) return {Wkb::kMalformed, 0, 0, 0};
  std::memcpy(out, ewkb, kWkbHeader);
  std::memcpy(out + kWkbHeader, ewkb + kWkbHeader + srid, length - kWkbHeader - srid);
  WkbResult result = walkEwkb<kMostWkbLevels>(ewkb, length, [&](uint32_t at, uint32_t type, bool little) {
    if (!little) type = __builtin_bswap32(type);
    std::memcpy(out + (at == 1 ? 1 : at - srid), &type, 4);
  });
  if (result.trouble == Wkb::kTooDeep) result.trouble = Wkb::kMalformed;
  return result;
}

}  // namespace gp
