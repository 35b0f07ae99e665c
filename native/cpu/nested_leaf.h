// A chunk at the end of a nested column's branch. Values and levels wait here until their rows are whole: pages begin where rows do,
// so how large a row is must be known before its first value goes into a page.
#ifndef GPUPARSER_CPU_NESTED_LEAF_H
#define GPUPARSER_CPU_NESTED_LEAF_H

#include "cpu/bool_chunk.h"
#include "cpu/fixed_chunk.h"
#include "cpu/nested_node.h"
#include "cpu/text_chunk.h"

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

// Ends the last page, whose values the chunk has.
inline void sealLast(Chunk& chunk, size_t& pageBytes) {
  chunk.nested.seal();
  pageBytes = 0;
}

template <class T>
struct FixedLeaf {
  using Chunk = FixedChunk<T>;
  static size_t size(const T*, size_t count) { return count * sizeof(T); }
  static void put(Work& work, Chunk& chunk, const T* values, const BlockShape& shape, size_t expectedRows) {
    chunk.append(work, values, shape, expectedRows);
  }
};

struct BoolLeaf {
  using Chunk = BoolChunk;
  static size_t size(const uint8_t*, size_t count) { return (count + 7) / 8; }
  static void put(Work& work, Chunk& chunk, const uint8_t* values, const BlockShape& shape, size_t) { chunk.append(work, values, shape); }
};

// One chunk of values of type T with its page in the making. The levels may be shared with others.
template <class Form, class T>
class PendingValues {
 public:
  PendingValues(const LeafPlan& leaf, const WriterPlan& writer) : chunk_(leaf, writer) {}
  void add(const T* values, size_t count) { values_.append(values, count); }
  void add(const T& value) { values_.push(value); }
  void flush(Work& work, const PendingLevels& levels, Bytes& valid, size_t expectedRows) {
    flushLevels(
        levels, chunk_, valid, pageBytes_, [&](size_t from, size_t to) { return Form::size(values_.data() + from, to - from); },
        [&](size_t from, const BlockShape& shape) { Form::put(work, chunk_, values_.data() + from, shape, expectedRows); });
    values_.clearBeyond(kKeptBytes / sizeof(T));
  }
  void finish(Work& work) {
    sealLast(chunk_, pageBytes_);
    chunk_.finish(work);
  }
  void restart() {
    values_.clear();
    pageBytes_ = 0;
    chunk_.restart();
  }
  const Chunk* chunk() const { return &chunk_; }

 private:
  typename Form::Chunk chunk_;
  Buffer<T> values_;
  size_t pageBytes_ = 0;
};

}  // namespace gp

#endif
