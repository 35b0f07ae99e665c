#include "types/wkb.h"

namespace gp {
namespace {

constexpr uint32_t kZ = 0x80000000, kM = 0x40000000, kSrid = 0x20000000, kFlags = kZ | kM | kSrid;
constexpr uint32_t kHeader = 5;   // byte order and type
constexpr int kMostLevels = 200;  // of collections in collections: LW_PARSER_MAX_DEPTH

uint32_t word(const uint8_t* p, bool little) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return little ? v : __builtin_bswap32(v);
}

void putWord(uint8_t* p, uint32_t v, bool little) {
  if (!little) v = __builtin_bswap32(v);
  std::memcpy(p, &v, 4);
}

// How a type's body is laid out behind its header.
enum class Body { kPoint, kPoints, kRings, kParts, kUnknown };

Body bodyOf(uint32_t type) {
  switch (type) {
    case 1: return Body::kPoint;
    case 2:  // LineString
    case 8:  // CircularString
      return Body::kPoints;
    case 3:   // Polygon
    case 17:  // Triangle
      return Body::kRings;
    case 4:  // MultiPoint, MultiLineString, MultiPolygon, GeometryCollection
    case 5:
    case 6:
    case 7:
    case 9:  // CompoundCurve, CurvePolygon, MultiCurve, MultiSurface
    case 10:
    case 11:
    case 12:
    case 15:  // PolyhedralSurface, TIN
    case 16: return Body::kParts;
    default: return Body::kUnknown;
  }
}

// Rewrites the type words of a geometry and of all within it, in place.
class Rewriter {
 public:
  explicit Rewriter(const uint8_t* end) : end_(end) {}

  // Behind the geometry at p; null where it is not what it should be.
  uint8_t* rewrite(uint8_t* p, int levels) {
    if (left(p) < kHeader || *p > 1 || levels == 0) return nullptr;
    const bool little = *p == 1;
    const uint32_t given = word(p + 1, little), type = given & ~kFlags;
    const Body body = bodyOf(type);
    if (body == Body::kUnknown) {
      unknown = type;
      return nullptr;
    }
    if ((given & kSrid) != 0) return nullptr;  // only the outermost has one
    putWord(p + 1, type + ((given & kZ) != 0 ? 1000 : 0) + ((given & kM) != 0 ? 2000 : 0), little);
    const uint64_t pointBytes = 8 * (uint64_t{2} + ((given & kZ) != 0) + ((given & kM) != 0));
    p += kHeader;
    if (body == Body::kPoint) return skip(p, pointBytes);
    if (body == Body::kPoints) return points(p, little, pointBytes);
    if (left(p) < 4) return nullptr;
    const uint32_t parts = word(p, little);
    p += 4;
    for (uint32_t i = 0; i < parts && p != nullptr; i++) p = body == Body::kRings ? points(p, little, pointBytes) : rewrite(p, levels - 1);
    return p;
  }

  uint32_t unknown = 0;

 private:
  uint64_t left(const uint8_t* p) const { return static_cast<uint64_t>(end_ - p); }
  uint8_t* skip(uint8_t* p, uint64_t bytes) const { return left(p) < bytes ? nullptr : p + bytes; }
  uint8_t* points(uint8_t* p, bool little, uint64_t pointBytes) const {
    return left(p) < 4 ? nullptr : skip(p + 4, word(p, little) * pointBytes);
  }

  const uint8_t* const end_;
};

}  // namespace

WkbResult toIsoWkb(const uint8_t* ewkb, uint32_t length, uint8_t* out) {
  WkbResult result{Wkb::kMalformed, 0, 0, 0};
  if (length < kHeader || *ewkb > 1) return result;
  const bool little = *ewkb == 1;
  const uint32_t type = word(ewkb + 1, little);
  uint32_t head = kHeader;
  if ((type & kSrid) != 0) {
    head += 4;
    if (length < head) return result;
    result.srid = word(ewkb + kHeader, little);
  }
  result.bytes = length - head + kHeader;
  std::memcpy(out, ewkb, kHeader);
  putWord(out + 1, type & ~kSrid, little);
  std::memcpy(out + kHeader, ewkb + head, length - head);
  Rewriter rewriter(out + result.bytes);
  const uint8_t* end = rewriter.rewrite(out, kMostLevels);
  result.type = rewriter.unknown;
  result.trouble = result.type != 0 ? Wkb::kUnknownType : end == out + result.bytes ? Wkb::kFine : Wkb::kMalformed;
  return result;
}

}  // namespace gp
