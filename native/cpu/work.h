// What one thread keeps between blocks: compressors and scratch memory.
#ifndef GPUPARSER_CPU_WORK_H
#define GPUPARSER_CPU_WORK_H

#include "base/buffer.h"
#include "cpu/encode/codec.h"
#include "pages/reader.h"
#include "types/wire.h"

namespace gp {

constexpr int kBlockRows = 1024;  // most rows decoded at once

struct Work {
  Compressor compressor;
  Bytes compressed;     // one page
  Bytes page;           // a page put together from levels and values
  Bytes encoded;        // a page's values in another encoding than PLAIN
  Bytes text;           // texts made by decoding, for one block
  Buffer<Span> fields;  // of a block of rows, column by column
  PageScratch pages;
  const Span* texts;  // what the last decoder of texts found: its own `spans`, or the block's fields
  alignas(64) uint8_t valid[kBlockRows + 8];
  alignas(64) uint8_t values[kBlockRows * 16];
  alignas(64) Span spans[kBlockRows];
};

}  // namespace gp

#endif
