// Definition levels of an optional column: one bit a row, least significant bit first.
#ifndef GPUPARSER_CPU_ENCODE_LEVELS_H
#define GPUPARSER_CPU_ENCODE_LEVELS_H

#include <cstdint>

#include "base/buffer.h"

namespace gp {

class Levels {
 public:
  size_t rows() const { return rows_; }
  size_t nulls() const { return nulls_; }
  const uint8_t* bits() const { return bits_.data(); }
  void clear() {
    bits_.clear();
    rows_ = nulls_ = 0;
  }

  void appendOnes(size_t rows) {
    grow(rows);
    size_t i = rows_, end = rows_ + rows;
    uint8_t* b = bits_.data();
    while (i < end && i % 8 != 0) set(b, i++);
    if (end - i >= 8) {
      std::memset(b + i / 8, 0xFF, (end - i) / 8);
      i += (end - i) / 8 * 8;
    }
    while (i < end) set(b, i++);
    rows_ = end;
  }

  // valid: one byte a row, 0 or 1.
  void append(const uint8_t* valid, size_t rows) {
    grow(rows);
    uint8_t* b = bits_.data();
    size_t ones = 0, i = 0;
    for (; i + 8 <= rows; i += 8) {
      uint64_t word;
      std::memcpy(&word, valid + i, 8);
      const auto eight = static_cast<uint32_t>(word * 0x0102040810204080 >> 56);  // gathers the low bits, first row lowest
      ones += static_cast<size_t>(__builtin_popcount(eight));
      const size_t at = rows_ + i;
      b[at / 8] = static_cast<uint8_t>(b[at / 8] | eight << at % 8);
      b[at / 8 + 1] = static_cast<uint8_t>(b[at / 8 + 1] | eight >> (8 - at % 8));
    }
    for (; i < rows; i++) {
      if (valid[i]) {
        set(b, rows_ + i);
        ones++;
      }
    }
    rows_ += rows;
    nulls_ += rows - ones;
  }

  bool at(size_t row) const { return bits_[row / 8] >> row % 8 & 1; }

  // Rows among [from, to) that hold a value. from is a multiple of 8.
  size_t count(size_t from, size_t to) const {
    size_t ones = 0, i = from;
    for (; i + 64 <= to; i += 64) {
      uint64_t word;
      std::memcpy(&word, bits_.data() + i / 8, 8);
      ones += static_cast<size_t>(__builtin_popcountll(word));
    }
    for (; i < to; i++) ones += at(i);
    return ones;
  }

 private:
  static void set(uint8_t* b, size_t i) { b[i / 8] = static_cast<uint8_t>(b[i / 8] | 1u << i % 8); }
  // Zeroed bytes for that many more rows, and one to spare.
  void grow(size_t rows) {
    const size_t held = bits_.size(), wanted = (rows_ + rows + 7) / 8 + 1;
    if (wanted <= held) return;
    bits_.reserve(wanted);
    std::memset(bits_.data() + held, 0, wanted - held);
    bits_.setSize(wanted);
  }

  Bytes bits_;
  size_t rows_ = 0;
  size_t nulls_ = 0;
};

}  // namespace gp

#endif
