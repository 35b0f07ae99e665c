// A CUDA device and how its errors reach the caller: as a Fault that names the device.
#ifndef GPUPARSER_CUDA_DEVICE_H
#define GPUPARSER_CUDA_DEVICE_H

#include <cuda_runtime_api.h>

#include <string>
#include <vector>

#include "base/fault.h"

namespace gp::gpu {

class Device {
 public:
  // Makes the device current and starts CUDA on it. Throws Fault (GP_DEVICE).
  explicit Device(int ordinal);

  int ordinal() const { return ordinal_; }
  // "NVIDIA H100 80GB HBM3 (cuda:0)"
  const std::string& name() const { return name_; }
  // Every thread that uses the device calls this first.
  void use() const;
  // Throws Fault (GP_MEMORY, GP_DEVICE) unless code is cudaSuccess. what: "copying to the device".
  void check(cudaError_t code, const char* what) const;
  size_t freeBytes() const;
  size_t totalBytes() const;

 private:
  int ordinal_;
  std::string name_;
};

class Stream {
 public:
  explicit Stream(const Device& device);
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  operator cudaStream_t() const { return stream_; }
  void synchronize() const { device_.check(cudaStreamSynchronize(stream_), "waiting for the device"); }

 private:
  const Device& device_;
  cudaStream_t stream_ = nullptr;
};

// The devices that the driver shows, as JSON: [{"name", "memory", "free"}], or [{"name": "cuda", "reason"}].
std::string describeDevices();

}  // namespace gp::gpu

#endif
