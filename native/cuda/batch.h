// A batch on its way through the engine: first the uploader's, then an encoder's.
#ifndef GPUPARSER_CUDA_BATCH_H
#define GPUPARSER_CUDA_BATCH_H

#include <atomic>
#include <optional>

#include "cuda/offsets.h"
#include "cuda/schema.h"
#include "rows/rows.h"

namespace gp::gpu {

class Batch {
 public:
  Batch(std::shared_ptr<Schema> schema, int64_t id) : schema(std::move(schema)), id(id) {}

  const std::shared_ptr<Schema> schema;
  const int64_t id;
  std::atomic<bool> closed{false};  // nobody wants its image any more

  // Rows: `count` of them, their bytes on the device or, where that had no room, in host memory; kRowHead spare ones before them.
  size_t count = 0;
  size_t bytes = kRowHead;
  int64_t inputBytes = 0;
  std::optional<rmm::device_buffer> device;  // none before the first row: making one asks CUDA, which may not run yet
  Offsets starts, ends;                      // `count` each
  bool onHost = false;
  std::string hostReason;  // a clause: "the GPU's memory is full"
  std::vector<uint8_t> host;

  void fail(const Fault& fault) {
    const std::lock_guard guard(mutex_);
    if (!fault_) fault_ = fault;
  }
  void note(std::string text) {
    const std::lock_guard guard(mutex_);
    note_ = std::move(text);
  }
  bool failed() {
    const std::lock_guard guard(mutex_);
    return static_cast<bool>(fault_);
  }
  // The first error; without one, GP_OK with a note in the message where there is something to say.
  void status(gp_status* status) {
    const std::lock_guard guard(mutex_);
    writeStatus(fault_ ? fault_ : Fault{GP_OK, -1, -1, note_}, status);
  }

 private:
  std::mutex mutex_;
  Fault fault_;
  std::string note_;
};

}  // namespace gp::gpu

#endif
