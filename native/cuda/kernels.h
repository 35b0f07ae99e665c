// The kernels' host side: rows in device memory -> fields -> columns in the layout that cuDF's column views have.
// Every call enqueues on its stream and returns; pointers are to device memory.
#ifndef GPUPARSER_CUDA_KERNELS_H
#define GPUPARSER_CUDA_KERNELS_H

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "include/gpuparser.h"
#include "types/numeric.h"

namespace gp::gpu {

// What a batch ran into, or-ed into one word. The exact row, column and value are for the CPU engine to find.
enum Mark : uint32_t {
  kBadRow = 1,         // fields do not end where the row ends
  kBadField = 2,       // a length or content that the type cannot have
  kBadValue = 4,       // a value that the policy forbids or the Parquet type cannot hold
  kBadNull = 8,        // a NULL in a required column
  kNeedsCpu = 16,      // a numeric that these kernels leave to the CPU engine, because it is no double's
  kDeepGeometry = 32,  // a geometry that they leave to it
};

constexpr size_t kPadBytes = 64;  // readable after the last row

// Rows in one stretch of device memory, in the form of rows/rows.h.
struct Rows {
  const uint8_t* bytes;
  const uint32_t* starts;
  const uint32_t* ends;
  int count;
};

// The start of a field that is NULL because the value around it is: there a required column may have none.
constexpr uint32_t kAbsent = UINT32_MAX;

// What a column's kernels need, in device memory once a schema.
struct ColumnRules {
  DecimalPlan decimal;
  int32_t kind;
  int32_t required;
  int32_t onNan;
  int32_t onInfinity;
  uint32_t srid;  // that every geometry must have
};

// A column of a batch while it is decoded, or a node of a nested one: then its rows are places inside the values above it.
struct ColumnJob {
  const uint8_t* bytes;
  const Span* fields;  // per row
  int rows;
  const ColumnRules* rules;
  uint32_t* valid;  // a bit a row, least significant first; words up to (rows + 31) / 32 are written
  uint32_t* nulls;  // count, added to
  uint32_t* marks;  // Mark, or-ed into
};

// fields[column * rows.count + row] = the field, in rows.bytes; absent where the row is bad.
void indexFields(const Rows& rows, int columns, Span* fields, uint32_t* marks, cudaStream_t stream);

// Bytes a value of a fixed-width kind takes in a column; 0 for text kinds and intervals.
size_t valueBytes(int32_t kind, int32_t precision);
// Kinds with one fixed-width value. values: rows * valueBytes. odd: set to 1 where a float equals another value of other bits,
// so that the column must not be written with a dictionary that compares values: -0.0, or a NaN that is not the usual one.
void decodeFixed(int32_t kind, int32_t precision, const ColumnJob& job, void* values, unsigned long long* odd, cudaStream_t stream);
bool isFloat(int32_t kind);
void decodeIntervals(const ColumnJob& job, int32_t* months, int32_t* days, int64_t* micros, cudaStream_t stream);

bool isText(int32_t kind);
// lengths[row] for every row, 0 for NULL; lengths[rows] = 0. total: sum of lengths, added to.
void measureTexts(int32_t kind, const ColumnJob& job, int32_t* lengths, unsigned long long* total, cudaStream_t stream);
// Turns lengths into offsets, in place. count includes the last, empty one. scratch: scanBytes(count).
size_t scanBytes(int count);
void lengthsToOffsets(int32_t* lengths, int count, void* scratch, size_t scratchBytes, cudaStream_t stream);
// chars: on a multiple of 4.
void copyTexts(int32_t kind, const ColumnJob& job, const int32_t* offsets, uint8_t* chars, cudaStream_t stream);

// offsets[i] = i * 16 for i <= rows: the lists of FIXED(16) values.
void fillOffsets16(int32_t* offsets, int rows, cudaStream_t stream);

}  // namespace gp::gpu

#endif
