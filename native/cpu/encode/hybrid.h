// Parquet's RLE / bit-packed hybrid, for levels and dictionary indices.
#ifndef GPUPARSER_CPU_ENCODE_HYBRID_H
#define GPUPARSER_CPU_ENCODE_HYBRID_H

#include <cstdint>

#include "base/buffer.h"

namespace gp {

// Bits needed for values 0 .. count - 1; at least 1, so that a one-entry dictionary is read by every reader.
int bitWidth(uint64_t count);

// Appends the hybrid encoding of count indices, each below 2^width.
void encodeHybrid(const uint8_t* values, size_t count, int width, Bytes& out);
void encodeHybrid(const uint16_t* values, size_t count, int width, Bytes& out);
void encodeHybrid(const uint32_t* values, size_t count, int width, Bytes& out);

// Appends count levels of one bit each, given as a bitmap (least significant bit first, starting at a byte's first bit).
void encodeLevels(const uint8_t* bits, size_t count, Bytes& out);
// The same for count ones.
void encodeOnes(size_t count, Bytes& out);
// The same for count zeros.
void encodeZeros(size_t count, Bytes& out);

}  // namespace gp

#endif
