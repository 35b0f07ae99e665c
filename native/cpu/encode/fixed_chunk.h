// A chunk of fixed-width values: dictionary indices while that wins, else plain pages, closed and compressed as they fill.
#ifndef GPUPARSER_CPU_ENCODE_FIXED_CHUNK_H
#define GPUPARSER_CPU_ENCODE_FIXED_CHUNK_H

#include "cpu/encode/dictionary.h"
#include "cpu/encode/fixed_traits.h"
#include "cpu/encode/gathered.h"

namespace gp {

template <class T>
class FixedChunk : public Chunk {
  using Traits = FixedTraits<T>;
  using Bits = typename Traits::Bits;
  static_assert(sizeof(Bits) == sizeof(T));

 public:
  FixedChunk(const LeafPlan& leaf, const WriterPlan& writer) : Chunk(leaf, writer) { restart(); }

  // expectedRows: of the chunk in the end, a guess.
  void append(Work& work, const T* values, BlockShape block, size_t expectedRows) {
    if (order.open()) order.observe(values, block.count);
    while (gathering_ && block.rows > 0) {
      const size_t until = (waiting_ ? kWaitingValues : choice_.next()) - count_;
      BlockShape first = block.count < until ? block : head(block, until);
      size_t done = first.count;
      if (waiting_) {
        page_.append(values, first.count * sizeof(T));
      } else {
        done = encode(reinterpret_cast<const Bits*>(values), first.count);
      }
      const bool full = done < first.count;
      if (full) first = head(first, done);
      appendLevels(levels_, first, leaf.optional);
      count_ += done;
      rows_ += first.rows;
      values += done;
      block = behind(block, first);
      const bool judged =
          waiting_ ? count_ == kWaitingValues && build() : count_ == choice_.next() && choice_.pause(count_, dictionary_.size());
      if (full || (judged && !keep(work, expectedRows))) spread(work);
    }
    if (!gathering_) plain(work, values, block);
  }

  void finish(Work& work) {
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

  void restart() {
    reset();
    gathering_ = waiting_ = writer.dictionary;
    levels_.clear();
    indices_.recycle();
    dictionary_.recycle();
    page_.recycle();
    choice_.reset();
    count_ = rows_ = 0;
    startPage();
  }

 private:
  // Appends indices; returns how many, fewer than count where the dictionary is full.
  size_t encode(const Bits* values, size_t count) {
    return indices_.append(count, dictionary_.size(),
                           [&](auto* out) { return dictionary_.encode(values, count, kDictionaryBytes / sizeof(T), out); });
  }

  // Ends the waiting; returns whether the dictionary is to be judged. It has room: kWaitingValues are fewer bytes than it may have.
  bool build() {
    static_assert(kWaitingValues * sizeof(T) <= kDictionaryBytes);
    waiting_ = false;
    const Bits* values = reinterpret_cast<const Bits*>(page_.data() + kHead);
    const bool judged = buildDictionary(choice_, count_, dictionary_, [&](size_t from, size_t count) { encode(values + from, count); });
    startPage();
    return judged;
  }

  bool keep(Work& work, size_t expectedRows) const {
    const size_t entries = dictionary_.size();
    if (DictionaryChoice::clear(count_, entries)) return true;
    Trial rated;
    const PlainValues last = sample(work);
    rated.plainBytes = last.length;
    rated.plainStored = rateEncodings(work, leaf, writer, last).stored;
    work.page.clear();
    indices_.encode(count_ - last.count, last.count, bitWidth(entries), work.page);
    rated.indexBytes = last.count * static_cast<size_t>(bitWidth(entries)) / 8 + 1;
    rated.indexStored = trial(work, writer, work.page.data(), work.page.size());
    rated.entryBytes = (entries < kTrialBytes / sizeof(T) ? entries : kTrialBytes / sizeof(T)) * sizeof(T);
    rated.entryStored = trial(work, writer, reinterpret_cast<const uint8_t*>(dictionary_.entries()), rated.entryBytes);
    const size_t expected =
        static_cast<size_t>(static_cast<double>(expectedRows) * static_cast<double>(count_) / static_cast<double>(rowsAmong(rows_)));
    return choice_.wins(count_, expected, entries, dictionary_.bytes(), count_ * sizeof(T), rated);
  }

  // The last values gathered, in work.page.
  PlainValues sample(Work& work) const {
    const size_t count = count_ < kTrialBytes / sizeof(T) ? count_ : kTrialBytes / sizeof(T), from = count_ - count;
    work.page.clear();
    Bits* plain = reinterpret_cast<Bits*>(work.page.room(count * sizeof(T)));
    for (size_t i = 0; i < count; i++) plain[i] = dictionary_.entries()[indices_[from + i]];
    return {work.page.data(), count * sizeof(T), count};
  }

  // Gives the dictionary up: everything gathered goes into plain pages.
  void spread(Work& work) {
    gathering_ = false;
    if (writer.everyEncoding && count_ > 0) chooseEncoding(work, sample(work));
    Levels levels;
    std::swap(levels, levels_);
    alignas(16) T values[256];
    uint8_t valid[256];
    size_t value = 0;
    const size_t total = leaf.optional ? levels.rows() : count_;
    for (size_t row = 0; row < total;) {
      BlockShape block{total - row < 256 ? total - row : 256, 0, nullptr};
      if (leaf.optional && levels.nulls() > 0) {
        for (size_t i = 0; i < block.rows; i++) block.count += valid[i] = levels.at(row + i);
        block.valid = valid;
      } else {
        block.count = block.rows;
      }
      for (size_t i = 0; i < block.count; i++) std::memcpy(&values[i], &dictionary_.entries()[indices_[value + i]], sizeof(T));
      plain(work, values, block);
      row += block.rows;
      value += block.count;
    }
    indices_.release();
    dictionary_.release();
  }

  void plain(Work& work, const T* values, BlockShape block) {
    while (block.rows > 0) {
      // rows that surely fit, were each to hold a value
      const size_t used = page_.size() - kHead + levelBytes(pageRows_);
      size_t fit = used >= plainLimit() ? 0 : (plainLimit() - used) * 8 / (sizeof(T) * 8 + (leaf.optional ? 1 : 0));
      if (leaf.nested) fit = pageRoom(pageRows_);
      if (fit == 0) {
        if (pageRows_ > 0) {
          closePage(work);
          startPage();
          continue;
        }
        fit = 1;
      }
      BlockShape first = block;
      if (fit < block.rows) {
        first = {fit, fit, block.valid};
        if (block.valid != nullptr) {
          first.count = 0;
          for (size_t i = 0; i < fit; i++) first.count += block.valid[i];
        }
      }
      page_.append(values, first.count * sizeof(T));
      if (leaf.bloom) addToBloom(values, first.count);
      widen(values, first.count);
      appendLevels(levels_, first, leaf.optional);
      pageRows_ += first.rows;
      values += first.count;
      block = behind(block, first);
    }
  }

  void addToBloom(const T* values, size_t count) {
    if constexpr (std::is_floating_point_v<T>) {
      bloom_.addFloats(values, count);
    } else {
      bloom_.add(reinterpret_cast<const uint8_t*>(values), count, sizeof(T));
    }
  }

  void startPage() {
    page_.clearBeyond(kKeptBytes);
    page_.room(kHead);
    page_.setSize(kHead);
    if (!gathering_) levels_.clear();
    pageRows_ = 0;
    min_ = Traits::last();
    max_ = Traits::first();
    nan_ = false;
  }

  void widen(const T* values, size_t count) {
    Traits::widen(values, count, min_, max_);
    nan_ |= Traits::hasNaN(values, count);
  }

  void closePage(Work& work) {
    if (pageRows_ == 0) return;
    const size_t count = (page_.size() - kHead) / sizeof(T);
    valuePage(work, page_, count, {&levels_, 0, pageRows_, levels_.nulls()}, count > 0 ? bounds() : Bounds{}, 0);
  }

  Bounds bounds() const {
    Bounds out;
    if (nan_) return out;  // readers that hold NaN for the largest value, as PostgreSQL does, would pass over it
    out.known = true;
    out.min = Traits::bytes(min_, false);
    out.max = Traits::bytes(max_, true);
    return out;
  }

  void writeIndices(Work& work) {
    const size_t entries = dictionary_.size();
    const int width = bitWidth(entries);
    const T* held = reinterpret_cast<const T*>(dictionary_.entries());
    dictionaryPage(work, reinterpret_cast<const uint8_t*>(held), entries * sizeof(T), entries);
    if (leaf.bloom) addToBloom(held, entries);
    Bytes used;
    const auto page = [&](const LevelSlice& slice, size_t from, size_t count) {
      startPage();
      page_.push(static_cast<uint8_t>(width));
      indices_.encode(from, count, width, page_);
      if (count == count_) {
        widen(held, entries);
      } else if (entries > count) {
        indices_.each(from, from + count, [&](uint32_t index) { widen(held + index, 1); });
      } else if (count > 0) {
        used.room(entries);
        std::memset(used.data(), 0, entries);
        indices_.each(from, from + count, [mark = used.data()](uint32_t index) { mark[index] = 1; });
        for (size_t i = 0; i < entries; i++) {
          if (used[i]) widen(held + i, 1);
        }
      }
      indexPage(work, page_.data() + kHead, page_.size() - kHead, slice, count > 0 ? bounds() : Bounds{}, 0);
    };
    if (leaf.nested) return nestedPages(nested, levels_, page);
    cutPages(levels_, leaf.optional, count_, width, writer.pageBytes, page);
  }

  bool gathering_ = true;
  bool waiting_ = true;  // while gathering: values lie in the page as they are, the dictionary is empty
  size_t count_ = 0;     // values gathered
  size_t rows_ = 0;      // the same in rows
  Levels levels_;        // of the chunk while gathering, else of the page
  Indices indices_;
  FixedDictionary<Bits> dictionary_;
  DictionaryChoice choice_;
  Bytes page_;
  size_t pageRows_ = 0;
  T min_, max_;  // of the page, NaN left out
  bool nan_ = false;
};

}  // namespace gp

#endif
