// What the decoding kernels share: a thread per row, a bit of validity per row, one word of marks per batch.
#ifndef GPUPARSER_CUDA_WARP_CUH
#define GPUPARSER_CUDA_WARP_CUH

#include "cuda/kernels.h"

namespace gp::gpu {

constexpr int kThreads = 256;
constexpr uint32_t kWarp = 0xFFFFFFFF;

inline unsigned blocksOf(int64_t items) { return static_cast<unsigned>((items + kThreads - 1) / kThreads); }

// All marks of a warp, for its first thread.
__device__ inline uint32_t together(uint32_t marks) {
#if __CUDA_ARCH__ >= 800
  return __reduce_or_sync(kWarp, marks);
#else  // Turing has no instruction for it
  for (int distance = 16; distance > 0; distance /= 2) marks |= __shfl_down_sync(kWarp, marks, distance);
  return marks;
#endif
}

// Every thread of a warp calls this, those beyond the last row with active false. Writes the warp's word of validity, counts its
// NULLs, and passes on its marks.
__device__ inline void settle(const ColumnJob& job, int row, bool active, bool valid, uint32_t marks) {
  const uint32_t word = __ballot_sync(kWarp, active && valid);
  const uint32_t there = __ballot_sync(kWarp, active);
  const uint32_t all = together(marks);
  if ((threadIdx.x & 31) != 0 || there == 0) return;
  job.valid[row / 32] = word;
  if (word != there) atomicAdd(job.nulls, static_cast<uint32_t>(__popc(there & ~word)));
  if (all != 0) atomicOr(job.marks, all);
}

// Whether a dictionary that compares values would change a float: decodeFixed in kernels.h.
__device__ inline bool isOddFloat(uint32_t bits) { return bits == 0x80000000 || ((bits & 0x7FFFFFFF) > 0x7F800000 && bits != 0x7FC00000); }

// Of a field that is NULL.
__device__ inline uint32_t nullMark(const ColumnJob& job, Span field) {
  return job.rules->required != 0 && field.start != kAbsent ? kBadNull : 0;
}

// What a policy makes of a value that is none of its column's.
enum Decision : uint32_t { kRefused, kNulled, kSaturated };

__device__ inline Decision decide(Trouble trouble, const ColumnRules& rules, bool bounded, uint32_t& marks) {
  const bool infinite = trouble == kInfinity || trouble == kMinusInfinity;
  const int policy = trouble == kNaN ? rules.onNan : infinite && bounded ? rules.onInfinity : GP_POLICY_ERROR;
  if (policy == GP_POLICY_SATURATE) return kSaturated;
  if (policy == GP_POLICY_NULL) {
    if (rules.required != 0) marks |= kBadNull;
    return kNulled;
  }
  marks |= trouble == kMalformed ? kBadField : kBadValue;
  return kRefused;
}

}  // namespace gp::gpu

#endif
