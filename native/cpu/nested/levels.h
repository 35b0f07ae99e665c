// Levels of a nested column's leaves, which wait until their rows are whole: pages begin where rows do, so how large a row is must be
// known before its first value goes into a page.
#ifndef GPUPARSER_CPU_NESTED_LEVELS_H
#define GPUPARSER_CPU_NESTED_LEVELS_H

#include "cpu/encode/gathered.h"
#include "cpu/nested/node.h"

namespace gp {

constexpr size_t kMostEntries = 1 << 18;  // of a page, so that rows without values end one too

// Levels of a block's entries, for the leaves that share them.
class PendingLevels {
 public:
  explicit PendingLevels(const LeafPlan& leaf) : highest_(static_cast<uint8_t>(leaf.maxDefinition)) {}
  void add(uint8_t definition, uint8_t repetition) {
    definitions_.push(definition);
    repetitions_.push(repetition);
  }
  // Those of entries whose fields were decoded: `valid` has a byte a field, or is null where every field has a value.
  void add(const Entries& entries, const uint8_t* valid);
  void clear() {
    definitions_.clearBeyond(kKeptBytes);
    repetitions_.clearBeyond(kKeptBytes);
  }
  size_t entries() const { return definitions_.size(); }
  const uint8_t* definitions() const { return definitions_.data(); }
  const uint8_t* repetitions() const { return repetitions_.data(); }
  uint8_t highest() const { return highest_; }

 private:
  const uint8_t highest_;
  Bytes definitions_, repetitions_;
};

// Cuts a block's entries into pages. size(from, to): plain bytes of these values. put(from, shape): values from `from` on go to the chunk.
template <class Size, class Put>
void flushLevels(const PendingLevels& pending, Chunk& chunk, Bytes& valid, size_t& pageBytes, Size&& size, Put&& put) {
  const uint8_t* definitions = pending.definitions();
  const uint8_t* repetitions = pending.repetitions();
  const size_t total = pending.entries();
  size_t from = 0, fromValue = 0, value = 0;  // what is not yet put begins at from
  const auto hand = [&](size_t to) {
    if (to == from) return;
    chunk.nested.append(definitions + from, repetitions + from, to - from);
    valid.clear();
    uint8_t* bytes = valid.room(to - from + 8);
    for (size_t i = from; i < to; i++) bytes[i - from] = definitions[i] == pending.highest();
    put(fromValue, BlockShape{to - from, value - fromValue, value - fromValue == to - from ? nullptr : bytes});
    from = to;
    fromValue = value;
  };
  for (size_t row = 0; row < total;) {
    size_t end = row, values = value;
    do values += definitions[end++] == pending.highest();
    while (end < total && repetitions[end] != 0);
    const size_t bytes = size(value, values), open = chunk.nested.open() + (row - from);
    if (open > 0 &&
        (pageBytes + bytes + chunk.nested.bytes(open + (end - row)) > chunk.plainLimit() || open + (end - row) > kMostEntries)) {
      hand(row);
      chunk.nested.seal();
      pageBytes = 0;
    }
    pageBytes += bytes;
    value = values;
    row = end;
  }
  hand(total);
}

}  // namespace gp

#endif
