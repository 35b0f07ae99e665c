// The page compressors, with the state one thread keeps for them.
#ifndef GPUPARSER_CPU_CODEC_H
#define GPUPARSER_CPU_CODEC_H

#include <cstddef>
#include <cstdint>

#include "cpu/buffer.h"
#include "include/gpuparser.h"

namespace gp {

class Compressor {
 public:
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor();

  // Appends the compressed bytes to out and returns their number. codec is not GP_NONE; throws std::bad_alloc.
  size_t compress(int codec, int level, const uint8_t* from, size_t length, Bytes& out);

 private:
  void* zstd_ = nullptr;
  void* lz4_ = nullptr;
  void* snappy_ = nullptr;
};

// Restores length bytes into out. False where the bytes are not what compress wrote.
bool decompress(int codec, const uint8_t* from, size_t compressed, uint8_t* out, size_t length);

// "1.3.1" and so on, for gp_describe.
const char* codecVersion(int codec);

}  // namespace gp

#endif
