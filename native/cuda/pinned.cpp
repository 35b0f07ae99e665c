#include "cuda/pinned.h"

#include <sys/mman.h>

namespace gp::gpu {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

// Sizes are rounded so that freed memory fits the next request of about the same size.
size_t rounded(size_t bytes) {
  if (bytes <= 4096) return 4096;
  if (bytes <= kHugePage) return (bytes + 4095) / 4096 * 4096;
  size_t step = kHugePage;
  while (step * 16 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

void unlock(void* memory, size_t bytes) {
  cudaHostUnregister(memory);
  munmap(memory, bytes);
}

}  // namespace

PinnedPool::~PinnedPool() {
  for (const auto& [memory, block] : all_) {
    if (!block.carved) unlock(memory, block.bytes);
  }
  for (void* slab : slabs_) unlock(slab, kSlabBytes);
}

// Huge pages make locking and the device's copies cheaper; where there are none the call changes nothing.
void* PinnedPool::lock(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Fault{GP_MEMORY, -1, -1, "no memory for " + std::to_string(bytes) + " page-locked bytes"};
  if (bytes >= kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
  const cudaError_t code = cudaHostRegister(memory, bytes, cudaHostRegisterDefault);
  if (code != cudaSuccess) {
    munmap(memory, bytes);
    device_.check(code, "page-locking host memory");
  }
  return memory;
}

// The caller holds the mutex.
void PinnedPool::add(void* memory, size_t bytes, bool carved) {
  all_.emplace(memory, Block{bytes, carved});
  free_.emplace(bytes, memory);
  freeBytes_ += bytes;
}

void* PinnedPool::take(size_t bytes) {
  const size_t wanted = rounded(bytes);
  std::unique_lock guard(mutex_);
  const auto find = [&] { return free_.lower_bound(wanted); };
  auto found = find();
  if (found == free_.end() || found->first > wanted * 2) {
    if (wanted <= kCarvedBytes) {  // others wait meanwhile, and then find what was carved
      auto* slab = static_cast<uint8_t*>(lock(kSlabBytes));
      slabs_.push_back(slab);
      for (size_t at = 0; at + wanted <= kSlabBytes; at += wanted) add(slab + at, wanted, true);
    } else {
      guard.unlock();
      void* memory = lock(wanted);
      guard.lock();
      add(memory, wanted, false);
    }
    found = find();
  }
  void* memory = found->second;
  freeBytes_ -= found->first;
  free_.erase(found);
  return memory;
}

void PinnedPool::give(void* memory) {
  size_t bytes;
  {
    const std::lock_guard guard(mutex_);
    const Block block = all_.at(memory);
    bytes = block.bytes;
    if (block.carved || freeBytes_ + bytes <= kKeptBytes) {
      free_.emplace(bytes, memory);
      freeBytes_ += bytes;
      return;
    }
    all_.erase(memory);
  }
  unlock(memory, bytes);
}

size_t PinnedPool::capacity(void* memory) {
  const std::lock_guard guard(mutex_);
  return all_.at(memory).bytes;
}

void PinnedPool::prime(size_t bytes, int count) {
  std::vector<void*> taken;
  try {
    for (int i = 0; i < count; i++) taken.push_back(take(bytes));
  } catch (const Fault&) {
  }
  for (void* memory : taken) give(memory);
}

}  // namespace gp::gpu
