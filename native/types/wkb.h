// PostGIS's wire form of geometry and geography, EWKB, and the ISO WKB (ISO 19125, SQL/MM 3) that it becomes. EWKB marks dimensions
// and an SRID by flags in the type word (liblwgeom, lwout_wkb.c); ISO WKB adds 1000 for Z and 2000 for M and knows no SRID.
#ifndef GPUPARSER_TYPES_WKB_H
#define GPUPARSER_TYPES_WKB_H

#include <cstdint>
#include <cstring>

namespace gp {

enum class Wkb : uint8_t { kFine, kMalformed, kUnknownType };

struct WkbResult {
  Wkb trouble;
  uint32_t bytes;  // written
  uint32_t srid;   // 0: none
  uint32_t type;   // the one that is not known
};

// Writes at most `length` bytes.
WkbResult toIsoWkb(const uint8_t* ewkb, uint32_t length, uint8_t* out);

}  // namespace gp

#endif
