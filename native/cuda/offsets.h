// Where each row of a batch begins, or ends: a list that grows by pieces of page-locked memory. Growing moves nothing, and no size is
// asked of the pool that only large batches need: locking and unlocking such memory took a third of the time of 4 M-row batches.
#ifndef GPUPARSER_CUDA_OFFSETS_H
#define GPUPARSER_CUDA_OFFSETS_H

#include <algorithm>
#include <vector>

#include "base/buffer.h"
#include "cuda/pinned.h"

namespace gp::gpu {

class Offsets {
 public:
  // Appends them with base added, modulo 2^32.
  void append(PinnedPool& pool, const Buffer<uint32_t>& more, uint32_t base) {
    for (size_t from = 0; from < more.size();) {
      const size_t at = count_ % kPiece, take = std::min(more.size() - from, kPiece - at);
      if (at == 0) pieces_.emplace_back(pool, kPiece * sizeof(uint32_t));
      auto* out = reinterpret_cast<uint32_t*>(pieces_.back().data()) + at;
      for (size_t i = 0; i < take; i++) out[i] = more[from + i] + base;
      count_ += take;
      from += take;
    }
  }

  size_t size() const { return count_; }

  // Enqueues their copy to device memory; they must live until it has ended.
  void toDevice(const Device& device, void* to, cudaStream_t stream) const {
    eachPiece([&](const uint8_t* piece, size_t first, size_t count) {
      device.check(cudaMemcpyAsync(static_cast<uint32_t*>(to) + first, piece, count * sizeof(uint32_t), cudaMemcpyHostToDevice, stream),
                   "copying row offsets to the device");
    });
  }

  std::vector<uint32_t> all() const {
    std::vector<uint32_t> out(count_);
    eachPiece([&](const uint8_t* piece, size_t first, size_t count) { std::memcpy(out.data() + first, piece, count * sizeof(uint32_t)); });
    return out;
  }

 private:
  static constexpr size_t kPiece = size_t{1} << 18;  // offsets: 1 MiB, which the pool carves from its slabs

  template <class Use>
  void eachPiece(Use&& use) const {
    for (size_t i = 0; i < pieces_.size(); i++) use(pieces_[i].data(), i * kPiece, std::min(kPiece, count_ - i * kPiece));
  }

  std::vector<Pinned> pieces_;
  size_t count_ = 0;
};

}  // namespace gp::gpu

#endif
