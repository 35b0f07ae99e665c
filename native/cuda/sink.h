// Where cuDF's writer puts a file: page-locked memory that the device copies into by itself.
#ifndef GPUPARSER_CUDA_SINK_H
#define GPUPARSER_CUDA_SINK_H

// cuDF's headers use these two without including them.
#include <future>
#include <variant>

#include <cudf/io/data_sink.hpp>
#include <vector>

#include "cuda/pinned.h"

namespace gp::gpu {

// The writer announces all column chunks of a row group before it waits for the first, so that memory is taken once, in the right
// size, and the copies go one behind the other.
class PinnedSink final : public cudf::io::data_sink {
 public:
  PinnedSink(const Device& device, PinnedPool& pool) : device_(device), pool_(pool) {}

  bool supports_device_write() const override { return true; }
  bool is_device_write_preferred(size_t) const override { return true; }
  void host_write(const void* data, size_t size) override;
  void device_write(const void* data, size_t size, cuda::stream_ref stream) override;
  std::future<void> device_write_async(const void* data, size_t size, cuda::stream_ref stream) override;
  void flush() override {}
  size_t bytes_written() override { return size_; }

  // The whole file; the sink is empty afterwards.
  Pinned take() { return std::exchange(memory_, {}); }

 private:
  struct Copy {
    const void* from;
    size_t at;
    size_t size;
  };
  // Memory for `size` bytes and, beyond, what a file's indexes and footer usually take.
  void reserve(size_t size);
  void copyAnnounced(cudaStream_t stream);

  const Device& device_;
  PinnedPool& pool_;
  Pinned memory_;
  size_t held_ = 0;  // bytes of memory_ that are in use: all but what is announced
  size_t size_ = 0;
  std::vector<Copy> announced_;
};

}  // namespace gp::gpu

#endif
