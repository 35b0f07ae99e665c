#include "cpu/encode/text_chunk.h"

#include <algorithm>

namespace gp {
namespace {

constexpr size_t kOverrun = 32;  // bytes that a copy may read and write too far

uint64_t prefixOf(const uint8_t* text, uint32_t length) {
  if (length >= 8) return load64(text);
  if (length == 0) return 0;
  uint64_t v = 0;
  for (uint32_t i = 0; i < length; i++) v |= static_cast<uint64_t>(text[i]) << (56 - 8 * i);
  return v;
}

std::string_view view(const uint8_t* text, size_t length) { return {reinterpret_cast<const char*>(text), length}; }

}  // namespace

void TextChunk::append(Work& work, TextBlock texts, BlockShape block, size_t expectedRows) {
  if (order.open()) {
    order.observeTexts(block.count, [&](size_t i) { return view(texts.base + texts.spans[i].start, texts.spans[i].length); });
  }
  while (gathering_ && block.rows > 0) {
    const size_t until = (waiting_ ? kWaitingValues : choice_.next()) - count_;
    BlockShape first = block.count < until ? block : head(block, until);
    const size_t done = waiting_ ? wait(texts, first.count) : encode(texts, first.count);
    const bool full = done < first.count;
    if (full) first = head(first, done);
    appendLevels(levels_, first, leaf.optional);
    count_ += done;
    rows_ += first.rows;
    texts.spans += done;
    block = behind(block, first);
    if (waiting_) {
      if ((full || count_ == kWaitingValues) && build() && !keep(work, expectedRows)) spread(work);
    } else if (full || (count_ == choice_.next() && choice_.pause(count_, dictionary_.size()) && !keep(work, expectedRows))) {
      spread(work);
    }
  }
  if (!gathering_) plain(work, texts, block);
}

// Texts that wait for the dictionary are laid out as in a page of values. Returns how many did, fewer than count where no more may.
size_t TextChunk::wait(const TextBlock& texts, size_t count) {
  size_t bytes = page_.size() - kHead, some = 0;
  for (; some < count; some++) {
    const size_t more = 4 + size_t{texts.spans[some].length};
    if (bytes + more > kWaitingBytes) break;
    bytes += more;
  }
  textBytes_ = bytes - 4 * (count_ + some);
  page_.reserve(kHead + bytes + kOverrun);
  copy(texts, some);
  return some;
}

// Appends indices; returns how many, fewer than count where the dictionary is full.
size_t TextChunk::encode(const TextBlock& texts, size_t count) {
  dictionary_.prepare();
  const size_t mostBytes = always() ? size_t{INT32_MAX} : kDictionaryBytes;
  size_t bytes = 0;
  const size_t done = indices_.append(count, dictionary_.size(), [&](auto* out) {
    for (size_t i = 0; i < count; i++) {
      const Span span = texts.spans[i];
      const uint32_t index = dictionary_.encode(texts.base + span.start, span.length, mostBytes);
      if (index == kNoIndex) return i;
      bytes += span.length;
      out[i] = static_cast<std::remove_reference_t<decltype(*out)>>(index);
    }
    return count;
  });
  textBytes_ += bytes;
  return done;
}

// Ends the waiting; returns whether the dictionary is to be judged. It has room for all that waited.
bool TextChunk::build() {
  static_assert(kWaitingBytes <= kDictionaryBytes);
  waiting_ = false;
  textBytes_ = 0;
  size_t at = kHead;
  const bool judged = buildDictionary(choice_, count_, dictionary_, [&](size_t, size_t count) {
    Span spans[256];
    for (size_t done = 0; done < count;) {
      const size_t some = std::min<size_t>(count - done, 256);
      for (size_t i = 0; i < some; i++) {
        uint32_t length;
        std::memcpy(&length, page_.data() + at, 4);
        spans[i] = {static_cast<uint32_t>(at + 4), length};
        at += 4 + length;
      }
      done += encode({page_.data(), spans, page_.size()}, some);
    }
  });
  startPage();
  return judged;
}

void TextChunk::finish(Work& work) {
  if (waiting_) build();
  if (gathering_ && (count_ == 0 || !keep(work, 0))) spread(work);
  if (gathering_) {
    writeIndices(work);
  } else {
    closePage(work);
  }
  settle();
  indices_.recycle();
  dictionary_.recycle();
  page_.recycle();
}

void TextChunk::restart() {
  reset();
  gathering_ = waiting_ = writer.dictionary;
  levels_.clear();
  indices_.recycle();
  dictionary_.recycle();
  page_.recycle();
  choice_.reset();
  count_ = rows_ = textBytes_ = 0;
  startPage();
}

bool TextChunk::keep(Work& work, size_t expectedRows) const {
  const size_t entries = dictionary_.size();
  if (always() || DictionaryChoice::clear(count_, entries)) return true;
  Trial rated;
  const PlainValues last = sample(work);
  rated.plainBytes = last.length;
  rated.plainStored = rateEncodings(work, leaf, writer, last).stored;
  work.page.clear();
  const size_t some = std::min<size_t>(count_, kTrialBytes / 4);
  indices_.encode(count_ - some, some, bitWidth(entries), work.page);
  rated.indexBytes = some * static_cast<size_t>(bitWidth(entries)) / 8 + 1;
  rated.indexStored = trial(work, writer, work.page.data(), work.page.size());
  rated.entryBytes = std::min(dictionary_.bytes(), kTrialBytes);
  rated.entryStored = trial(work, writer, dictionary_.page(), rated.entryBytes);
  const size_t expected =
      static_cast<size_t>(static_cast<double>(expectedRows) * static_cast<double>(count_) / static_cast<double>(rowsAmong(rows_)));
  return choice_.wins(count_, expected, entries, dictionary_.bytes(), textBytes_ + 4 * count_, rated);
}

// The last values gathered, in work.page.
PlainValues TextChunk::sample(Work& work) const {
  size_t from = count_;
  for (size_t bytes = 0; from > 0 && bytes < kTrialBytes;) bytes += 4 + dictionary_.length(indices_[--from]);
  work.page.clear();
  for (size_t i = from; i < count_; i++) {
    const uint32_t index = indices_[i];
    const uint32_t length = std::min(dictionary_.length(index), static_cast<uint32_t>(kTrialBytes));
    work.page.append(&length, 4);
    work.page.append(dictionary_.text(index), length);
  }
  return {work.page.data(), work.page.size(), count_ - from};
}

void TextChunk::spread(Work& work) {
  gathering_ = false;
  if (writer.everyEncoding && count_ > 0) chooseEncoding(work, sample(work));
  Levels levels;
  std::swap(levels, levels_);
  Span spans[256];
  uint8_t valid[256];
  size_t value = 0;
  const size_t total = leaf.optional ? levels.rows() : count_;
  for (size_t row = 0; row < total;) {
    BlockShape block{std::min<size_t>(total - row, 256), 0, nullptr};
    if (leaf.optional && levels.nulls() > 0) {
      for (size_t i = 0; i < block.rows; i++) block.count += valid[i] = levels.at(row + i);
      block.valid = valid;
    } else {
      block.count = block.rows;
    }
    for (size_t i = 0; i < block.count; i++) {
      const uint32_t index = indices_[value + i];
      spans[i] = {static_cast<uint32_t>(dictionary_.text(index) - dictionary_.page()), dictionary_.length(index)};
    }
    plain(work, {dictionary_.page(), spans, dictionary_.bytes()}, block);
    row += block.rows;
    value += block.count;
  }
  indices_.release();
  dictionary_.release();
}

void TextChunk::plain(Work& work, TextBlock texts, BlockShape block) {
  while (block.rows > 0) {
    // as many rows as fit: levels before them, 4 bytes and the text for each value
    size_t bytes = page_.size() - kHead, rows = 0, values = 0;
    const bool nestedLeaf = leaf.nested;
    if (nestedLeaf) {
      rows = std::min(block.rows, pageRoom(pageRows_));
      for (size_t i = 0; i < rows; i++) values += block.valid == nullptr || block.valid[i] != 0;
      for (size_t i = 0; i < values; i++) bytes += 4 + size_t{texts.spans[i].length};
    }
    for (; !nestedLeaf && rows < block.rows; rows++) {
      const bool holds = block.valid == nullptr || block.valid[rows] != 0;
      const size_t more = holds ? 4 + size_t{texts.spans[values].length} : 0;
      if (bytes + more + levelBytes(pageRows_ + rows + 1) > plainLimit() && pageRows_ + rows > 0) break;
      bytes += more;
      values += holds;
    }
    if (rows == 0) {
      closePage(work);
      startPage();
      continue;
    }
    const BlockShape first{rows, values, block.valid};
    page_.reserve(kHead + bytes + kOverrun);
    const size_t from = copy(texts, values);
    if (leaf.bloom) addToBloom(texts, values);
    widen(from, texts, values);
    appendLevels(levels_, first, leaf.optional);
    pageRows_ += rows;
    pageValues_ += values;
    texts.spans += values;
    block = behind(block, first);
  }
}

// Appends `count` values to the page, which has room; returns where they begin.
size_t TextChunk::copy(const TextBlock& texts, size_t count) {
  const size_t from = page_.size();
  uint8_t* to = page_.end();
  for (size_t i = 0; i < count; i++) {
    const Span span = texts.spans[i];
    const uint8_t* text = texts.base + span.start;
    std::memcpy(to, &span.length, 4);
    to += 4;
    if (span.length <= kOverrun && uint64_t{span.start} + kOverrun <= texts.safe) {
      std::memcpy(to, text, kOverrun);
    } else if (span.length <= 2 * kOverrun && uint64_t{span.start} + 2 * kOverrun <= texts.safe) {
      std::memcpy(to, text, kOverrun);
      std::memcpy(to + kOverrun, text + kOverrun, span.length - kOverrun);
    } else {
      std::memcpy(to, text, span.length);
    }
    to += span.length;
  }
  page_.setSize(static_cast<size_t>(to - page_.data()));
  return from;
}

// Widens the page's bounds by `count` values that lie in it from `from` on.
void TextChunk::widen(size_t from, const TextBlock& texts, size_t count) {
  if (count == 0) return;
  uint64_t low = UINT64_MAX, high = 0;
  for (size_t i = 0; i < count; i++) {
    const Span span = texts.spans[i];
    const uint64_t prefix = prefixOf(texts.base + span.start, span.length);
    low = prefix < low ? prefix : low;
    high = prefix > high ? prefix : high;
  }
  const bool first = pageValues_ == 0;
  const bool lower = first || low <= min_.prefix, higher = first || high >= max_.prefix;
  if (!lower && !higher) return;
  if (first) min_.prefix = UINT64_MAX, max_.prefix = 0;
  bool none = first;
  size_t at = from;
  const auto less = [&](const Extreme& a, const Extreme& b) {
    return view(page_.data() + a.at, a.length) < view(page_.data() + b.at, b.length);
  };
  for (size_t i = 0; i < count; i++) {
    at += 4;
    const Extreme value{prefixOf(page_.data() + at, texts.spans[i].length), at, texts.spans[i].length};
    if (none) {
      min_ = max_ = value;
      none = false;
    } else {
      if (value.prefix < min_.prefix || (value.prefix == min_.prefix && less(value, min_))) min_ = value;
      if (value.prefix > max_.prefix || (value.prefix == max_.prefix && less(max_, value))) max_ = value;
    }
    at += texts.spans[i].length;
  }
}

void TextChunk::addToBloom(const TextBlock& texts, size_t count) {
  for (size_t i = 0; i < count; i++) bloom_.add(texts.base + texts.spans[i].start, texts.spans[i].length);
}

void TextChunk::startPage() {
  page_.clearBeyond(kKeptBytes);
  page_.room(kHead);
  page_.setSize(kHead);
  if (!gathering_) levels_.clear();
  pageRows_ = pageValues_ = 0;
}

void TextChunk::closePage(Work& work) {
  if (pageRows_ == 0) return;
  const size_t length = page_.size() - kHead;
  valuePage(work, page_, pageValues_, {&levels_, 0, pageRows_, levels_.nulls()}, pageValues_ > 0 ? bounds() : Bounds{},
            static_cast<int64_t>(length - 4 * pageValues_));
}

Bounds TextChunk::bounds() const {
  return cutBounds(view(page_.data() + min_.at, min_.length), view(page_.data() + max_.at, max_.length), writer.boundBytes, leaf.text);
}

// Of all entries, or those with uses. prefixes: of every entry.
Bounds TextChunk::entryBounds(const uint64_t* prefixes, const uint32_t* uses) const {
  const auto text = [&](size_t i) {
    return view(dictionary_.text(static_cast<uint32_t>(i)), dictionary_.length(static_cast<uint32_t>(i)));
  };
  const size_t entries = dictionary_.size();
  size_t min = entries, max = entries;
  for (size_t i = 0; i < entries; i++) {
    if (uses != nullptr && uses[i] == 0) continue;
    if (min == entries) {
      min = max = i;
      continue;
    }
    if (prefixes[i] <= prefixes[min] && (prefixes[i] < prefixes[min] || text(i) < text(min))) min = i;
    if (prefixes[i] >= prefixes[max] && (prefixes[i] > prefixes[max] || text(max) < text(i))) max = i;
  }
  return min == entries ? Bounds{} : cutBounds(text(min), text(max), writer.boundBytes, leaf.text);
}

void TextChunk::writeIndices(Work& work) {
  const size_t entries = dictionary_.size();
  const int width = bitWidth(entries);
  dictionaryPage(work, dictionary_.page(), dictionary_.bytes(), entries);
  for (uint32_t i = 0; leaf.bloom && i < entries; i++) bloom_.add(dictionary_.text(i), dictionary_.length(i));
  Buffer<uint64_t> prefixes;
  prefixes.room(entries);
  for (uint32_t i = 0; i < entries; i++) prefixes[i] = prefixOf(dictionary_.text(i), dictionary_.length(i));
  Buffer<uint32_t> uses;
  const auto page = [&](const LevelSlice& slice, size_t from, size_t count) {
    startPage();
    page_.push(static_cast<uint8_t>(width));
    indices_.encode(from, count, width, page_);
    size_t bytes = textBytes_;
    const bool whole = count == count_;
    if (!whole) {
      uint32_t* use = uses.room(entries);
      std::memset(use, 0, entries * sizeof(uint32_t));
      indices_.each(from, from + count, [use](uint32_t index) { use[index]++; });
      bytes = 0;
      for (uint32_t i = 0; i < entries; i++) bytes += size_t{use[i]} * dictionary_.length(i);
    }
    indexPage(work, page_.data() + kHead, page_.size() - kHead, slice, entryBounds(prefixes.data(), whole ? nullptr : uses.data()),
              static_cast<int64_t>(bytes));
  };
  if (leaf.nested) return nestedPages(nested, levels_, page);
  cutPages(levels_, leaf.optional, count_, width, writer.pageBytes, page);
}

}  // namespace gp
