// libFuzzer: any bytes as a pglz stream of any raw size. Nothing outside of input and output may be touched.
#include <memory>

#include "pages/pglz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint32_t raw = data[0] | static_cast<uint32_t>(data[1]) << 8;
  const auto in = std::make_unique<uint8_t[]>(size - 2), out = std::make_unique<uint8_t[]>(raw);
  std::memcpy(in.get(), data + 2, size - 2);
  gp::decompressPglz(in.get(), static_cast<uint32_t>(size - 2), out.get(), raw);
  return 0;
}
