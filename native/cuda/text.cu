// Fields -> columns of texts that lie in them: lengths first, then offsets by a scan, then the bytes.
#include <cub/device/device_scan.cuh>

#include "cuda/text.cuh"
#include "types/wkb.h"

namespace gp::gpu {
namespace {

// Where a text lies and how long it is. Anything but kFine: the field cannot be one of the kind's.
template <int kind>
__device__ Trouble textOf(const uint8_t* field, uint32_t length, const uint8_t*& text, uint32_t& bytes) {
  text = field;
  bytes = length;
  if constexpr (kind == GP_JSONB) {
    if (length == 0 || length > INT32_MAX || *field != 1) return kMalformed;  // the version byte
    text = field + 1;
    bytes = length - 1;
  } else if constexpr (kind == GP_CHAR) {
    if (length != 1) return kMalformed;
    if (*field >= 0x80) return kNotUtf8;
    bytes = *field == 0 ? 0 : 1;  // a zero byte is the empty string (char.c charout)
  } else {
    if (length > INT32_MAX) return kMalformed;
  }
  return kFine;
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
      const uint8_t* text;
      const Trouble trouble = textOf<kind>(p, length, text, bytes);
      valid = trouble == kFine;
      if (!valid) {
        marks = trouble == kMalformed ? kBadField : kBadValue;
        bytes = 0;
      }
    }
    lengths[row] = static_cast<int32_t>(bytes);
  } else if (row == job.rows) {
    lengths[row] = 0;
  }
  settle(job, row, active, valid, marks);
  addUp(bytes, total);
}

// A block copies the texts of kThreads rows as one stretch of output, a word a thread at a time, whatever the rows' lengths are.
template <int kind>
__global__ void copy(ColumnJob job, const int32_t* __restrict__ offsets, uint8_t* __restrict__ chars) {
  __shared__ uint32_t ends[kThreads + 1];  // ends[i + 1]: behind row i's text
  __shared__ const uint8_t* texts[kThreads];
  const int first = static_cast<int>(blockIdx.x) * kThreads;
  const int row = first + static_cast<int>(threadIdx.x);
  const int last = min(first + kThreads, job.rows);
  if (row < last) {
    const Span field = job.fields[row];
    const uint8_t* p = job.bytes + field.start;
    texts[threadIdx.x] = p + (kind == GP_JSONB ? 1 : kind == GP_GEOMETRY && field.length <= INT32_MAX ? sridBytes(p) : 0);
    ends[threadIdx.x + 1] = static_cast<uint32_t>(offsets[row + 1]);
  } else {
    ends[threadIdx.x + 1] = UINT32_MAX;
  }
  if (threadIdx.x == 0) ends[0] = static_cast<uint32_t>(offsets[first]);
  __syncthreads();
  const uint32_t from = ends[0], to = ends[last - first];
  for (uint64_t at = (from & ~3u) + 4ull * threadIdx.x; at < to; at += 4ull * kThreads) {
    const uint32_t begin = max(static_cast<uint32_t>(at), from), end = min(static_cast<uint32_t>(at) + 4, to);
    int low = 0, high = last - first - 1;  // the row that holds byte `begin`: the first that ends behind it
    while (low < high) {
      const int middle = (low + high) / 2;
      if (ends[middle + 1] > begin) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (end - begin == 4 && ends[low + 1] >= end) {
      *reinterpret_cast<uint32_t*>(chars + at) = loadWord(texts[low] + (begin - ends[low]));
      continue;
    }
    for (uint32_t i = begin; i < end; i++) {
      while (ends[low + 1] <= i) low++;
      chars[i] = texts[low][i - ends[low]];
    }
  }
}

}  // namespace

bool isText(int32_t kind) {
  return kind == GP_TEXT || kind == GP_BYTEA || kind == GP_JSONB || kind == GP_CHAR || kind == GP_NUMERIC_TEXT || kind == GP_UTF8 ||
         kind == GP_GEOMETRY;
}

void measureTexts(int32_t kind, const ColumnJob& job, int32_t* lengths, unsigned long long* total, cudaStream_t stream) {
  const unsigned blocks = blocksOf(job.rows + 1);
  switch (kind) {
    case GP_JSONB: measure<GP_JSONB><<<blocks, kThreads, 0, stream>>>(job, lengths, total); return;
    case GP_CHAR: measure<GP_CHAR><<<blocks, kThreads, 0, stream>>>(job, lengths, total); return;
    case GP_NUMERIC_TEXT:
    case GP_UTF8:
    case GP_GEOMETRY: measureMade(kind, job, lengths, total, stream); return;
    default: measure<GP_TEXT><<<blocks, kThreads, 0, stream>>>(job, lengths, total); return;
  }
}

size_t scanBytes(int count) {
  size_t bytes = 0;
  cub::DeviceScan::ExclusiveSum(nullptr, bytes, static_cast<int32_t*>(nullptr), static_cast<int32_t*>(nullptr), count);
  return bytes;
}

void lengthsToOffsets(int32_t* lengths, int count, void* scratch, size_t scratchBytes, cudaStream_t stream) {
  cub::DeviceScan::ExclusiveSum(scratch, scratchBytes, lengths, lengths, count, stream);
}

void copyTexts(int32_t kind, const ColumnJob& job, const int32_t* offsets, uint8_t* chars, cudaStream_t stream) {
  if (job.rows == 0) return;
  const unsigned blocks = blocksOf(job.rows);
  switch (kind) {
    case GP_JSONB: copy<GP_JSONB><<<blocks, kThreads, 0, stream>>>(job, offsets, chars); return;
    case GP_NUMERIC_TEXT:
    case GP_UTF8: writeMade(kind, job, offsets, chars, stream); return;
    case GP_GEOMETRY:
      copy<GP_GEOMETRY><<<blocks, kThreads, 0, stream>>>(job, offsets, chars);
      writeMade(kind, job, offsets, chars, stream);
      return;
    default: copy<GP_TEXT><<<blocks, kThreads, 0, stream>>>(job, offsets, chars); return;
  }
}

}  // namespace gp::gpu
