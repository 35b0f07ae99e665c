// PostGIS's wire form of geometry and geography, EWKB, and the ISO WKB (ISO 19125, SQL/MM 3) that it becomes. EWKB marks dimensions
// and an SRID by flags in the type word (liblwgeom, lwout_wkb.c); ISO WKB adds 1000 for Z and 2000 for M and knows no SRID.
#ifndef GPUPARSER_TYPES_WKB_H
#define GPUPARSER_TYPES_WKB_H

#include "types/wire.h"

namespace gp {

constexpr uint32_t kWkbHeader = 5;  // byte order and type
constexpr uint32_t kWkbZ = 0x80000000, kWkbM = 0x40000000, kWkbSrid = 0x20000000;
constexpr int kMostWkbLevels = 200;  // of collections in collections: LW_PARSER_MAX_DEPTH

enum class Wkb : uint8_t { kFine, kMalformed, kUnknownType, kTooDeep };

struct WkbResult {
  Wkb trouble;
  uint32_t bytes;  // of the ISO WKB
  uint32_t srid;   // 0: none
  uint32_t type;   // the one that is not known
};

// Writes at most `length` bytes. Never kTooDeep.
WkbResult toIsoWkb(const uint8_t* ewkb, uint32_t length, uint8_t* out);

GP_HD inline uint32_t wkbWord(const uint8_t* p, bool little) {
  const uint32_t v = load32(p);
#ifdef __CUDA_ARCH__
  return little ? __byte_perm(v, 0, 0x0123) : v;
#else
  return little ? __builtin_bswap32(v) : v;
#endif
}

// Bytes of the SRID behind the outermost header, which ISO WKB has not.
GP_HD inline uint32_t sridBytes(const uint8_t* ewkb) { return (wkbWord(ewkb + 1, *ewkb == 1) & kWkbSrid) != 0 ? 4 : 0; }

// How a type's body is laid out behind its header.
enum class WkbBody : uint8_t { kPoint, kPoints, kRings, kParts, kUnknown };

GP_HD inline WkbBody wkbBody(uint32_t type) {
  switch (type) {
    case 1: return WkbBody::kPoint;
    case 2:  // LineString
    case 8:  // CircularString
      return WkbBody::kPoints;
    case 3:   // Polygon
    case 17:  // Triangle
      return WkbBody::kRings;
    case 4:  // MultiPoint, MultiLineString, MultiPolygon, GeometryCollection
    case 5:
    case 6:
    case 7:
    case 9:  // CompoundCurve, CurvePolygon, MultiCurve, MultiSurface
    case 10:
    case 11:
    case 12:
    case 15:  // PolyhedralSurface, TIN
    case 16: return WkbBody::kParts;
    default: return WkbBody::kUnknown;
  }
}

// Walks a geometry and all within it. visit(at, type, little): at offset `at` of the EWKB is a type word, which becomes `type` in the
// byte order of its geometry. Geometries in more levels than these are kTooDeep.
template <int levels, class Visit>
GP_HD WkbResult walkEwkb(const uint8_t* ewkb, uint32_t length, Visit visit) {
  WkbResult result{Wkb::kMalformed, 0, 0, 0};
  uint32_t parts[levels];  // still to come, of each geometry around the next one
  int level = 0;
  uint64_t at = 0;
  const auto points = [&](bool little, uint64_t pointBytes) {
    if (length - at < 4) return false;
    const uint64_t bytes = wkbWord(ewkb + at, little) * pointBytes;
    at += 4;
    if (length - at < bytes) return false;
    at += bytes;
    return true;
  };
  for (bool outermost = true;; outermost = false) {
    if (length - at < kWkbHeader || ewkb[at] > 1) return result;
    const bool little = ewkb[at] == 1;
    uint32_t given = wkbWord(ewkb + at + 1, little);
    const uint64_t header = at;
    at += kWkbHeader;
    if (outermost && (given & kWkbSrid) != 0) {
      if (length - at < 4) return result;
      result.srid = wkbWord(ewkb + at, little);
      at += 4;
      given &= ~kWkbSrid;
    }
    const bool hasZ = (given & kWkbZ) != 0, hasM = (given & kWkbM) != 0;
    const uint32_t type = given & ~(kWkbZ | kWkbM | kWkbSrid);
    const WkbBody body = wkbBody(type);
    if (body == WkbBody::kUnknown) {
      result.type = type;
      if (type != 0) result.trouble = Wkb::kUnknownType;
      return result;
    }
    if ((given & kWkbSrid) != 0) return result;  // only the outermost has one
    visit(static_cast<uint32_t>(header) + 1, type + (hasZ ? 1000 : 0) + (hasM ? 2000 : 0), little);
    const uint64_t pointBytes = 8 * (uint64_t{2} + hasZ + hasM);
    if (body == WkbBody::kPoint) {
      if (length - at < pointBytes) return result;
      at += pointBytes;
    } else if (body == WkbBody::kPoints) {
      if (!points(little, pointBytes)) return result;
    } else {
      if (length - at < 4) return result;
      const uint32_t count = wkbWord(ewkb + at, little);
      at += 4;
      if (body == WkbBody::kRings) {
        for (uint32_t i = 0; i < count; i++) {
          if (!points(little, pointBytes)) return result;
        }
      } else if (count > 0) {
        if (level + 1 == levels) {
          result.trouble = Wkb::kTooDeep;
          return result;
        }
        parts[level++] = count;
      }
    }
    while (level > 0 && parts[level - 1] == 0) level--;
    if (level == 0) break;
    parts[level - 1]--;
  }
  if (at != length) return result;
  result.bytes = length - sridBytes(ewkb);
  result.trouble = Wkb::kFine;
  return result;
}

}  // namespace gp

#endif
