#include "cpu/encode/level_pages.h"

#include <algorithm>

#include "cpu/encode/hybrid.h"

namespace gp {
namespace {

int widthOf(int most) { return most == 0 ? 0 : bitWidth(static_cast<uint64_t>(most) + 1); }

std::vector<int64_t> histogram(const Bytes& levels, int most) {
  std::vector<int64_t> out(static_cast<size_t>(most) + 1);
  for (size_t i = 0; i < levels.size(); i++) out[levels[i]]++;
  return out;
}

}  // namespace

void LevelPages::clear() {
  width_ = static_cast<size_t>(widthOf(maxDefinition_) + widthOf(maxRepetition_));
  sealedEntries_ = sealedRows_ = 0;
  definitions_.clearBeyond(kKeptBytes);
  repetitions_.clearBeyond(kKeptBytes);
  encoded_.clearBeyond(kKeptBytes);
  pages_.clear();
}

void LevelPages::append(const uint8_t* definitions, const uint8_t* repetitions, size_t entries) {
  definitions_.append(definitions, entries);
  if (maxRepetition_ > 0) repetitions_.append(repetitions, entries);
}

void LevelPages::seal() {
  if (open() == 0) return;
  LevelPage page;
  page.entries = open();
  page.offset = encoded_.size();
  page.definitions = histogram(definitions_, maxDefinition_);
  page.values = static_cast<size_t>(page.definitions.back());
  page.rows = page.entries;
  if (maxRepetition_ > 0) {
    page.repetitions = histogram(repetitions_, maxRepetition_);
    page.rows = static_cast<size_t>(page.repetitions[0]);
    encode(repetitions_, maxRepetition_);
  }
  if (maxDefinition_ > 0) encode(definitions_, maxDefinition_);
  page.bytes = encoded_.size() - page.offset;
  sealedEntries_ += page.entries;
  sealedRows_ += page.rows;
  pages_.push_back(std::move(page));
  definitions_.clearBeyond(kKeptBytes);
  repetitions_.clearBeyond(kKeptBytes);
}

void LevelPages::encode(const Bytes& levels, int most) {
  const size_t at = encoded_.size();
  encoded_.room(4);
  encoded_.advance(4);
  encodeHybrid(levels.data(), levels.size(), widthOf(most), encoded_);
  const auto length = static_cast<uint32_t>(encoded_.size() - at - 4);
  std::memcpy(encoded_.data() + at, &length, 4);
}

size_t LevelPages::rows(size_t entries) const {
  const size_t rest = entries - sealedEntries_;
  if (maxRepetition_ == 0) return sealedRows_ + rest;
  return sealedRows_ + static_cast<size_t>(std::count(repetitions_.data(), repetitions_.data() + rest, uint8_t{0}));
}

}  // namespace gp
