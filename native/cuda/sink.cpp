#include "cuda/sink.h"

#include <cstring>

namespace gp::gpu {
namespace {

constexpr size_t kTailBytes = 256 << 10;

}  // namespace

void PinnedSink::reserve(size_t size) {
  if (size <= memory_.capacity()) return;
  Pinned larger(pool_, size + size / 64 + kTailBytes);
  if (held_ > 0) std::memcpy(larger.data(), memory_.data(), held_);
  memory_ = std::move(larger);
}

// A write that follows announced copies needs its place behind them; the writer waits for those first, but need not.
void PinnedSink::host_write(const void* data, size_t size) {
  if (!announced_.empty()) throw std::logic_error("cuDF wrote host bytes before it waited for its device writes");
  reserve(size_ + size);
  std::memcpy(memory_.data() + size_, data, size);
  size_ += size;
  held_ = size_;
}

void PinnedSink::device_write(const void* data, size_t size, cuda::stream_ref stream) {
  announced_.push_back({data, size_, size});
  size_ += size;
  copyAnnounced(stream.get());
}

std::future<void> PinnedSink::device_write_async(const void* data, size_t size, cuda::stream_ref stream) {
  announced_.push_back({data, size_, size});
  size_ += size;
  return std::async(std::launch::deferred, [this, stream = stream.get()] { copyAnnounced(stream); });
}

void PinnedSink::copyAnnounced(cudaStream_t stream) {
  if (announced_.empty()) return;
  reserve(size_);
  for (const Copy& copy : announced_) {
    device_.check(cudaMemcpyAsync(memory_.data() + copy.at, copy.from, copy.size, cudaMemcpyDeviceToHost, stream),
                  "copying an image from the device");
  }
  announced_.clear();
  held_ = size_;
  device_.check(cudaStreamSynchronize(stream), "copying an image from the device");
}

}  // namespace gp::gpu
