#include "cpu/codec.h"

#include <new>
#include <string>

#include "cpu/fault.h"
#include "lz4.h"
#include "snappy-sinksource.h"
#include "snappy.h"
#include "zstd.h"

namespace gp {

Compressor::~Compressor() {
  ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(zstd_));
  std::free(lz4_);
  delete static_cast<snappy::CompressionContext*>(snappy_);
}

size_t Compressor::compress(int codec, int level, const uint8_t* from, size_t length, Bytes& out) {
  const auto* source = reinterpret_cast<const char*>(from);
  size_t written = 0;
  if (codec == GP_SNAPPY) {
    if (snappy_ == nullptr) snappy_ = new snappy::CompressionContext();
    char* to = reinterpret_cast<char*>(out.room(snappy::MaxCompressedLength(length)));
    snappy::ByteArraySource reader(source, length);
    snappy::UncheckedByteArraySink writer(to);
    written = snappy::Compress(&reader, &writer, {}, static_cast<snappy::CompressionContext*>(snappy_));
  } else if (codec == GP_ZSTD) {
    if (zstd_ == nullptr) zstd_ = ZSTD_createCCtx();
    if (zstd_ == nullptr) throw std::bad_alloc();
    const size_t bound = ZSTD_compressBound(length);
    written =
        ZSTD_compressCCtx(static_cast<ZSTD_CCtx*>(zstd_), out.room(bound), bound, from, length, level == 0 ? ZSTD_CLEVEL_DEFAULT : level);
    if (ZSTD_isError(written)) throw std::bad_alloc();  // with room enough, memory is all that can be missing
  } else {
    if (lz4_ == nullptr) lz4_ = std::malloc(static_cast<size_t>(LZ4_sizeofState()));
    if (lz4_ == nullptr) throw std::bad_alloc();
    if (length > LZ4_MAX_INPUT_SIZE) throw Fault{GP_LIMIT, -1, -1, "a page of " + std::to_string(length) + " bytes is over LZ4's limit"};
    const int bound = LZ4_compressBound(static_cast<int>(length));
    written = static_cast<size_t>(LZ4_compress_fast_extState(lz4_, source, reinterpret_cast<char*>(out.room(static_cast<size_t>(bound))),
                                                             static_cast<int>(length), bound, 1));
  }
  out.advance(written);
  return written;
}

bool decompress(int codec, const uint8_t* from, size_t compressed, uint8_t* out, size_t length) {
  const auto* source = reinterpret_cast<const char*>(from);
  auto* to = reinterpret_cast<char*>(out);
  if (codec == GP_SNAPPY) {
    size_t restored = 0;
    return snappy::GetUncompressedLength(source, compressed, &restored) && restored == length &&
           snappy::RawUncompress(source, compressed, to);
  }
  if (codec == GP_ZSTD) return ZSTD_decompress(out, length, from, compressed) == length;
  return LZ4_decompress_safe(source, to, static_cast<int>(compressed), static_cast<int>(length)) == static_cast<int>(length);
}

const char* codecVersion(int codec) {
  static const std::string snappy =
      std::to_string(SNAPPY_MAJOR) + "." + std::to_string(SNAPPY_MINOR) + "." + std::to_string(SNAPPY_PATCHLEVEL);
  return codec == GP_SNAPPY ? snappy.c_str() : codec == GP_ZSTD ? ZSTD_versionString() : LZ4_versionString();
}

}  // namespace gp
