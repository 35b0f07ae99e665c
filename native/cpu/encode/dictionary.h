// Value -> index, while a chunk is gathered. Open addressing, entries in order of first appearance.
#ifndef GPUPARSER_CPU_ENCODE_DICTIONARY_H
#define GPUPARSER_CPU_ENCODE_DICTIONARY_H

#include <bit>
#include <cstdint>

#include "base/buffer.h"
#include "types/plain.h"

namespace gp {

constexpr uint32_t kNoIndex = UINT32_MAX;
constexpr size_t kFirstSlots = 512;
constexpr size_t kManySlots = 8192;  // from here on a table only doubles: it is the largest part of what a column takes

inline size_t moreSlots(size_t slots) { return slots * (slots < kManySlots ? 4 : 2); }

inline uint64_t hashOf(uint32_t v) { return v * 0x9E3779B97F4A7C15u; }
inline uint64_t hashOf(uint64_t v) { return (v ^ v >> 32) * 0x9E3779B97F4A7C15u; }
inline uint64_t mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
inline uint64_t hashOf(const Fixed16& v) { return mix(v.word[0] ^ 0x9E3779B97F4A7C15u, v.word[1] ^ 0xC2B2AE3D27D4EB4Fu); }

inline bool same(uint32_t a, uint32_t b) { return a == b; }
inline bool same(uint64_t a, uint64_t b) { return a == b; }
inline bool same(const Fixed16& a, const Fixed16& b) { return ((a.word[0] ^ b.word[0]) | (a.word[1] ^ b.word[1])) == 0; }

// K: the value's bits, as uint32_t, uint64_t or Fixed16.
template <class K>
class FixedDictionary {
 public:
  size_t size() const { return entries_.size(); }
  const K* entries() const { return entries_.data(); }
  size_t bytes() const { return entries_.size() * sizeof(K); }

  void recycle() {
    entries_.recycle();
    table_.recycle();
  }
  void release() {
    entries_.release();
    table_.release();
  }

  // Indices of count values; values not seen before become entries. Returns count, or how many were done where one more entry
  // would exceed limit.
  template <class I>
  size_t encode(const K* values, size_t count, size_t limit, I* out) {
    if (table_.empty()) resize(kFirstSlots);
    const Slot* table = table_.data();
    int shift = shift_;
    for (size_t i = 0; i < count; i++) {
      const Slot& slot = table[hashOf(values[i]) >> shift];
      uint32_t index = slot.index;
      if (!same(slot.key, values[i]) || index == kNoIndex) [[unlikely]] {
        index = find(values[i], limit);
        if (index == kNoIndex) return i;
        table = table_.data();
        shift = shift_;
      }
      out[i] = static_cast<I>(index);
    }
    return count;
  }

 private:
  struct Slot {
    K key;
    uint32_t index;
  };

  [[gnu::noinline]] uint32_t find(const K& key, size_t limit) {
    size_t at = hashOf(key) >> shift_;
    for (; table_[at].index != kNoIndex; at = (at + 1) & (table_.size() - 1)) {
      if (same(table_[at].key, key)) return table_[at].index;
    }
    if (entries_.size() >= limit) return kNoIndex;
    const auto index = static_cast<uint32_t>(entries_.size());
    entries_.push(key);
    table_[at] = {key, index};
    if (entries_.size() * 2 > table_.size()) resize(moreSlots(table_.size()));
    return index;
  }

  void resize(size_t slots) {
    table_.clear();
    Slot* table = table_.room(slots);
    table_.setSize(slots);
    for (size_t i = 0; i < slots; i++) table[i] = {K{}, kNoIndex};
    shift_ = 64 - std::countr_zero(slots);
    for (size_t i = 0; i < entries_.size(); i++) {
      size_t at = hashOf(entries_[i]) >> shift_;
      while (table[at].index != kNoIndex) at = (at + 1) & (slots - 1);
      table[at] = {entries_[i], static_cast<uint32_t>(i)};
    }
  }

  Buffer<K> entries_;
  Buffer<Slot> table_;
  int shift_ = 0;
};

// Byte strings. Entries are kept as the dictionary page wants them: length, bytes, length, bytes ...
class TextDictionary {
 public:
  size_t size() const { return starts_.size(); }
  size_t bytes() const { return page_.size(); }
  const uint8_t* page() const { return page_.data(); }
  const uint8_t* text(uint32_t index) const { return page_.data() + starts_[index]; }
  uint32_t length(uint32_t index) const {
    uint32_t v;
    std::memcpy(&v, page_.data() + starts_[index] - 4, 4);
    return v;
  }
  void recycle() {
    page_.recycle();
    starts_.recycle();
    table_.recycle();
  }
  void release() {
    page_.release();
    starts_.release();
    table_.release();
  }

  // The index of a text, kNoIndex where a new entry would take the page over limit bytes. 8 bytes before text are readable.
  uint32_t encode(const uint8_t* text, uint32_t length, size_t limit) {
    const uint64_t tag = tagOf(text, length);
    const Slot& slot = table_[tag >> shift_];
    if (slot.tag == tag && slot.length == length && slot.index != kNoIndex && equal(slot.start, text, length)) [[likely]]
      return slot.index;
    return find(tag, text, length, limit);
  }
  void prepare() {
    if (table_.empty()) resize(kFirstSlots);
  }

 private:
  struct Slot {
    uint64_t tag;
    uint32_t index;
    uint32_t length;
    uint32_t start;
    uint32_t unused;
  };

  static uint64_t word(const uint8_t* p) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }

  // Up to 8 bytes the tag determines the text, given its length: the multiplier is odd.
  static uint64_t tagOf(const uint8_t* text, uint32_t length) {
    constexpr uint64_t k0 = 0x9E3779B97F4A7C15u, k1 = 0xC2B2AE3D27D4EB4Fu;
    if (length <= 8) {
      const uint64_t v = length == 0 ? 0 : word(text + length - 8) >> (64 - 8 * length);
      return ((v ^ v >> 29) + length) * k0;
    }
    uint64_t h = k1 ^ length;
    const uint8_t* p = text;
    uint32_t left = length;
    for (; left > 16; left -= 16, p += 16) h = mix(word(p) ^ h, word(p + 8) ^ k0);
    const uint8_t* last = text + length;
    return mix(word(left > 8 ? p : last - 16) ^ h, word(last - 8) ^ k0) * k1;
  }

  bool equal(uint32_t start, const uint8_t* text, uint32_t length) const {
    if (length <= 8) return true;
    const uint8_t* held = page_.data() + start;
    if (length <= 16) return word(held) == word(text) && word(held + length - 8) == word(text + length - 8);
    if (length <= 32) {
      const uint64_t a = (word(held) ^ word(text)) | (word(held + 8) ^ word(text + 8));
      const uint64_t b = (word(held + length - 8) ^ word(text + length - 8)) | (word(held + length - 16) ^ word(text + length - 16));
      return (a | b) == 0;
    }
    return std::memcmp(held, text, length) == 0;
  }

  [[gnu::noinline]] uint32_t find(uint64_t tag, const uint8_t* text, uint32_t length, size_t limit) {
    size_t at = tag >> shift_;
    for (; table_[at].index != kNoIndex; at = (at + 1) & (table_.size() - 1)) {
      const Slot& slot = table_[at];
      if (slot.tag == tag && slot.length == length && equal(slot.start, text, length)) return slot.index;
    }
    if (page_.size() + 4 + length > limit) return kNoIndex;
    const auto index = static_cast<uint32_t>(starts_.size());
    page_.append(&length, 4);
    const auto start = static_cast<uint32_t>(page_.size());
    page_.append(text, length);
    starts_.push(start);
    table_[at] = {tag, index, length, start, 0};
    if (starts_.size() * 2 > table_.size()) resize(moreSlots(table_.size()));
    return index;
  }

  void resize(size_t slots) {
    Buffer<Slot> old;
    old.swap(table_);
    Slot* table = table_.room(slots);
    table_.setSize(slots);
    for (size_t i = 0; i < slots; i++) table[i] = {0, kNoIndex, 0, 0, 0};
    shift_ = 64 - std::countr_zero(slots);
    for (size_t i = 0; i < old.size(); i++) {
      if (old[i].index == kNoIndex) continue;
      size_t at = old[i].tag >> shift_;
      while (table[at].index != kNoIndex) at = (at + 1) & (slots - 1);
      table[at] = old[i];
    }
  }

  Bytes page_;
  Buffer<uint32_t> starts_;
  Buffer<Slot> table_;
  int shift_ = 0;
};

}  // namespace gp

#endif
