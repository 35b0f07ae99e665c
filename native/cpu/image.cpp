#include "cpu/image.h"

#include "parquet/footer.h"
#include "parquet/page_index.h"

namespace gp {

ImagePool::~ImagePool() {
  for (Head* head : free_) std::free(head);
}

void* ImagePool::take(size_t bytes) {
  {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < free_.size(); i++) {
      // not one so large that most of it would lie idle
      if (free_[i]->capacity < bytes || free_[i]->capacity / 4 > bytes) continue;
      Head* head = free_[i];
      free_.erase(free_.begin() + static_cast<ptrdiff_t>(i));
      return head + 1;
    }
  }
  const size_t capacity = bytes + bytes / 16;  // the next image of the kind may be a little larger
  auto* head = static_cast<Head*>(std::aligned_alloc(64, (sizeof(Head) + capacity + 63) / 64 * 64));
  if (head == nullptr) throw std::bad_alloc();
  head->capacity = capacity;
  return head + 1;
}

void ImagePool::give(void* image) {
  Head* head = static_cast<Head*>(image) - 1;
  if (head->capacity > 2 * kKeptBytes) return std::free(head);
  Head* dropped = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (free_.size() == kKept) {
      dropped = free_.front();
      free_.erase(free_.begin());
    }
    free_.push_back(head);
  }
  std::free(dropped);
}

Image writeImage(const SchemaPlan& schema, const std::vector<const Chunk*>& chunks, size_t rows, ImagePool& pool) {
  constexpr size_t magic = 4;
  std::vector<ChunkPlace> places;
  Bytes tail;
  size_t end = magic;
  if (rows > 0) {
    places.reserve(chunks.size());
    for (const Chunk* chunk : chunks) {
      places.push_back({chunk, end});
      end += chunk->bytes.size();
    }
    for (ChunkPlace& place : places) {
      place.bloomFilter = end;
      end += place.chunk->bloomFilter.size();
    }
    for (ChunkPlace& place : places) {
      place.columnIndex = end + tail.size();
      if (writeColumnIndex(*place.chunk, tail)) place.columnIndexBytes = end + tail.size() - place.columnIndex;
    }
    for (ChunkPlace& place : places) {
      place.offsetIndex = end + tail.size();
      writeOffsetIndex(*place.chunk, place.offset, tail);
      place.offsetIndexBytes = end + tail.size() - place.offsetIndex;
    }
  }
  const size_t footer = tail.size();
  writeFooter(schema, places, rows, tail);
  const auto length = static_cast<uint32_t>(tail.size() - footer);
  tail.append(&length, 4);
  tail.append("PAR1", magic);

  Image image;
  image.bytes = end + tail.size();
  auto* out = static_cast<uint8_t*>(pool.take(image.bytes));
  image.data = out;
  std::memcpy(out, "PAR1", magic);
  for (const ChunkPlace& place : places) std::memcpy(out + place.offset, place.chunk->bytes.data(), place.chunk->bytes.size());
  for (const ChunkPlace& place : places) {
    const Bytes& filter = place.chunk->bloomFilter;
    if (!filter.empty()) std::memcpy(out + place.bloomFilter, filter.data(), filter.size());
  }
  std::memcpy(out + end, tail.data(), tail.size());
  return image;
}

}  // namespace gp
