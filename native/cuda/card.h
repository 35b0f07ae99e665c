// One GPU on which CUDA runs: its memory, its uploader, its encoders.
#ifndef GPUPARSER_CUDA_CARD_H
#define GPUPARSER_CUDA_CARD_H

#include "cuda/encoder.h"
#include "cuda/uploader.h"

namespace gp::gpu {

class Card {
 public:
  // Takes a third of a second. Throws Fault when the device cannot be used or has too little memory free.
  Card(int ordinal, int threads, EventQueue& events, CpuEngine& cpu);
  ~Card();

  // Before a schema's first batch: brings its rules to the device, and has a thread load the kernels that it needs.
  void adopt(const std::shared_ptr<Schema>& schema);
  // Page-locks the slots to come.
  void lockSlots();
  void append(const std::shared_ptr<Batch>& batch, RowSet rows, const uint8_t* memory, int64_t slotId) {
    uploader_->append(batch, std::move(rows), memory, slotId);
  }
  void finish(const std::shared_ptr<Batch>& batch) { uploader_->finish(batch); }
  RowSet spareRows() { return uploader_->spare(); }

  const Device device;
  PinnedPool pinned;

 private:
  void mapMemory();
  void warmUp(const std::shared_ptr<Schema>& schema);

  const cudaMemPool_t deviceMemory_;
  std::unique_ptr<Encoders> encoders_;
  std::unique_ptr<Uploader> uploader_;
  std::mutex warmUpMutex_;
  std::vector<std::thread> warmUps_;
};

}  // namespace gp::gpu

#endif
