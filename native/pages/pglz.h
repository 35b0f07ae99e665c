// PostgreSQL's own compression (pg_lzcompress.c): eight items behind a control byte, lowest bit first; a set bit is a match of two
// or three bytes, a clear one a byte as it is.
#ifndef GPUPARSER_PAGES_PGLZ_H
#define GPUPARSER_PAGES_PGLZ_H

#include "types/wire.h"

namespace gp {

// The most bytes that `length` compressed ones can become, by pglz (a match of 3 bytes: 273) or lz4 (255 for a byte).
GP_HD inline uint64_t mostDecompressed(uint32_t length) { return uint64_t{length} * 256; }

// False unless all of the input makes exactly `raw` bytes.
GP_HD inline bool decompressPglz(const uint8_t* in, uint32_t length, uint8_t* out, uint32_t raw) {
  const uint8_t* const inEnd = in + length;
  uint32_t at = 0;
  while (in < inEnd && at < raw) {
    uint32_t control = *in++;
    for (int i = 0; i < 8 && in < inEnd && at < raw; i++, control >>= 1) {
      if (!(control & 1)) {
        out[at++] = *in++;
        continue;
      }
      if (inEnd - in < 2) return false;
      uint32_t count = (in[0] & 15u) + 3;
      const uint32_t offset = (in[0] & 0xF0u) << 4 | in[1];
      in += 2;
      if (count == 18) {
        if (in == inEnd) return false;
        count += *in++;
      }
      if (offset == 0 || offset > at) return false;
      if (count > raw - at) count = raw - at;
      for (const uint32_t end = at + count; at < end; at++) out[at] = out[at - offset];
    }
  }
  return in == inEnd && at == raw;
}

}  // namespace gp

#endif
