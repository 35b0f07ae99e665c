#include "cuda/uploader.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace gp::gpu {
namespace {

constexpr size_t kFirstBytes = 16 << 20;
// cuDF's writer copies a value with one thread: measured 7 MB/s, so a value that fills a slot of its own is the CPU's.
constexpr size_t kMostRowBytes = 1 << 20;
// A slot's copy takes 20 us. To look again costs less processor time than to have the driver's thread say when it is done.
constexpr std::chrono::microseconds kLook{100};
// Offsets of rows and fields are 32 bits, cuDF's of texts 31.
constexpr size_t kMostBytes = (size_t{1} << 31) - kPadBytes - 1;

}  // namespace

Uploader::Uploader(const Device& device, PinnedPool& pool, EventQueue& events, std::function<void(std::shared_ptr<Batch>)> uploaded,
                   std::function<bool()> awaitMemory)
    : device_(device), pool_(pool), events_(events), uploaded_(std::move(uploaded)), awaitMemory_(std::move(awaitMemory)), stream_(device) {
  thread_ = std::thread([this] { run(); });
}

Uploader::~Uploader() {
  {
    const std::lock_guard guard(mutex_);
    closing_ = true;
  }
  there_.notify_one();
  thread_.join();
  for (cudaEvent_t event : freeEvents_) cudaEventDestroy(event);
}

void Uploader::append(std::shared_ptr<Batch> batch, RowSet rows, const uint8_t* memory, int64_t slotId) {
  {
    const std::lock_guard guard(mutex_);
    items_.push_back({std::move(batch), std::move(rows), memory, slotId});
  }
  there_.notify_one();
}

void Uploader::finish(std::shared_ptr<Batch> batch) {
  {
    const std::lock_guard guard(mutex_);
    items_.push_back({std::move(batch), {}, nullptr, 0});
  }
  there_.notify_one();
}

RowSet Uploader::spare() {
  const std::lock_guard guard(mutex_);
  if (spares_.empty()) return {};
  RowSet out = std::move(spares_.back());
  spares_.pop_back();
  return out;
}

void Uploader::run() {
  device_.use();
  while (true) {
    Item item;
    {
      std::unique_lock guard(mutex_);
      if (copies_.empty()) {
        there_.wait(guard, [&] { return closing_ || !items_.empty(); });
        if (items_.empty()) return;
      } else if (!there_.wait_for(guard, kLook, [&] { return !items_.empty(); })) {
        guard.unlock();
        release();
        continue;
      }
      item = std::move(items_.front());
      items_.pop_front();
    }
    process(item);
    release();
  }
}

void Uploader::process(Item& item) {
  Batch& batch = *item.batch;
  Copy copy{nullptr, nullptr, item.slotId};
  try {
    if (item.memory != nullptr) {
      if (!batch.closed && !batch.failed()) copyRows(batch, item.rows, item.memory);
      batch.inputBytes += item.rows.bytes;
    } else {
      copy.finished = item.batch;
      if (!batch.onHost && !batch.failed()) padRows(batch);
    }
    copy.done = newEvent();
    device_.check(cudaEventRecord(copy.done, stream_), "marking a copy");
  } catch (const Fault& fault) {
    batch.fail(fault);
  } catch (const std::exception& error) {
    batch.fail({GP_DEVICE, -1, -1, device_.name() + ": " + error.what()});
  }
  copies_.push_back(std::move(copy));
  if (item.memory == nullptr) return;
  item.rows.clear();
  const std::lock_guard guard(mutex_);
  if (spares_.size() < 64) spares_.push_back(std::move(item.rows));
}

// Copies the stretch of memory that the rows take.
void Uploader::copyRows(Batch& batch, const RowSet& rows, const uint8_t* memory) {
  const size_t count = rows.size();
  if (count == 0) return;
  uint32_t from = UINT32_MAX, to = 0;
  for (size_t i = 0; i < count; i++) {
    from = std::min(from, rows.starts[i]);
    to = std::max(to, rows.ends[i]);
  }
  const size_t size = to - from;
  if (batch.bytes + size > UINT32_MAX) throw Fault{GP_LIMIT, -1, -1, "a batch's rows take more than 4 GiB"};
  if (!batch.onHost) {
    if (count == 1 && size > kMostRowBytes) {  // longer rows come alone: CopyReader gives each a slot of its own
      moveToHost(batch, "a row of " + std::to_string(size >> 20) + " MiB is slower to encode on a GPU");
    } else if (batch.bytes + size > kMostBytes) {
      moveToHost(batch, "its rows take more than 2 GiB");
    } else if (!makeRoom(batch, batch.bytes + size + kPadBytes)) {
      moveToHost(batch, device_.name() + " has no memory left for its rows");
    }
  }
  const auto base = static_cast<uint32_t>(batch.bytes - from);  // modulo 2^32: sums with it are offsets again
  batch.starts.append(pool_, rows.starts, base);
  batch.ends.append(pool_, rows.ends, base);
  if (batch.onHost) {
    batch.host.insert(batch.host.end(), memory + from, memory + to);
  } else {
    device_.check(
        cudaMemcpyAsync(static_cast<uint8_t*>(batch.device->data()) + batch.bytes, memory + from, size, cudaMemcpyHostToDevice, stream_),
        "copying rows to the device");
  }
  batch.bytes += size;
  batch.count += count;
}

bool Uploader::makeRoom(Batch& batch, size_t bytes) {
  const size_t held = batch.device ? batch.device->size() : 0;
  if (bytes <= held) return true;
  size_t wanted = std::max({bytes, held * 2, kFirstBytes});
  while (true) {
    try {
      rmm::device_buffer larger(wanted, cuda::stream_ref(static_cast<cudaStream_t>(stream_)));
      if (batch.count > 0)
        device_.check(cudaMemcpyAsync(larger.data(), batch.device->data(), batch.bytes, cudaMemcpyDeviceToDevice, stream_),
                      "moving rows on the device");
      batch.device = std::move(larger);
      return true;
    } catch (const std::bad_alloc&) {
      if (wanted > bytes) {
        wanted = bytes;
      } else if (!awaitMemory_()) {
        return false;
      }
    }
  }
}

void Uploader::moveToHost(Batch& batch, std::string reason) {
  batch.onHost = true;
  batch.hostReason = std::move(reason);
  batch.host.resize(batch.bytes);
  if (batch.count > 0)
    device_.check(cudaMemcpyAsync(batch.host.data(), batch.device->data(), batch.bytes, cudaMemcpyDeviceToHost, stream_),
                  "copying rows from the device");
  stream_.synchronize();
  batch.device.reset();
}

void Uploader::padRows(Batch& batch) {
  if (batch.count == 0) return;
  device_.check(cudaMemsetAsync(static_cast<uint8_t*>(batch.device->data()) + batch.bytes, 0, kPadBytes, stream_), "padding the rows");
}

// Gives back what has been copied, in order.
void Uploader::release() {
  while (!copies_.empty()) {
    Copy& copy = copies_.front();
    if (copy.done != nullptr) {
      const cudaError_t code = cudaEventQuery(copy.done);
      if (code == cudaErrorNotReady) return;
      if (code != cudaSuccess && copy.finished) {
        try {
          device_.check(code, "copying rows to the device");
        } catch (const Fault& fault) {
          copy.finished->fail(fault);
        }
      }
      freeEvents_.push_back(copy.done);
    }
    if (copy.finished) {
      uploaded_(std::move(copy.finished));
    } else {
      gp_event event{};
      event.type = GP_EVENT_SLOT;
      event.id = copy.slotId;
      events_.post(event);
    }
    copies_.pop_front();
  }
}

cudaEvent_t Uploader::newEvent() {
  if (!freeEvents_.empty()) {
    cudaEvent_t event = freeEvents_.back();
    freeEvents_.pop_back();
    return event;
  }
  cudaEvent_t event;
  device_.check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "creating an event");
  return event;
}

}  // namespace gp::gpu
