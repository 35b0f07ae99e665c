// What chunks with a dictionary share: levels and indices of the whole chunk, cut into pages at its end.
#ifndef GPUPARSER_CPU_ENCODE_GATHERED_H
#define GPUPARSER_CPU_ENCODE_GATHERED_H

#include <algorithm>

#include "cpu/encode/choice.h"
#include "cpu/encode/chunk.h"
#include "cpu/encode/indices.h"

namespace gp {

// Decoded values of a block: `count` of them for `rows` rows; valid has a byte a row, or is null where every row has a value.
struct BlockShape {
  size_t rows;
  size_t count;
  const uint8_t* valid;
};

// The fewest first rows of a block that hold `count` of its values.
inline BlockShape head(const BlockShape& block, size_t count) {
  if (block.valid == nullptr) return {count, count, nullptr};
  size_t row = 0, seen = 0;
  while (seen < count) seen += block.valid[row++];
  return {row, count, block.valid};
}

inline BlockShape behind(const BlockShape& block, const BlockShape& first) {
  return {block.rows - first.rows, block.count - first.count, block.valid == nullptr ? nullptr : block.valid + first.rows};
}

inline void appendLevels(Levels& levels, const BlockShape& block, bool optional) {
  if (!optional) return;
  if (block.valid == nullptr) {
    levels.appendOnes(block.rows);
  } else {
    levels.append(block.valid, block.rows);
  }
}

// Builds the dictionary of `count` waiting values: encode(from, n) appends the indices of n of them. Returns whether it is to be judged.
template <class F>
bool buildDictionary(DictionaryChoice& choice, size_t count, const auto& dictionary, F&& encode) {
  bool judged = false;
  for (size_t done = 0; done < count;) {
    const size_t some = std::min(count, choice.next()) - done;
    encode(done, some);
    done += some;
    judged = done == choice.next() && choice.pause(done, dictionary.size());
  }
  return judged;
}

// Calls page(levels slice, first value, values) for each page of a nested leaf's chunk of indices.
template <class F>
void nestedPages(const LevelPages& nested, const Levels& levels, F&& page) {
  size_t from = 0, value = 0;
  for (size_t i = 0; i < nested.sealed(); i++) {
    const LevelPage& sealed = nested.page(i);
    page(LevelSlice{&levels, from, from + sealed.entries, sealed.entries - sealed.values}, value, sealed.values);
    from += sealed.entries;
    value += sealed.values;
  }
}

// The same for a column without nesting.
template <class F>
void cutPages(const Levels& levels, bool optional, size_t values, int width, size_t pageBytes, F&& page) {
  const size_t total = optional ? levels.rows() : values;
  const size_t bits = pageBytes > 64 ? (pageBytes - 48) * 8 : 64;
  size_t rows = bits / static_cast<size_t>(width + (optional ? 1 : 0)) / 8 * 8;
  if (rows < 8) rows = 8;
  if (rows > Chunk::kIndexRows) rows = Chunk::kIndexRows;
  size_t value = 0;
  for (size_t from = 0; from < total; from += rows) {
    const size_t to = from + rows < total ? from + rows : total;
    const size_t count = !optional || levels.nulls() == 0 ? to - from : levels.count(from, to);
    page(LevelSlice{&levels, from, to, to - from - count}, value, count);
    value += count;
  }
}

}  // namespace gp

#endif
