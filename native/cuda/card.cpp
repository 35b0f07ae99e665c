#include "cuda/card.h"

#include <cstring>
#include <cudf/utilities/pinned_memory.hpp>
#include <map>
#include <rmm/mr/cuda_async_memory_resource.hpp>
#include <rmm/mr/per_device_resource.hpp>

#include "cuda/sample.h"

namespace gp::gpu {
namespace {

// cuDF's writer encodes one batch well below the card's speed; four at once measured best (docs/gpu.md).
constexpr int kEncoders = 4;
constexpr int kMostEncoders = 16;
// Below this a batch of 64 MiB has no room.
constexpr size_t kLeastFreeBytes = size_t{512} << 20;
// Device memory that is mapped ahead of the first batches: mapping it while rows arrive would hold up the uploads.
constexpr size_t kPrimedBytes = size_t{6} << 30;
// What 16 connections read into, page-locked before they ask for it.
constexpr size_t kSlotBytes = size_t{1} << 20;
constexpr int kSlots = 64;
// A caller with many schemas knows its kernels after the first ones.
constexpr size_t kMostWarmUps = 3;
// What cuDF itself copies through; its own choice would be hundreds of times that.
constexpr size_t kCudfPinnedBytes = 16 << 20;

// The pool of each device, for the life of the process: cuDF keeps references to it.
cudaMemPool_t devicePool(const Device& device) {
  static std::mutex mutex;
  static auto& pools = *new std::map<int, rmm::mr::cuda_async_memory_resource>;  // threads may still use them at exit
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

Card::Card(int ordinal, int threads, EventQueue& events, CpuEngine& cpu)
    : device(ordinal), pinned(device), deviceMemory_(devicePool(device)) {
  cudf::config_default_pinned_memory_resource({kCudfPinnedBytes});
  mapMemory();
  encoders_ =
      std::make_unique<Encoders>(device, pinned, events, cpu, deviceMemory_, threads > 0 ? std::min(threads, kMostEncoders) : kEncoders);
  uploader_ = std::make_unique<Uploader>(
      device, pinned, events, [this](std::shared_ptr<Batch> batch) { encoders_->encode(std::move(batch)); },
      [this] { return encoders_->awaitOne(); });
}

Card::~Card() {
  for (std::thread& thread : warmUps_) thread.join();
  uploader_.reset();
  encoders_.reset();
}

void Card::mapMemory() {
  const Stream stream(device);
  void* memory = nullptr;
  const size_t bytes = std::min(device.freeBytes() / 4, kPrimedBytes);
  if (cudaMallocFromPoolAsync(&memory, bytes, deviceMemory_, stream) != cudaSuccess) {
    cudaGetLastError();  // whoever needs the memory next meets the same error and reports it
    return;
  }
  device.check(cudaFreeAsync(memory, stream), "its first batches");
  stream.synchronize();
}

void Card::lockSlots() { pinned.prime(kSlotBytes, kSlots); }

void Card::warmUp(const std::shared_ptr<Schema>& schema) {
  try {
    device.use();
    std::vector<uint8_t> row = sampleRow(*schema);
    row.insert(row.begin(), kRowHead, 0);
    Batch batch(schema, 0);
    batch.count = 1;
    batch.bytes = row.size();
    Buffer<uint32_t> start, end;
    start.push(kRowHead);
    end.push(static_cast<uint32_t>(row.size()));
    batch.starts.append(pinned, start, 0);
    batch.ends.append(pinned, end, 0);
    row.resize(row.size() + kPadBytes);
    const Stream stream(device);
    batch.device.emplace(row.size(), cuda::stream_ref(static_cast<cudaStream_t>(stream)));
    device.check(cudaMemcpyAsync(batch.device->data(), row.data(), row.size(), cudaMemcpyHostToDevice, stream),
                 "copying a row to the device");
    stream.synchronize();
    encoders_->rehearse(batch);
    batch.device.reset();
  } catch (...) {  // the batches to come meet the same error and report it
  }
}

void Card::adopt(const std::shared_ptr<Schema>& schema) {
  device.use();
  schema->toDevice(device);
  const std::lock_guard guard(warmUpMutex_);
  if (!schema->columns.empty() && warmUps_.size() < kMostWarmUps) warmUps_.emplace_back([this, schema] { warmUp(schema); });
}

}  // namespace gp::gpu
