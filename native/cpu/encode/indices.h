// Dictionary indices of a chunk: 16 bits each until the dictionary outgrows them.
#ifndef GPUPARSER_CPU_ENCODE_INDICES_H
#define GPUPARSER_CPU_ENCODE_INDICES_H

#include "base/buffer.h"
#include "cpu/encode/hybrid.h"

namespace gp {

class Indices {
 public:
  size_t size() const { return wide_ ? large_.size() : small_.size(); }
  uint32_t operator[](size_t i) const { return wide_ ? large_[i] : small_[i]; }
  void recycle() {
    small_.recycle();
    large_.recycle();
    wide_ = false;
  }

  void release() {
    small_.release();
    large_.release();
    wide_ = false;
  }

  // Calls fill(I* out), which returns how many of `count` indices it wrote; entries: the dictionary's size before.
  template <class F>
  size_t append(size_t count, size_t entries, F&& fill) {
    if (!wide_ && entries + count > 65536) widen();
    if (wide_) {
      const size_t done = fill(large_.room(count));
      large_.advance(done);
      return done;
    }
    const size_t done = fill(small_.room(count));
    small_.advance(done);
    return done;
  }

  void encode(size_t from, size_t count, int width, Bytes& out) const {
    if (wide_) {
      encodeHybrid(large_.data() + from, count, width, out);
    } else {
      encodeHybrid(small_.data() + from, count, width, out);
    }
  }

  // Calls f(index) for the given stretch.
  template <class F>
  void each(size_t from, size_t to, F&& f) const {
    if (wide_) {
      const uint32_t* indices = large_.data();
#pragma GCC unroll 8
      for (size_t i = from; i < to; i++) f(indices[i]);
    } else {
      const uint16_t* indices = small_.data();
#pragma GCC unroll 8
      for (size_t i = from; i < to; i++) f(indices[i]);
    }
  }

 private:
  void widen() {
    uint32_t* to = large_.room(small_.size());
    for (size_t i = 0; i < small_.size(); i++) to[i] = small_[i];
    large_.setSize(small_.size());
    small_.clear();
    wide_ = true;
  }

  Buffer<uint16_t> small_;
  Buffer<uint32_t> large_;
  bool wide_ = false;
};

}  // namespace gp

#endif
