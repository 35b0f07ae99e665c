// libFuzzer: any bytes as the attributes of a tuple that ends where its memory does. What is found must lie inside it, one behind the
// other: decoders read there without looking again.
#include <cstdlib>
#include <memory>

#include "pages/tuple.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gp;
  if (size < 2 || size > UINT16_MAX) return 0;
  const uint32_t length = static_cast<uint32_t>(size - 1);
  const auto memory = std::make_unique<uint8_t[]>(length);
  std::memcpy(memory.get(), data + 1, length);
  const auto inside = [&](Span field) {
    if (field.length == kCompressedLength) {
      if (uint64_t{field.start} + kCompressedHead > length) std::abort();
    } else if (field.length != kNullLength && field.length != kMissingLength) {
      if (uint64_t{field.start} + field.length > length) std::abort();
    }
  };
  if (data[0] & 1) {
    const uint32_t align = (1u << (data[0] >> 1 & 3)) - 1;
    for (uint64_t at = 0;;) {
      Span field;
      bool external = false;
      const uint64_t next = readVarlena(memory.get(), at, length, align, field, external);
      if (next == 0) return 0;
      if (next <= at || next > length) std::abort();
      if (!external) inside(field);
      at = next;
    }
  }
  if (length < kTupleHead) return 0;
  const Step steps[] = {{4, 3, 0}, {kVarlena, 3, 1}, {kCString, 0, 2}, {8, 7, kWalked}, {kVarlena, 0, 3}, {1, 0, 4}};
  readTuple(memory.get(), {0, static_cast<uint16_t>(length), 1}, steps, 6, [&](const Step&, Span field) { inside(field); });
  return 0;
}
