#include "cpu/encode/codec.h"

#include <new>
#include <string>

#include "base/fault.h"
#include "lz4.h"
#include "snappy-sinksource.h"
#include "snappy.h"
#define ZSTD_STATIC_LINKING_ONLY  // its experimental parameters; the sources are in third_party
#include "zstd.h"

namespace gp {
namespace {

struct Search {
  ZSTD_strategy strategy;
  int hashLog, chainLog, minMatch;
  int step;  // ZSTD_fast looks at two of `step` + 1 positions; ZSTD_dfast does not use it
};

// By Effort. Tables of 64 KiB, kDeep's of 128 and 32: found on pages of lineitem and of bench/sizes-tables.ts.
constexpr Search kSearches[kEfforts] = {
    {ZSTD_fast, 12, 12, 7, ZSTD_TARGETLENGTH_MAX},
    {ZSTD_fast, 14, 12, 5, 2},
    {ZSTD_fast, 14, 12, 7, 1},
    {ZSTD_fast, 14, 12, 5, 1},
    {ZSTD_dfast, 15, 13, 5, 1},
};
constexpr int kWindowLog = 21;  // level 3's; zstd takes less for a page that is smaller

void prepare(ZSTD_CCtx* context, Effort effort) {
  const Search& search = kSearches[static_cast<size_t>(effort)];
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  const auto set = [context](ZSTD_cParameter parameter, int value) {
    if (ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)))
      throw Fault{GP_INTERNAL, -1, -1, "zstd refuses parameter " + std::to_string(parameter)};
  };
  set(ZSTD_c_strategy, search.strategy);
  set(ZSTD_c_windowLog, kWindowLog);
  set(ZSTD_c_hashLog, search.hashLog);
  set(ZSTD_c_chainLog, search.chainLog);
  set(ZSTD_c_minMatch, search.minMatch);
  set(ZSTD_c_targetLength, search.step);
  // Steps make zstd think that it should be as fast as can be, which is to leave literals as they are.
  set(ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  // New codes where the bytes change their nature: what level 3 does, ZSTD_fast by itself less well.
  set(ZSTD_c_blockSplitterLevel, 3);
}

}  // namespace

Compressor::~Compressor() {
  ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(zstd_));
  std::free(lz4_);
  delete static_cast<snappy::CompressionContext*>(snappy_);
}

size_t Compressor::zstd(Effort effort, int level, const uint8_t* from, size_t length, uint8_t* out, size_t room) {
  if (zstd_ == nullptr) zstd_ = ZSTD_createCCtx();
  if (zstd_ == nullptr) throw std::bad_alloc();
  auto* context = static_cast<ZSTD_CCtx*>(zstd_);
  size_t written = 0;
  if (effort == Effort::kLevel) {
    written = ZSTD_compressCCtx(context, out, room, from, length, level);
  } else {
    if (effort != prepared_) prepare(context, effort);
    prepared_ = effort;
    written = ZSTD_compress2(context, out, room, from, length);
  }
  if (ZSTD_isError(written)) throw std::bad_alloc();  // with room enough, memory is all that can be missing
  return written;
}

size_t Compressor::compress(int codec, Effort effort, int level, const uint8_t* from, size_t length, Bytes& out) {
  const auto* source = reinterpret_cast<const char*>(from);
  size_t written = 0;
  if (codec == GP_SNAPPY) {
    if (snappy_ == nullptr) snappy_ = new snappy::CompressionContext();
    char* to = reinterpret_cast<char*>(out.room(snappy::MaxCompressedLength(length)));
    snappy::ByteArraySource reader(source, length);
    snappy::UncheckedByteArraySink writer(to);
    written = snappy::Compress(&reader, &writer, {}, static_cast<snappy::CompressionContext*>(snappy_));
  } else if (codec == GP_ZSTD) {
    const size_t bound = ZSTD_compressBound(length);
    written = zstd(effort, level, from, length, out.room(bound), bound);
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
