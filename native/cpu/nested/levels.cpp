#include "cpu/nested/levels.h"

namespace gp {

void PendingLevels::add(const Entries& entries, const uint8_t* valid) {
  const auto count = static_cast<size_t>(entries.count);
  repetitions_.append(entries.repetitions, count);
  uint8_t* out = definitions_.room(count);
  definitions_.advance(count);
  if (valid == nullptr && entries.here == entries.count) {
    std::memset(out, highest_, count);
    return;
  }
  for (size_t i = 0, field = 0; i < count; i++) {
    const uint8_t given = entries.definitions[i];
    if (given != kHere) {
      out[i] = given;
    } else {
      out[i] = static_cast<uint8_t>(highest_ - (valid == nullptr || valid[field] != 0 ? 0 : 1));
      field++;
    }
  }
}

}  // namespace gp
