// libFuzzer: any bytes as one nested field that ends where its memory does. What the walks find must lie inside it, one behind the
// other: the GPU's kernels read there without looking again.
#include "types/nested_walk.h"

#include <cstdlib>
#include <memory>
#include <vector>

namespace {

using namespace gp;

struct Found {
  uint64_t end;
  uint64_t behind = 0;

  void element(Span field) {
    if (field.start < behind) std::abort();
    behind = uint64_t{field.start} + (field.length == kNullLength ? 0 : field.length);
    if (behind > end) std::abort();
  }
};

void walk(FieldReader reader, uint8_t kind, Found& found) {
  uint32_t count;
  Span at, more;
  switch (kind % 6) {
    case 0: {
      const int dimensions = 1 + kind / 6 % kMostDimensions;
      ArrayHeader h;
      if (!arrayHeader(reader.data(), static_cast<uint32_t>(reader.left()), h) || !arrayFits(h, dimensions)) return;
      uint64_t product = h.elements == 0 ? 0 : 1;
      for (int d = 0; d < dimensions && product > 0; d++) product *= h.sizes[d];
      if (product != h.elements || product > found.end / 4) std::abort();
      reader.skip(h.bytes);
      for (uint64_t i = 0; i < h.elements && reader.element(at); i++) found.element(at);
      return;
    }
    case 1:
      if (!readCount(reader, kLeastPair, count)) return;
      if (count > found.end / kLeastPair) std::abort();
      for (uint32_t i = 0; i < count && readPair(reader, at, more); i++) {
        found.element(at);
        found.element(more);
      }
      return;
    case 2:
      if (!readCount(reader, kLeastRange, count)) return;
      if (count > found.end / kLeastRange) std::abort();
      for (uint32_t i = 0; i < count && reader.value(at); i++) found.element(at);
      return;
    case 3: {
      std::vector<Span> fields(1 + kind / 6);
      if (!readRecord(reader, static_cast<uint32_t>(fields.size()), fields.data(), 1)) return;
      for (const Span field : fields) found.element(field);
      return;
    }
    case 4: {
      RangeParts range;
      if (!readRange(reader, range)) return;
      for (int s = 0; s < 2; s++) {
        if (range.there[s]) found.element(range.bounds[s]);
      }
      return;
    }
    default: {
      const uint32_t width = kind / 6 % 2 == 0 ? 4 : 2;
      if (!readVector(reader, width, count)) return;
      if (reader.left() != uint64_t{count} * width) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const size_t length = size - 1;
  const auto field = std::make_unique<uint8_t[]>(length);
  std::memcpy(field.get(), data + 1, length);
  Found found{length};
  walk(FieldReader(field.get(), {0, static_cast<uint32_t>(length)}), data[0], found);
  return 0;
}
