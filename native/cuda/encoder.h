// The threads that turn uploaded batches into images: decode, hand to cuDF's writer, and find another way where that fails.
#ifndef GPUPARSER_CUDA_ENCODER_H
#define GPUPARSER_CUDA_ENCODER_H

#include <condition_variable>
#include <deque>
#include <shared_mutex>
#include <thread>

#include "cuda/batch.h"
#include "io/events.h"

namespace gp::gpu {

class Encoders {
 public:
  Encoders(const Device& device, PinnedPool& pool, EventQueue& events, CpuEngine& cpu, cudaMemPool_t deviceMemory, int threads);
  ~Encoders();  // waits for the batches at work; others are dropped

  void encode(std::shared_ptr<Batch> batch);
  // Encodes a batch on the calling thread and drops the image: CUDA loads kernels when they are first used.
  void rehearse(Batch& batch);
  // Waits until a batch is done, false when none is at work or waiting.
  bool awaitOne();

 private:
  struct Output {
    Pinned image;
    size_t bytes = 0;
    int64_t decodeNs = 0;
    int64_t encodeNs = 0;
  };

  void run();
  void process(Batch& batch, const Stream& stream);
  Output onDevice(Batch& batch, const Stream& stream);
  Output inSlices(Batch& batch, size_t sliceRows, const Stream& stream);
  Output onCpu(Batch& batch, const Stream& stream, const std::string& reason);
  void freeUnused(const Stream& stream);

  const Device& device_;
  PinnedPool& pool_;
  EventQueue& events_;
  CpuEngine& cpu_;
  const cudaMemPool_t deviceMemory_;

  // Held shared while encoding; alone by a batch that found no memory beside the others.
  std::shared_mutex alone_;

  std::mutex mutex_;
  std::condition_variable there_;
  std::condition_variable done_;
  std::deque<std::shared_ptr<Batch>> batches_;
  int working_ = 0;
  uint64_t finished_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gp::gpu

#endif
