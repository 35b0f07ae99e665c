// What the kernels of texts share.
#ifndef GPUPARSER_CUDA_TEXT_CUH
#define GPUPARSER_CUDA_TEXT_CUH

#include "cuda/warp.cuh"

namespace gp::gpu {

// Adds the block's sum to the total.
__device__ inline void addUp(uint32_t bytes, unsigned long long* total) {
  __shared__ unsigned long long sums[kThreads / 32];
  unsigned long long sum = bytes;
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(kWarp, sum, step);
  if ((threadIdx.x & 31) == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int i = 1; i < kThreads / 32; i++) sum += sums[i];
  if (sum > 0) atomicAdd(total, sum);
}

// measureTexts and copyTexts for kinds whose bytes are made from the field's. Of a geometry the bytes are there, but for type words.
void measureMade(int32_t kind, const ColumnJob& job, int32_t* lengths, unsigned long long* total, cudaStream_t stream);
void writeMade(int32_t kind, const ColumnJob& job, const int32_t* offsets, uint8_t* chars, cudaStream_t stream);

}  // namespace gp::gpu

#endif
