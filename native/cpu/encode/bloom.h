// A split-block bloom filter as Parquet has it (BloomFilter.md): xxHash64 of a value's plain bytes sets one bit in each of the
// eight words of one block.
#ifndef GPUPARSER_CPU_ENCODE_BLOOM_H
#define GPUPARSER_CPU_ENCODE_BLOOM_H

#include <cstdint>

#include "base/buffer.h"

namespace gp {

class Bloom {
 public:
  // value: `length` bytes as PLAIN has them, BYTE_ARRAY without its length.
  void add(const uint8_t* value, size_t length);
  // count values of one width.
  void add(const uint8_t* values, size_t count, size_t width) {
    for (size_t i = 0; i < count; i++) add(values + i * width, width);
  }
  // A zero of either sign is found by both: SQL takes them for equal.
  void addFloats(const float* values, size_t count);
  void addFloats(const double* values, size_t count);

  // Header and bits, sized to the distinct values added. Forgets them.
  void write(Bytes& out);
  void clear() { hashes_.clearBeyond(kKeptBytes / 8); }

 private:
  Buffer<uint64_t> hashes_;
};

// Bytes of a filter for so many distinct values at 1 % false positives: a power of two, as Arrow's reader wants.
size_t bloomBytes(size_t distinct);

}  // namespace gp

#endif
