#include "cuda/engine.h"

#include <cudf/utilities/pinned_memory.hpp>
#include <map>
#include <rmm/mr/cuda_async_memory_resource.hpp>
#include <rmm/mr/per_device_resource.hpp>

namespace gp::gpu {
namespace {

// cuDF's writer encodes one batch well below the card's speed; four at once measured best (docs/gpu.md).
constexpr int kEncoders = 4;
constexpr int kMostEncoders = 16;
// Below this a batch of 64 MiB has no room.
constexpr size_t kLeastFreeBytes = size_t{512} << 20;
// What cuDF itself copies through; its own choice would be hundreds of times that.
constexpr size_t kCudfPinnedBytes = 16 << 20;

// The pool of each device, for the life of the process: cuDF keeps references to it.
cudaMemPool_t devicePool(const Device& device) {
  static std::mutex mutex;
  static std::map<int, rmm::mr::cuda_async_memory_resource> pools;
  const std::lock_guard guard(mutex);
  const auto found = pools.find(device.ordinal());
  if (found != pools.end()) return found->second.pool_handle();
  if (device.freeBytes() < kLeastFreeBytes) {
    throw Fault{GP_MEMORY, -1, -1,
                device.name() + " has " + std::to_string(device.freeBytes() >> 20) + " MiB of " +
                    std::to_string(device.totalBytes() >> 20) + " MiB free, at least " + std::to_string(kLeastFreeBytes >> 20) +
                    " MiB are needed: end what else uses it, or choose other GPUs"};
  }
  rmm::mr::cuda_async_memory_resource pool;
  // Memory that another stream has yet to finish with is not worth waiting for: encoders would take turns.
  int off = 0;
  cudaMemPoolSetAttribute(pool.pool_handle(), cudaMemPoolReuseAllowInternalDependencies, &off);
  rmm::mr::set_per_device_resource(rmm::cuda_device_id(device.ordinal()), pool);
  const cudaMemPool_t handle = pool.pool_handle();
  pools.emplace(device.ordinal(), std::move(pool));
  return handle;
}

}  // namespace

Engine::Engine(int ordinal, int threads) : device(ordinal), pinned(device), cpu_(0) {
  const cudaMemPool_t pool = devicePool(device);
  cudf::config_default_pinned_memory_resource({kCudfPinnedBytes});
  encoders_ = std::make_unique<Encoders>(device, pinned, events, cpu_, pool, threads > 0 ? std::min(threads, kMostEncoders) : kEncoders);
  uploader_ = std::make_unique<Uploader>(
      device, pinned, events, [this](std::shared_ptr<Batch> batch) { encoders_->encode(std::move(batch)); },
      [this] { return encoders_->awaitOne(); });
  warmUp_ = std::thread([this] { warmUp(); });
}

Engine::~Engine() {
  warmUp_.join();
  uploader_.reset();
  encoders_.reset();
}

// While the caller connects and plans: page-locks the slots to come.
void Engine::warmUp() {
  try {
    device.use();
    pinned.prime(size_t{1} << 20, 32);
  } catch (const Fault&) {  // whoever needs the device next meets the same error and reports it
  }
}

std::shared_ptr<Schema> Engine::openSchema(const gp_column* columns, int32_t count, const gp_writer_options& options) {
  device.use();
  auto cpu = cpu_.openSchema(columns, count, options);
  return std::make_shared<Schema>(device, columns, count, options, std::move(cpu));
}

}  // namespace gp::gpu
