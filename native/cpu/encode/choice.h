// Whether a chunk keeps its dictionary: asked after 8 Ki, 32 Ki, 128 Ki ... values and at the end. All inputs are counts of the
// chunk's own values, so that equal bytes give equal images however they arrived.
#ifndef GPUPARSER_CPU_ENCODE_CHOICE_H
#define GPUPARSER_CPU_ENCODE_CHOICE_H

#include <cstddef>

#include "cpu/encode/hybrid.h"

namespace gp {

// Larger dictionaries cost readers more in cache misses than they save.
constexpr size_t kDictionaryBytes = 1 << 20;
constexpr size_t kTrialBytes = 1 << 16;  // compressed once to learn how the codec likes the data
// The dictionary is first judged after so many values, and not built before: values wait as they are. A table of 1,600 columns of
// distinct values has no more in a batch of tens of MiB, and its hash tables would take eight times that; now there is one at a time.
constexpr size_t kWaitingValues = 8192;
constexpr size_t kWaitingBytes = 1 << 18;  // of texts; they wait no longer than this

struct Trial {
  size_t plainBytes, plainStored;
  size_t indexBytes, indexStored;
  size_t entryBytes, entryStored;
};

class DictionaryChoice {
 public:
  // The number of values after which the chunk must call `pause`. The second time is kWaitingValues.
  size_t next() const { return next_; }
  void reset() { *this = {}; }

  // At next(): true where the time has come to judge; otherwise only the count was noted.
  bool pause(size_t count, size_t entries) {
    if (!judging_) {
      halfCount_ = count;
      halfEntries_ = entries;
      judging_ = true;
      next_ = count * 2;
      return false;
    }
    judging_ = false;
    next_ = count * 2;
    return true;
  }

  // So few entries that no trial is needed.
  static bool clear(size_t count, size_t entries) { return entries * 64 <= count; }

  // count values (plainBytes in all) so far, of `expected` in the end; dictionary of entries and bytes so far.
  bool wins(size_t count, size_t expected, size_t entries, size_t dictionaryBytes, size_t plainBytes, const Trial& trial) const {
    double entriesInTheEnd = static_cast<double>(entries);
    const double total = static_cast<double>(expected > count ? expected : count);
    if (expected > count && halfCount_ > 0 && count == halfCount_ * 2) {
      // If values were drawn evenly from D: a = D (1 - q), b = D (1 - q^2) distinct ones after half and all, so q = b / a - 1.
      const double a = static_cast<double>(halfEntries_), b = static_cast<double>(entries);
      const double q = b / a - 1;
      if (q >= 1) {
        entriesInTheEnd = b / static_cast<double>(count) * total;
      } else if (q > 0) {
        entriesInTheEnd = a / (1 - q);
        const double half = static_cast<double>(halfCount_);
        double left = 1;
        for (double n = 0; n < total && left > 1e-6; n += half) left *= q;
        entriesInTheEnd *= 1 - left;
      }
    }
    const double scale = entriesInTheEnd / static_cast<double>(entries);
    const double dictionary = static_cast<double>(dictionaryBytes) * scale;
    if (dictionary > static_cast<double>(kDictionaryBytes)) return false;
    const double width = bitWidth(static_cast<size_t>(entriesInTheEnd) + 1);
    const auto ratio = [](size_t stored, size_t bytes) {
      return bytes == 0 ? 1 : static_cast<double>(stored) / static_cast<double>(bytes);
    };
    const double packed =
        dictionary * ratio(trial.entryStored, trial.entryBytes) + total * width / 8 * ratio(trial.indexStored, trial.indexBytes);
    const double plain = static_cast<double>(plainBytes) / static_cast<double>(count) * total * ratio(trial.plainStored, trial.plainBytes);
    // a dictionary beyond the second-level cache costs more time than a few bytes are worth
    return packed <= (entriesInTheEnd > 32768 ? 0.9 * plain : plain);
  }

 private:
  size_t next_ = kWaitingValues / 2;
  size_t halfCount_ = 0;
  size_t halfEntries_ = 0;
  bool judging_ = false;
};

}  // namespace gp

#endif
