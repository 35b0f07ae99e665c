// Rows -> fields: a thread walks a row's length words, and nothing that a field contains can move a boundary.
#include "cuda/warp.cuh"

namespace gp::gpu {
namespace {

__global__ void index(Rows rows, int columns, Span* fields, uint32_t* marks) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row >= rows.count) return;
  const uint32_t start = rows.starts[row];
  const uint32_t end = rows.ends[row];
  Span* out = fields + row;
  uint32_t at = start + 2;
  bool fine = load16(rows.bytes + start) == columns;
  int column = 0;
  for (; fine && column < columns; column++) {
    fine = at + 4 <= end;
    if (!fine) break;
    const int32_t length = static_cast<int32_t>(load32(rows.bytes + at));
    at += 4;
    *out = {at, static_cast<uint32_t>(length)};
    out += rows.count;
    if (length > 0) {
      fine = static_cast<uint32_t>(length) <= end - at;
      at += static_cast<uint32_t>(length);
    }
  }
  if (fine && at == end) return;
  atomicOr(marks, kBadRow);
  for (column = 0; column < columns; column++) fields[static_cast<size_t>(column) * rows.count + row] = {kAbsent, kNullLength};
}

}  // namespace

void indexFields(const Rows& rows, int columns, Span* fields, uint32_t* marks, cudaStream_t stream) {
  if (rows.count > 0) index<<<blocksOf(rows.count), kThreads, 0, stream>>>(rows, columns, fields, marks);
}

}  // namespace gp::gpu
