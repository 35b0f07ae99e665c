// One GPU's engine: its memory, its uploader, its encoders.
#ifndef GPUPARSER_CUDA_ENGINE_H
#define GPUPARSER_CUDA_ENGINE_H

#include "cuda/encoder.h"
#include "cuda/uploader.h"

namespace gp::gpu {

class Engine {
 public:
  // Throws Fault when the device cannot be used or has too little memory free.
  Engine(int ordinal, int threads);
  ~Engine();

  std::shared_ptr<Schema> openSchema(const gp_column* columns, int32_t count, const gp_writer_options& options);
  void append(const std::shared_ptr<Batch>& batch, SlotRows rows, const uint8_t* slot, int64_t slotId) {
    uploader_->append(batch, std::move(rows), slot, slotId);
  }
  void finish(const std::shared_ptr<Batch>& batch) { uploader_->finish(batch); }
  SlotRows spareRows() { return uploader_->spare(); }

  const Device device;
  PinnedPool pinned;
  EventQueue events;

 private:
  void warmUp();
  void warmUp(const std::shared_ptr<Schema>& schema);

  CpuEngine cpu_;
  std::unique_ptr<Encoders> encoders_;
  std::unique_ptr<Uploader> uploader_;
  cudaMemPool_t deviceMemory_;
  std::mutex warmUpMutex_;
  std::vector<std::thread> warmUps_;
};

}  // namespace gp::gpu

#endif
