// The encodings of Parquet 2 that may take PLAIN's place in a data page. Each appends the encoded values to out.
#ifndef GPUPARSER_CPU_ENCODE_ENCODINGS_H
#define GPUPARSER_CPU_ENCODE_ENCODINGS_H

#include <cstdint>

#include "base/buffer.h"

namespace gp {

// DELTA_BINARY_PACKED: differences in blocks of 128, bit-packed over each block's least one.
void encodeDelta(const uint32_t* values, size_t count, Bytes& out);
void encodeDelta(const uint64_t* values, size_t count, Bytes& out);

// BYTE_STREAM_SPLIT: first the values' first bytes, then their second ones ...
void encodeSplit(const uint8_t* values, size_t count, size_t width, Bytes& out);

// The next two take BYTE_ARRAY values as PLAIN has them: length, bytes, length, bytes ...
// DELTA_LENGTH_BYTE_ARRAY: the lengths by encodeDelta, then the bytes.
void encodeDeltaLength(const uint8_t* plain, size_t count, Bytes& out);
// DELTA_BYTE_ARRAY: how many bytes each value shares with the one before, by encodeDelta, then the rests by encodeDeltaLength.
void encodeDeltaBytes(const uint8_t* plain, size_t count, Bytes& out);

}  // namespace gp

#endif
