// Page-locked host memory: what the device copies from and to by itself. Locking costs about 0.8 s per GB, so it is kept and reused.
#ifndef GPUPARSER_CUDA_PINNED_H
#define GPUPARSER_CUDA_PINNED_H

#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "cuda/device.h"

namespace gp::gpu {

class PinnedPool {
 public:
  explicit PinnedPool(const Device& device) : device_(device) {}
  ~PinnedPool();

  // At least that many bytes, on a page's boundary. Throws Fault (GP_MEMORY).
  void* take(size_t bytes);
  void give(void* memory);
  // Of memory that take returned.
  size_t capacity(void* memory);
  // Locks memory ahead of its use, for callers to come. A failure leaves it for take to report.
  void prime(size_t bytes, int count);

 private:
  // Freed memory beyond this is unlocked and returned to the system.
  static constexpr size_t kKeptBytes = size_t{1} << 30;

  // Requests up to kCarvedBytes are cut from slabs: locking is dear by the call too.
  static constexpr size_t kCarvedBytes = size_t{2} << 20;
  static constexpr size_t kSlabBytes = size_t{32} << 20;

  struct Block {
    size_t bytes;
    bool carved;  // lives and dies with its slab
  };

  void* lock(size_t bytes);
  void add(void* memory, size_t bytes, bool carved);

  const Device& device_;
  std::mutex mutex_;
  std::unordered_map<void*, Block> all_;
  std::vector<void*> slabs_;
  std::multimap<size_t, void*> free_;
  size_t freeBytes_ = 0;
};

// One stretch of a pool's memory.
class Pinned {
 public:
  Pinned() = default;
  Pinned(PinnedPool& pool, size_t bytes) : pool_(&pool), data_(static_cast<uint8_t*>(pool.take(bytes))), capacity_(pool.capacity(data_)) {}
  Pinned(Pinned&& other) noexcept { *this = static_cast<Pinned&&>(other); }
  Pinned& operator=(Pinned&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Pinned() {
    if (data_ != nullptr) pool_->give(data_);
  }
  uint8_t* data() const { return data_; }
  size_t capacity() const { return capacity_; }
  // Whoever takes it gives it back to the pool.
  uint8_t* release() { return std::exchange(data_, nullptr); }

 private:
  PinnedPool* pool_ = nullptr;
  uint8_t* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace gp::gpu

#endif
