// Nested fields -> fields of what they hold. A value is taken apart by one thread, but for arrays and vectors whose elements' places
// follow from their number: those have a warp each.
#include "cuda/nested.h"

#include "cuda/warp.cuh"
#include "types/nested_walk.h"

namespace gp::gpu {
namespace {

__device__ Span nowhere() { return {kAbsent, kNullLength}; }

// Whether a row has a value to take apart.
__device__ bool there(const ColumnJob& job, int row, uint32_t& marks) {
  const Span field = job.fields[row];
  if (field.length <= INT32_MAX) return true;
  marks = field.length == kNullLength ? nullMark(job, field) : kBadField;
  return false;
}

template <int kind>
__device__ bool countElements(FieldReader reader, int dimensions, uint32_t* counts) {
  if constexpr (kind == GP_LIST) {
    ArrayHeader h;
    if (!arrayHeader(reader.data(), static_cast<uint32_t>(reader.left()), h) || !arrayFits(h, dimensions)) return false;
    uint32_t count = h.elements == 0 ? 0 : 1;  // an empty array has no dimensions
    for (int d = 0; d < dimensions; d++) counts[d] = count == 0 ? 0 : count *= h.sizes[d];
    return true;
  } else if constexpr (kind == GP_VECTOR || kind == GP_HALFVEC) {
    return readVector(reader, kind == GP_VECTOR ? 4 : 2, *counts);
  } else {
    return readCount(reader, kind == GP_MAP ? kLeastPair : kLeastRange, *counts);
  }
}

template <int kind>
__global__ void measure(ColumnJob job, int dimensions, int32_t* counts, unsigned long long* totals) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  uint32_t found[kMostDimensions] = {};
  if (active && there(job, row, marks)) {
    valid = countElements<kind>(FieldReader(job.bytes, job.fields[row]), dimensions, found);
    if (!valid) marks = kBadField;
  }
  for (int d = 0; d < dimensions; d++) {
    const uint32_t count = valid ? found[d] : 0;
    if (row <= job.rows)
      counts[static_cast<size_t>(d) * (static_cast<size_t>(job.rows) + 1) + static_cast<size_t>(row)] = static_cast<int32_t>(count);
    unsigned long long sum = count;
    for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(kWarp, sum, step);
    if ((threadIdx.x & 31) == 0 && sum > 0) atomicAdd(totals + d, sum);
  }
  settle(job, row, active, valid, marks);
}

// Before the first element.
template <int kind>
__device__ FieldReader elementsOf(const ColumnJob& job, int row, int dimensions) {
  FieldReader reader(job.bytes, job.fields[row]);
  reader.skip(kind == GP_LIST ? kArrayHeader + kArrayDimension * static_cast<uint32_t>(dimensions) : 4);
  return reader;
}

// Elements one behind the other. Those behind one that is malformed are NULL.
template <int kind>
__device__ void walk(const ColumnJob& job, FieldReader reader, int32_t first, int32_t last, int elements, Span* fields) {
  bool fine = true;
  for (int32_t i = first; i < last; i++) {
    Span field, value;
    if constexpr (kind == GP_MAP) {
      fine = fine && readPair(reader, field, value);
    } else if constexpr (kind == GP_MULTIRANGE) {
      fine = fine && reader.value(field);
    } else {
      fine = fine && reader.element(field);
    }
    fields[i] = fine ? field : nowhere();
    if constexpr (kind == GP_MAP) fields[static_cast<size_t>(elements) + static_cast<size_t>(i)] = fine ? value : nowhere();
  }
  if (!fine || reader.left() > 0) atomicOr(job.marks, kBadField);
}

template <int kind>
__global__ void find(ColumnJob job, int dimensions, const int32_t* starts, int elements, Span* fields) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row >= job.rows) return;
  const int32_t first = starts[row], last = starts[row + 1];
  if (first < last) walk<kind>(job, elementsOf<kind>(job, row, dimensions), first, last, elements, fields);
}

// Arrays of elements with a fixed width. Where none is NULL each length word has its place; that every word there says the width
// proves that the walk from one to the next would have come by.
__global__ void findEven(ColumnJob job, int dimensions, uint32_t width, const int32_t* starts, Span* fields) {
  const int row = static_cast<int>((static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x) / 32);
  if (row >= job.rows) return;
  const int32_t first = starts[row], last = starts[row + 1];
  if (first == last) return;
  const int lane = static_cast<int>(threadIdx.x & 31);
  const FieldReader reader = elementsOf<GP_LIST>(job, row, dimensions);
  const uint32_t step = 4 + width;
  if (reader.left() != static_cast<uint64_t>(last - first) * step) {
    if (lane == 0) walk<GP_LIST>(job, reader, first, last, 0, fields);
    return;
  }
  bool even = true;
  for (int32_t i = first + lane; i < last; i += 32) {
    const uint32_t at = reader.at() + static_cast<uint32_t>(i - first) * step;
    even = even && load32(job.bytes + at) == width;
    fields[i] = {at + 4, width};
  }
  if (!even) atomicOr(job.marks, kBadField);
}

__global__ void inner(const int32_t* outer, const int32_t* starts, int rows, int32_t* offsets) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row > rows) return;
  const int32_t list = outer[row], start = starts[row];
  if (row == rows) {
    offsets[list] = start;
    return;
  }
  const int32_t lists = outer[row + 1] - list;
  if (lists == 0) return;
  const int32_t size = (starts[row + 1] - start) / lists;  // PostgreSQL's arrays are rectangular
  for (int32_t i = 0; i < lists; i++) offsets[list + i] = start + i * size;
}

__global__ void members(ColumnJob job, int count, Span* fields) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  if (active) {
    const auto stride = static_cast<size_t>(job.rows);
    if (there(job, row, marks)) {
      valid = readRecord(FieldReader(job.bytes, job.fields[row]), static_cast<uint32_t>(count), fields + row, stride);
      if (!valid) marks = kBadField;
    }
    for (int m = 0; m < count && !valid; m++) fields[static_cast<size_t>(m) * stride + static_cast<size_t>(row)] = nowhere();
  }
  settle(job, row, active, valid, marks);
}

__global__ void bounds(ColumnJob job, Span* fields, uint8_t* flags) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  if (active) {
    const auto stride = static_cast<size_t>(job.rows), at = static_cast<size_t>(row);
    RangeParts range{};
    if (there(job, row, marks)) {
      valid = readRange(FieldReader(job.bytes, job.fields[row]), range);
      if (!valid) marks = kBadField;
    }
    for (int s = 0; s < 2; s++) fields[static_cast<size_t>(s) * stride + at] = valid && range.there[s] ? range.bounds[s] : nowhere();
    const uint8_t said = valid ? range.flags : 0;
    flags[at] = (said & kRangeLowerInclusive) != 0;
    flags[stride + at] = (said & kRangeUpperInclusive) != 0;
    flags[2 * stride + at] = (said & kRangeEmpty) != 0;
  }
  settle(job, row, active, valid, marks);
}

template <int kind>
__global__ void copyFloats(ColumnJob job, const int32_t* starts, uint32_t* floats, unsigned long long* odd) {
  const int row = static_cast<int>((static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x) / 32);
  if (row >= job.rows) return;
  const int32_t first = starts[row], last = starts[row + 1];
  const uint8_t* values = job.bytes + job.fields[row].start + kVectorHeader;
  bool found = false;
  for (int32_t i = first + static_cast<int32_t>(threadIdx.x & 31); i < last; i += 32) {
    const uint8_t* p = values + static_cast<size_t>(i - first) * (kind == GP_VECTOR ? 4 : 2);
    const uint32_t bits = kind == GP_VECTOR ? load32(p) : floatFromHalf(load16(p));
    floats[i] = bits;
    found = found || isOddFloat(bits);
  }
  if (found) *odd = 1;
}

template <int kind>
void launchMeasure(const ListForm& form, const ColumnJob& job, int32_t* counts, unsigned long long* totals, cudaStream_t stream) {
  measure<kind><<<blocksOf(int64_t{job.rows} + 1), kThreads, 0, stream>>>(job, form.dimensions, counts, totals);
}

template <int kind>
void launchFind(const ListForm& form, const ColumnJob& job, const int32_t* starts, int elements, Span* fields, cudaStream_t stream) {
  find<kind><<<blocksOf(job.rows), kThreads, 0, stream>>>(job, form.dimensions, starts, elements, fields);
}

}  // namespace

bool isVector(int32_t kind) { return kind == GP_VECTOR || kind == GP_HALFVEC; }

uint32_t wireBytes(int32_t kind) {
  switch (kind) {
    case GP_MONEY: return 8;
    case GP_INTERVAL: return 16;
    case GP_DECIMAL:
    case GP_NUMERIC_DOUBLE: return 0;
    default: return static_cast<uint32_t>(valueBytes(kind, 0));
  }
}

void measureLists(const ListForm& form, const ColumnJob& job, int32_t* counts, unsigned long long* totals, cudaStream_t stream) {
  switch (form.kind) {
    case GP_LIST: return launchMeasure<GP_LIST>(form, job, counts, totals, stream);
    case GP_MAP: return launchMeasure<GP_MAP>(form, job, counts, totals, stream);
    case GP_MULTIRANGE: return launchMeasure<GP_MULTIRANGE>(form, job, counts, totals, stream);
    case GP_VECTOR: return launchMeasure<GP_VECTOR>(form, job, counts, totals, stream);
    default: return launchMeasure<GP_HALFVEC>(form, job, counts, totals, stream);
  }
}

void findElements(const ListForm& form, const ColumnJob& job, const int32_t* starts, int elements, Span* fields, cudaStream_t stream) {
  if (elements == 0) return;
  if (form.kind == GP_LIST && form.elementBytes > 0) {
    findEven<<<blocksOf(int64_t{job.rows} * 32), kThreads, 0, stream>>>(job, form.dimensions, form.elementBytes, starts, fields);
    return;
  }
  switch (form.kind) {
    case GP_LIST: return launchFind<GP_LIST>(form, job, starts, elements, fields, stream);
    case GP_MAP: return launchFind<GP_MAP>(form, job, starts, elements, fields, stream);
    default: return launchFind<GP_MULTIRANGE>(form, job, starts, elements, fields, stream);
  }
}

void innerOffsets(const int32_t* outer, const int32_t* starts, int rows, int32_t* offsets, cudaStream_t stream) {
  inner<<<blocksOf(int64_t{rows} + 1), kThreads, 0, stream>>>(outer, starts, rows, offsets);
}

void findMembers(const ColumnJob& job, int count, Span* fields, cudaStream_t stream) {
  if (job.rows > 0) members<<<blocksOf(job.rows), kThreads, 0, stream>>>(job, count, fields);
}

void findBounds(const ColumnJob& job, Span* fields, uint8_t* flags, cudaStream_t stream) {
  if (job.rows > 0) bounds<<<blocksOf(job.rows), kThreads, 0, stream>>>(job, fields, flags);
}

void copyVectors(int32_t kind, const ColumnJob& job, const int32_t* starts, uint32_t* floats, unsigned long long* odd,
                 cudaStream_t stream) {
  if (job.rows == 0) return;
  const unsigned blocks = blocksOf(int64_t{job.rows} * 32);
  if (kind == GP_VECTOR) {
    copyFloats<GP_VECTOR><<<blocks, kThreads, 0, stream>>>(job, starts, floats, odd);
  } else {
    copyFloats<GP_HALFVEC><<<blocks, kThreads, 0, stream>>>(job, starts, floats, odd);
  }
}

}  // namespace gp::gpu
