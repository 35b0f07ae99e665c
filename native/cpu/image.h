// The last stage: chunks laid behind each other become one complete Parquet file in memory.
#ifndef GPUPARSER_CPU_IMAGE_H
#define GPUPARSER_CPU_IMAGE_H

#include <mutex>
#include <vector>

#include "cpu/encode/chunk.h"

namespace gp {

struct Image {
  void* data = nullptr;
  size_t bytes = 0;
};

// Memory for images. Freed images are kept for the next ones, up to a few.
class ImagePool {
 public:
  ~ImagePool();
  void* take(size_t bytes);  // throws std::bad_alloc
  void give(void* image);

 private:
  struct Head {
    size_t capacity;
    uint64_t unused[7];  // keeps images on 64 bytes
  };
  static constexpr size_t kKept = 4;

  std::mutex mutex_;
  std::vector<Head*> free_;
};

Image writeImage(const SchemaPlan& schema, const std::vector<const Chunk*>& chunks, size_t rows, ImagePool& pool);

}  // namespace gp

#endif
