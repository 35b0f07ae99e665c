// The page compressors, with the state one thread keeps for them.
#ifndef GPUPARSER_CPU_ENCODE_CODEC_H
#define GPUPARSER_CPU_ENCODE_CODEC_H

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "include/gpuparser.h"

namespace gp {

// How hard zstd looks for repetitions, from the fastest on; other codecs have one way only. kDeep is level 3's own search with
// tables of 160 KiB instead of 768, which stay in the second-level cache: pages of a mebibyte come out as small or smaller.
enum class Effort : uint8_t {
  kLiterals,  // not at all: bytes that are frequent get short codes, and that is all
  kSkim,      // of 5 bytes or more, at two positions of three: what repeats in fixed-width values begins where they do
  kLong,      // of 7 bytes or more: level 1
  kShort,     // of 5 bytes or more
  kDeep,      // of 8 bytes or more, else of 5
  kLevel,     // as the level that was asked for says
};
constexpr size_t kEfforts = static_cast<size_t>(Effort::kLevel);  // that a chunk chooses among

class Compressor {
 public:
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor();

  // Appends the compressed bytes to out and returns their number. codec is not GP_NONE; level counts for Effort::kLevel of zstd;
  // throws std::bad_alloc.
  size_t compress(int codec, Effort effort, int level, const uint8_t* from, size_t length, Bytes& out);

 private:
  size_t zstd(Effort effort, int level, const uint8_t* from, size_t length, uint8_t* out, size_t room);

  void* zstd_ = nullptr;
  Effort prepared_ = Effort::kLevel;  // what zstd_ has the parameters of
  void* lz4_ = nullptr;
  void* snappy_ = nullptr;
};

// Restores length bytes into out. False where the bytes are not what compress wrote.
bool decompress(int codec, const uint8_t* from, size_t compressed, uint8_t* out, size_t length);

// "1.3.1" and so on, for gp_describe.
const char* codecVersion(int codec);

}  // namespace gp

#endif
