#include "cuda/encoder.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "cuda/parquet_image.h"

namespace gp::gpu {
namespace {

// Below this many rows at once a batch goes to the CPU engine: cuDF's writer would spend its time on starting kernels.
constexpr size_t kLeastSliceRows = 1024;

// The batch holds a value that is an error, or one that the kernels leave to the CPU engine.
struct Marked {
  uint32_t marks;
};

int64_t now() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string megabytes(size_t bytes) { return std::to_string((bytes + (size_t{1} << 20) - 1) >> 20) + " MiB"; }

}  // namespace

Encoders::Encoders(const Device& device, PinnedPool& pool, EventQueue& events, CpuEngine& cpu, cudaMemPool_t deviceMemory, int threads)
    : device_(device), pool_(pool), events_(events), cpu_(cpu), deviceMemory_(deviceMemory) {
  for (int i = 0; i < threads; i++) threads_.emplace_back([this] { run(); });
}

Encoders::~Encoders() {
  {
    const std::lock_guard guard(mutex_);
    closing_ = true;
    batches_.clear();
  }
  there_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Encoders::encode(std::shared_ptr<Batch> batch) {
  {
    const std::lock_guard guard(mutex_);
    batches_.push_back(std::move(batch));
  }
  there_.notify_one();
}

void Encoders::rehearse(Batch& batch) {
  const Stream stream(device_);
  const std::shared_lock guard(alone_);
  inSlices(batch, batch.count, stream);
}

bool Encoders::awaitOne() {
  std::unique_lock guard(mutex_);
  if (working_ == 0 && batches_.empty()) return false;
  const uint64_t before = finished_;
  done_.wait(guard, [&] { return finished_ != before || closing_; });
  return !closing_;
}

void Encoders::run() {
  device_.use();
  const Stream stream(device_);
  while (true) {
    std::shared_ptr<Batch> batch;
    {
      std::unique_lock guard(mutex_);
      there_.wait(guard, [&] { return closing_ || !batches_.empty(); });
      if (closing_) return;
      batch = std::move(batches_.front());
      batches_.pop_front();
      working_++;
    }
    process(*batch, stream);
    batch.reset();
    {
      const std::lock_guard guard(mutex_);
      working_--;
      finished_++;
    }
    done_.notify_all();
  }
}

// Ends with exactly one event.
void Encoders::process(Batch& batch, const Stream& stream) {
  gp_event event{};
  event.type = GP_EVENT_BATCH;
  event.id = batch.id;
  event.rows = static_cast<int64_t>(batch.count);
  event.input_bytes = batch.inputBytes;
  const auto fail = [&](const Fault& fault) {
    cudaStreamSynchronize(stream);  // nothing may use what is given back now
    batch.fail(fault);
  };
  try {
    if (!batch.failed() && !batch.closed) {
      Output output = batch.onHost       ? onCpu(batch, stream, batch.hostReason)
                      : batch.count == 0 ? onCpu(batch, stream, "")
                                         : onDevice(batch, stream);
      event.bytes = static_cast<int64_t>(output.bytes);
      event.decode_ns = output.decodeNs;
      event.encode_ns = output.encodeNs;
      event.image = output.image.release();
    }
  } catch (const Fault& fault) {
    fail(fault);
  } catch (const std::bad_alloc& error) {
    fail({GP_MEMORY, -1, -1, std::string("no memory: ") + error.what()});
  } catch (const std::exception& error) {
    fail({GP_DEVICE, -1, -1, device_.name() + " failed: " + error.what()});
  } catch (...) {
    fail({GP_INTERNAL, -1, -1, "unknown exception"});
  }
  // freed on the uploader's stream, which waits for nothing here: the encoding has ended
  batch.device.reset();
  batch.starts = {};
  batch.ends = {};
  batch.host = {};
  gp_status status;
  batch.status(&status);
  event.code = batch.failed() ? status.code : GP_OK;
  if (batch.failed() && event.image != nullptr) pool_.give(std::exchange(event.image, nullptr));
  events_.post(event);
}

Encoders::Output Encoders::onDevice(Batch& batch, const Stream& stream) {
  try {
    try {
      const std::shared_lock guard(alone_);
      return inSlices(batch, batch.count, stream);
    } catch (const std::bad_alloc&) {
      freeUnused(stream);
    }
    const std::unique_lock guard(alone_);
    for (size_t rows = batch.count;; rows = (rows + 1) / 2) {
      try {
        Output output = inSlices(batch, rows, stream);
        if (rows < batch.count) {
          batch.note(device_.name() + " has too little free memory for " + std::to_string(batch.count) +
                     " rows at once: they were encoded " + std::to_string(rows) + " at a time");
        }
        return output;
      } catch (const std::bad_alloc&) {
        freeUnused(stream);
        if (rows <= kLeastSliceRows) break;
      }
    }
    return onCpu(batch, stream,
                 device_.name() + " has " + megabytes(device_.freeBytes()) + " of its memory free, too little for rows of " +
                     megabytes(batch.bytes / batch.count) +
                     "; smaller chunks (--chunks), fewer connections (--jobs) or more GPUs need less at a time");
  } catch (const Marked& marked) {
    const char* reason = marked.marks == kNeedsCpu       ? "it holds numerics that the GPU does not round to doubles"
                         : marked.marks == kDeepGeometry ? "it holds geometries of more than 15 levels of collections"
                                                         : "the GPU found a value that it could not accept, and the CPU none";
    return onCpu(batch, stream, reason);
  }
}

// A table per slice.
Encoders::Output Encoders::inSlices(Batch& batch, size_t sliceRows, const Stream& stream) {
  const cuda::stream_ref on(static_cast<cudaStream_t>(stream));
  Output output;
  ParquetImage image(device_, pool_, *batch.schema, batch.bytes, stream);
  rmm::device_buffer starts(batch.count * 4, on), ends(batch.count * 4, on);
  batch.starts.toDevice(device_, starts.data(), stream);
  batch.ends.toDevice(device_, ends.data(), stream);
  for (size_t first = 0; first < batch.count; first += sliceRows) {
    const int64_t begun = now();
    const Rows rows{static_cast<const uint8_t*>(batch.device->data()), static_cast<const uint32_t*>(starts.data()) + first,
                    static_cast<const uint32_t*>(ends.data()) + first, static_cast<int>(std::min(sliceRows, batch.count - first))};
    const Table table(device_, pool_, *batch.schema, rows, stream);
    if (table.marks() != 0) throw Marked{table.marks()};
    const int64_t decoded = now();
    image.take(table, sliceRows >= batch.count);
    output.decodeNs += decoded - begun;
    output.encodeNs += now() - decoded;
  }
  const int64_t begun = now();
  output.image = image.finish(output.bytes);
  output.encodeNs += now() - begun;
  return output;
}

// reason: why, as a clause for the batch's note; empty where it is nothing to speak of.
Encoders::Output Encoders::onCpu(Batch& batch, const Stream& stream, const std::string& reason) {
  if (!batch.onHost && batch.count > 0) {
    batch.host.resize(batch.bytes);
    device_.check(cudaMemcpyAsync(batch.host.data(), batch.device->data(), batch.bytes, cudaMemcpyDeviceToHost, stream),
                  "copying rows from the device");
    stream.synchronize();
  }
  const int64_t begun = now();
  Output output;
  const std::vector<uint32_t> starts = batch.starts.all(), ends = batch.ends.all();
  const HostRows rows{batch.host.data(), batch.bytes, starts.data(), ends.data(), batch.count};
  cpu_.encode(*batch.schema->cpu, rows, [&](const uint8_t* image, size_t bytes) {
    output.image = Pinned(pool_, bytes);
    output.bytes = bytes;
    std::memcpy(output.image.data(), image, bytes);
  });
  output.encodeNs = now() - begun;
  if (!reason.empty()) batch.note(std::to_string(batch.count) + " rows were encoded by the CPU: " + reason);
  return output;
}

// Returns to the driver what the pool holds in pieces that did not fit.
void Encoders::freeUnused(const Stream& stream) {
  cudaStreamSynchronize(stream);
  cudaMemPoolTrimTo(deviceMemory_, 0);
}

}  // namespace gp::gpu
