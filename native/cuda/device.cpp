#include "cuda/device.h"

#include <mutex>
#include <set>

namespace gp::gpu {
namespace {

// Devices on which CUDA runs in this process: only they are asked for their free memory, because the question starts it.
std::mutex startedMutex;
std::set<int> started;

bool isStarted(int ordinal) {
  const std::lock_guard guard(startedMutex);
  return started.contains(ordinal);
}

// Without a driver CUDA speaks of an insufficient one.
std::string reasonOf(cudaError_t code) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) return "no NVIDIA driver is loaded";
  return cudaGetErrorString(code);
}

}  // namespace

Device::Device(int ordinal) : ordinal_(ordinal) {
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code != cudaSuccess) throw Fault{GP_DEVICE, -1, -1, "CUDA cannot be used: " + reasonOf(code)};
  if (ordinal >= count) {
    throw Fault{GP_DEVICE, -1, -1,
                "device cuda:" + std::to_string(ordinal) + " is not there: CUDA shows " + std::to_string(count) +
                    (count == 1 ? " device" : " devices")};
  }
  name_ = "cuda:" + std::to_string(ordinal);
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, ordinal), "asking for its properties");
  name_ = std::string(properties.name) + " (cuda:" + std::to_string(ordinal) + ")";
  check(cudaInitDevice(ordinal, cudaDeviceScheduleBlockingSync, cudaInitDeviceFlagsAreValid), "starting CUDA");
  use();
  const std::lock_guard guard(startedMutex);
  started.insert(ordinal);
}

void Device::use() const { check(cudaSetDevice(ordinal_), "selecting the device"); }

void Device::check(cudaError_t code, const char* what) const {
  if (code == cudaSuccess) return;
  cudaGetLastError();
  if (code == cudaErrorMemoryAllocation) throw Fault{GP_MEMORY, -1, -1, name_ + " has no memory left for " + what};
  throw Fault{GP_DEVICE, -1, -1, name_ + " failed while " + what + ": " + cudaGetErrorString(code)};
}

size_t Device::freeBytes() const {
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "asking for its free memory");
  return free;
}

size_t Device::totalBytes() const {
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "asking for its memory");
  return total;
}

Stream::Stream(const Device& device) : device_(device) {
  device.check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creating a stream");
}

std::string describeDevices() {
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code != cudaSuccess || count == 0) {
    const std::string reason = code == cudaSuccess ? "the driver shows no device" : reasonOf(code);
    return "[{\"name\":\"cuda\",\"reason\":\"" + reason + "\"}]";
  }
  std::string out;
  for (int i = 0; i < count; i++) {
    cudaDeviceProp properties;
    if (i > 0) out += ',';
    if (cudaGetDeviceProperties(&properties, i) == cudaSuccess) {
      size_t free = 0, total = 0;
      const bool known = isStarted(i) && cudaSetDevice(i) == cudaSuccess && cudaMemGetInfo(&free, &total) == cudaSuccess;
      out += "{\"name\":\"" + std::string(properties.name) + "\",\"memory\":" + std::to_string(properties.totalGlobalMem) +
             (known ? ",\"free\":" + std::to_string(free) : "") + "}";
    } else {
      out += "{\"name\":\"cuda:" + std::to_string(i) + "\",\"reason\":\"" + cudaGetErrorString(cudaGetLastError()) + "\"}";
    }
  }
  return "[" + out + "]";
}

}  // namespace gp::gpu
