// Rows -> fields: a thread walks a row's length words. What the walk reads is the row's own message, so nothing that a field
// contains can move a boundary.
#include "cuda/warp.cuh"

namespace gp::gpu {
namespace {

__global__ void index(Rows rows, int columns, uint32_t* fields, uint32_t* marks) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row >= rows.count) return;
  const uint32_t start = rows.starts[row];
  const uint32_t end = start - 4 + load32(rows.bytes + start - 4);
  uint32_t* out = fields + row;
  uint32_t at = start + 2;
  bool fine = load16(rows.bytes + start) == columns;
  int column = 0;
  for (; fine && column < columns; column++) {
    fine = at + 4 <= end;
    if (!fine) break;
    const int32_t length = static_cast<int32_t>(load32(rows.bytes + at));
    *out = at;
    out += rows.count;
    at += 4;
    if (length > 0) {
      fine = static_cast<uint32_t>(length) <= end - at;
      at += static_cast<uint32_t>(length);
    }
  }
  if (fine && at == end) return;
  atomicOr(marks, kBadRow);
  // the decoders read every field: those of a bad row read the batch's first length word
  for (column = 0; column < columns; column++) fields[static_cast<size_t>(column) * rows.count + row] = 0;
}

}  // namespace

void indexFields(const Rows& rows, int columns, uint32_t* fields, uint32_t* marks, cudaStream_t stream) {
  if (rows.count > 0) index<<<blocksOf(rows.count), kThreads, 0, stream>>>(rows, columns, fields, marks);
}

}  // namespace gp::gpu
