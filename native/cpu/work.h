// What one thread keeps between blocks: compressors and scratch memory.
#ifndef GPUPARSER_CPU_WORK_H
#define GPUPARSER_CPU_WORK_H

#include "base/buffer.h"
#include "cpu/encode/codec.h"

namespace gp {

constexpr int kBlockRows = 1024;  // most rows decoded at once

// Where a text value lies: bytes from base + start.
struct Span {
  uint32_t start;
  uint32_t length;
};

struct Work {
  Compressor compressor;
  Bytes compressed;         // one page
  Bytes page;               // a page put together from levels and values
  Bytes encoded;            // a page's values in another encoding than PLAIN
  Bytes text;               // texts made by decoding, for one block
  Buffer<uint32_t> fields;  // where each field starts: column by column, kBlockRows each
  alignas(64) uint8_t valid[kBlockRows + 8];
  alignas(64) uint8_t values[kBlockRows * 16];
  alignas(64) Span spans[kBlockRows];
};

}  // namespace gp

#endif
