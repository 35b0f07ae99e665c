// The host side of the kernels for nested fields -> offsets of lists, and fields of what the values hold: so that the kernels of
// plain columns decode those. Every call enqueues on its stream and returns; pointers are to device memory.
#ifndef GPUPARSER_CUDA_NESTED_H
#define GPUPARSER_CUDA_NESTED_H

#include "cuda/kernels.h"

namespace gp::gpu {

bool isVector(int32_t kind);
// Kinds whose values repeat: lists of dimensions as many as levels of lists in the column.
struct ListForm {
  int32_t kind;
  int dimensions;         // 1 but for GP_LIST
  uint32_t elementBytes;  // on the wire, of every element that is not NULL; 0: they differ
};
// The bytes that every value of a kind has on the wire, 0 where they differ.
uint32_t wireBytes(int32_t kind);

// counts[d * (job.rows + 1) + row] = what the value has in dimensions 0 to d: the lists in the next one, the elements in the last.
// 0 for NULL and for row job.rows. totals[d]: their sum, added to.
void measureLists(const ListForm& form, const ColumnJob& job, int32_t* counts, unsigned long long* totals, cudaStream_t stream);
// starts: counts of the last dimension, as offsets. fields[starts[row] + i] = element i; of a map its key,
// and fields[elements + ...] its value. elements: their number, from the totals.
void findElements(const ListForm& form, const ColumnJob& job, const int32_t* starts, int elements, Span* fields, cudaStream_t stream);
// Offsets of the lists in an inner dimension. outer, starts: of the dimension around it and of it, as measureLists made them.
void innerOffsets(const int32_t* outer, const int32_t* starts, int rows, int32_t* offsets, cudaStream_t stream);

// fields[m * job.rows + row] = member m; absent where there is no value.
void findMembers(const ColumnJob& job, int members, Span* fields, cudaStream_t stream);
// fields: of the lower bounds and, from job.rows on, the upper ones. flags: job.rows bytes each lower_inc, upper_inc, empty.
void findBounds(const ColumnJob& job, Span* fields, uint8_t* flags, cudaStream_t stream);

// odd: as decodeFixed has it.
void copyVectors(int32_t kind, const ColumnJob& job, const int32_t* starts, uint32_t* floats, unsigned long long* odd, cudaStream_t stream);

}  // namespace gp::gpu

#endif
