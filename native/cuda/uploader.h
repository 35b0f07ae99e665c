// The thread that moves slots to the device: appends are queued by the caller, copied on one stream in order, and every slot comes
// back as soon as its copy is done.
#ifndef GPUPARSER_CUDA_UPLOADER_H
#define GPUPARSER_CUDA_UPLOADER_H

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>

#include "cuda/batch.h"
#include "io/events.h"
#include "rows/rows.h"

namespace gp::gpu {

class Uploader {
 public:
  // uploaded: takes finished batches whose rows are all on the device. awaitMemory: waits until an encoder has given memory back,
  // false when none is at work.
  Uploader(const Device& device, PinnedPool& pool, EventQueue& events, std::function<void(std::shared_ptr<Batch>)> uploaded,
           std::function<bool()> awaitMemory);
  ~Uploader();

  void append(std::shared_ptr<Batch> batch, RowSet rows, const uint8_t* memory, int64_t slotId);
  void finish(std::shared_ptr<Batch> batch);
  // Memory of rows that were copied, for the next ones.
  RowSet spare();

 private:
  struct Item {
    std::shared_ptr<Batch> batch;
    RowSet rows;
    const uint8_t* memory = nullptr;  // none: the batch is finished
    int64_t slotId = 0;
  };
  struct Copy {
    cudaEvent_t done = nullptr;
    std::shared_ptr<Batch> finished;
    int64_t slotId = 0;
  };

  void run();
  void process(Item& item);
  void copyRows(Batch& batch, const RowSet& rows, const uint8_t* memory);
  bool makeRoom(Batch& batch, size_t bytes);
  void moveToHost(Batch& batch, std::string reason);
  void padRows(Batch& batch);
  void release();
  cudaEvent_t newEvent();

  const Device& device_;
  PinnedPool& pool_;
  EventQueue& events_;
  const std::function<void(std::shared_ptr<Batch>)> uploaded_;
  const std::function<bool()> awaitMemory_;
  Stream stream_;
  std::deque<Copy> copies_;
  std::vector<cudaEvent_t> freeEvents_;

  std::mutex mutex_;
  std::condition_variable there_;
  std::deque<Item> items_;
  std::vector<RowSet> spares_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace gp::gpu

#endif
