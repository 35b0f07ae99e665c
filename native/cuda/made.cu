// Kinds whose bytes are made from the field's, not found in it: numerics as text, valid UTF-8, ISO WKB.
#include "cuda/text.cuh"
#include "types/utf8.h"
#include "types/wkb.h"

namespace gp::gpu {
namespace {

// Geometries in more levels of collections are left to the CPU engine: each level takes memory in every thread.
constexpr int kLevels = 16;

__device__ uint32_t digitsOf(uint32_t v) { return v >= 1000 ? 4 : v >= 100 ? 3 : v >= 10 ? 2 : 1; }

// The length that numericText writes; 0 where the field is malformed.
__device__ uint32_t numericLength(const uint8_t* field, uint32_t length) {
  NumericHeader h;
  const Trouble trouble = length > INT32_MAX ? kMalformed : numericHeader(field, length, h);
  if (trouble == kNaN) return 3;
  if (trouble == kInfinity) return 8;
  if (trouble == kMinusInfinity) return 9;
  if (trouble != kFine) return 0;
  for (int i = 0; i < h.digits; i++) {
    if (load16(field + kNumericHeader + 2 * i) > 9999) return 0;
  }
  const uint32_t lead = h.digits > 0 ? load16(field + kNumericHeader) : 0;
  const uint32_t whole = h.weight < 0 ? 1 : digitsOf(lead) + 4u * static_cast<uint32_t>(h.weight);
  return (h.sign == kNumericNegative ? 1 : 0) + whole + (h.scale > 0 ? 1u + h.scale : 0);
}

struct NoVisit {
  __host__ __device__ void operator()(uint32_t, uint32_t, bool) const {}
};

// Writes a geometry's type words into its ISO WKB.
struct TypeWriter {
  uint8_t* out;
  uint32_t srid;  // bytes of it
  __host__ __device__ void operator()(uint32_t at, uint32_t type, bool little) const {
    uint8_t* p = out + (at == 1 ? 1 : at - srid);
    for (int i = 0; i < 4; i++) p[i] = static_cast<uint8_t>(type >> (little ? 8 * i : 24 - 8 * i));
  }
};

// The length of what a field becomes. False: marks say why there is nothing.
template <int kind>
__device__ bool madeLength(const ColumnRules& rules, const uint8_t* field, uint32_t length, uint32_t& bytes, uint32_t& marks) {
  marks = kBadField;
  if (length > INT32_MAX) return false;
  if constexpr (kind == GP_NUMERIC_TEXT) {
    bytes = numericLength(field, length);
    if (bytes == 0) return false;
  } else if constexpr (kind == GP_UTF8) {
    bytes = static_cast<uint32_t>(utf8Length(field, length));  // rows over 1 MiB are the CPU engine's
  } else {
    const WkbResult wkb = walkEwkb<kLevels>(field, length, NoVisit());
    if (wkb.trouble == Wkb::kTooDeep) marks = kDeepGeometry;
    if (wkb.trouble == Wkb::kFine && wkb.srid != rules.srid) marks = kBadValue;
    if (wkb.trouble != Wkb::kFine || wkb.srid != rules.srid) return false;
    bytes = wkb.bytes;
  }
  marks = 0;
  return true;
}

template <int kind>
__global__ void measure(ColumnJob job, int32_t* lengths, unsigned long long* total) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0, bytes = 0;
  if (active) {
    const Span field = job.fields[row];
    const uint8_t* p = job.bytes + field.start;
    const uint32_t length = field.length;
    if (length == kNullLength) {
      marks = nullMark(job, field);
    } else {
      valid = madeLength<kind>(*job.rules, p, length, bytes, marks);
      if (!valid) bytes = 0;
    }
  }
  if (row <= job.rows) lengths[row] = static_cast<int32_t>(bytes);
  settle(job, row, active, valid, marks);
  addUp(bytes, total);
}

__global__ void writeNumeric(ColumnJob job, const int32_t* offsets, uint8_t* chars) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row >= job.rows) return;
  const int32_t bytes = offsets[row + 1] - offsets[row];
  if (bytes == 0) return;
  const Span field = job.fields[row];
  char* out = reinterpret_cast<char*>(chars) + offsets[row];
  NumericHeader h;
  const Trouble trouble = numericHeader(job.bytes + field.start, field.length, h);
  if (trouble == kFine) {
    numericText(h, out);
    return;
  }
  const char* word = trouble == kNaN ? "NaN" : trouble == kInfinity ? "Infinity" : "-Infinity";
  for (int32_t i = 0; i < bytes; i++) out[i] = word[i];
}

// A warp a text: most are ASCII, which stays as it is.
__global__ void writeUtf8(ColumnJob job, const int32_t* offsets, uint8_t* chars) {
  const int row = static_cast<int>((static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x) / 32);
  if (row >= job.rows || offsets[row] == offsets[row + 1]) return;
  const uint32_t lane = threadIdx.x & 31;
  const uint8_t* text = job.bytes + job.fields[row].start;
  const uint32_t length = job.fields[row].length;
  uint8_t* out = chars + offsets[row];
  bool ascii = true;
  for (uint32_t i = lane; i < length; i += 32) ascii = ascii && text[i] < 0x80;
  if (__all_sync(kWarp, ascii)) {
    for (uint32_t i = lane; i < length; i += 32) out[i] = text[i];
  } else if (lane == 0) {
    toUtf8(text, length, out);
  }
}

__global__ void writeTypes(ColumnJob job, const int32_t* offsets, uint8_t* chars) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row >= job.rows || offsets[row] == offsets[row + 1]) return;
  const uint8_t* p = job.bytes + job.fields[row].start;
  uint8_t* out = chars + offsets[row];
  *out = *p;
  walkEwkb<kLevels>(p, job.fields[row].length, TypeWriter{out, sridBytes(p)});
}

}  // namespace

void measureMade(int32_t kind, const ColumnJob& job, int32_t* lengths, unsigned long long* total, cudaStream_t stream) {
  const unsigned blocks = blocksOf(int64_t{job.rows} + 1);
  switch (kind) {
    case GP_NUMERIC_TEXT: measure<GP_NUMERIC_TEXT><<<blocks, kThreads, 0, stream>>>(job, lengths, total); return;
    case GP_UTF8: measure<GP_UTF8><<<blocks, kThreads, 0, stream>>>(job, lengths, total); return;
    default: measure<GP_GEOMETRY><<<blocks, kThreads, 0, stream>>>(job, lengths, total); return;
  }
}

void writeMade(int32_t kind, const ColumnJob& job, const int32_t* offsets, uint8_t* chars, cudaStream_t stream) {
  const unsigned blocks = blocksOf(job.rows);
  switch (kind) {
    case GP_NUMERIC_TEXT: writeNumeric<<<blocks, kThreads, 0, stream>>>(job, offsets, chars); return;
    case GP_UTF8: writeUtf8<<<blocksOf(int64_t{job.rows} * 32), kThreads, 0, stream>>>(job, offsets, chars); return;
    default: writeTypes<<<blocks, kThreads, 0, stream>>>(job, offsets, chars); return;
  }
}

}  // namespace gp::gpu
