#include "cpu/encode/effort.h"

#include <algorithm>
#include <array>

namespace gp {
namespace {

constexpr size_t kFirstLook = 1 << 16;
constexpr size_t kSecondLook = 1 << 18;  // repetitions further apart show in more bytes only
constexpr size_t kTooLittle = 512;       // to tell anything
constexpr double kWorth = 0.99;          // of the bytes without it: what an effort that takes longer must reach
constexpr double kRepeats = 0.8;         // of the bytes without any search: where a quick one gets there, others may get further

class Contest {
 public:
  Contest(Work& work, const uint8_t* page, size_t length) : work_(work), page_(page), length_(length) {}

  size_t enter(Effort effort) {
    size_t& bytes = bytes_[static_cast<size_t>(effort)];
    if (bytes == 0) {
      work_.compressed.clear();
      bytes = work_.compressor.compress(GP_ZSTD, effort, 0, page_, length_, work_.compressed);
    }
    return bytes;
  }

  // Of those that have entered.
  Effort winner() const {
    size_t best = kEfforts;
    for (size_t i = 0; i < kEfforts; i++) {
      if (bytes_[i] == 0) continue;
      if (best == kEfforts || static_cast<double>(bytes_[i]) < kWorth * static_cast<double>(bytes_[best])) best = i;
    }
    return static_cast<Effort>(best);
  }

 private:
  Work& work_;
  const uint8_t* const page_;
  const size_t length_;
  std::array<size_t, kEfforts> bytes_{};
};

}  // namespace

Effort chooseEffort(Work& work, const uint8_t* page, size_t length) {
  if (length < kTooLittle) return Effort::kShort;
  Contest first(work, page, std::min(length, kFirstLook));
  const auto literals = static_cast<double>(first.enter(Effort::kLiterals)), found = static_cast<double>(first.enter(Effort::kShort));
  if (found >= kWorth * literals) return Effort::kLiterals;
  first.enter(Effort::kSkim);
  if (found >= kRepeats * literals) return first.winner();
  Contest second(work, page, std::min(length, kSecondLook));
  for (const Effort effort : {Effort::kSkim, Effort::kLong, Effort::kShort, Effort::kDeep}) second.enter(effort);
  return second.winner();
}

}  // namespace gp
