// A chunk of booleans: plain pages of one bit a value.
#ifndef GPUPARSER_CPU_ENCODE_BOOL_CHUNK_H
#define GPUPARSER_CPU_ENCODE_BOOL_CHUNK_H

#include "cpu/encode/gathered.h"

namespace gp {

class BoolChunk : public Chunk {
 public:
  BoolChunk(const LeafPlan& leaf, const WriterPlan& writer) : Chunk(leaf, writer) {}

  void append(Work& work, const uint8_t* values, BlockShape block) {
    // a bit for the level and one for the value of each row
    const size_t most = writer.pageBytes > 64 ? (writer.pageBytes - 32) * 4 : 8;
    while (block.rows > 0) {
      const size_t fit = leaf.nested ? pageRoom(levels_.rows()) : most - levels_.rows();
      if (fit == 0) {
        closePage(work);
        continue;
      }
      BlockShape first = block;
      if (fit < block.rows) {
        first = {fit, fit, block.valid};
        if (block.valid != nullptr) {
          first.count = 0;
          for (size_t i = 0; i < fit; i++) first.count += block.valid[i];
        }
      }
      if (first.valid == nullptr) {
        levels_.appendOnes(first.rows);
      } else {
        levels_.append(first.valid, first.rows);
      }
      values_.append(values, first.count);
      values += first.count;
      block = behind(block, first);
      if (levels_.rows() == most && !leaf.nested) closePage(work);
    }
  }

  void finish(Work& work) {
    closePage(work);
    settle();
  }

  void restart() {
    reset();
    levels_.clear();
    values_.clear();
  }

 private:
  void closePage(Work& work) {
    if (levels_.rows() == 0) return;
    const size_t count = values_.rows(), bytes = (count + 7) / 8;
    page_.clear();
    page_.room(kHead);
    page_.setSize(kHead);
    page_.append(values_.bits(), bytes);
    Bounds bounds;
    if (count > 0) {
      bounds.known = true;
      bounds.min = std::string(1, values_.nulls() > 0 ? '\0' : '\1');
      bounds.max = std::string(1, values_.nulls() < count ? '\1' : '\0');
    }
    valuePage(work, page_, count, {&levels_, 0, levels_.rows(), levels_.nulls()}, std::move(bounds), 0);
    levels_.clear();
    values_.clear();
  }

  Levels levels_;
  Levels values_;  // a bitmap too: its "nulls" are the values that are false
  Bytes page_;
};

}  // namespace gp

#endif
