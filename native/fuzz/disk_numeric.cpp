// libFuzzer: any bytes as a numeric of a page. The fast path must give what the slow one does, and no text is longer than its limit.
#include <cstdlib>
#include <memory>
#include <vector>

#include "types/disk_numeric.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gp;
  constexpr size_t spare = 8;  // that the fast path may read before a field
  if (size < 2) return 0;
  const int precision = 1 + data[0] % 38, scale = data[1] % (precision + 1);
  const auto length = static_cast<uint32_t>(size - 2);
  const auto memory = std::make_unique<uint8_t[]>(spare + length);
  std::memcpy(memory.get() + spare, data + 2, length);
  const uint8_t* field = memory.get() + spare;
  i128 slow = 0;
  const Trouble trouble = numericToInt128<DiskNumeric>(field, length, precision, scale, slow);
  DecimalPlan plan;
  planDecimal(precision, scale, plan);
  int64_t fast;
  if (DiskNumeric::toInt64(field, length, plan, fast) && (trouble != kFine || fast != slow)) std::abort();
  NumericHeader h{};
  if (DiskNumeric::header(field, length, h) != kFine) return 0;
  const uint32_t limit = numericTextLimit(h);
  std::vector<char> text(limit + 4);
  if (numericText<DiskNumeric>(h, text.data()) > limit) std::abort();
  return 0;
}
