// A heap page (bufpage.h, itemid.h): what is checked before anything in it is believed, and its line pointers.
#ifndef GPUPARSER_PAGES_PAGE_H
#define GPUPARSER_PAGES_PAGE_H

#include "include/gpuparser.h"
#include "pages/checksum.h"

namespace gp {

constexpr uint32_t kMostTuples = 291;  // MaxHeapTuplesPerPage: a line pointer and the smallest tuple take 28 bytes
constexpr uint32_t kMostItems = 2042;  // line pointers that fit a page
constexpr uint32_t kTupleHead = 23;    // bytes of a tuple before its null bitmap
constexpr uint16_t kAllVisible = 0x0004, kPageFlags = 0x0007;

static_assert(kMostTuples == (kPageBytes - kPageHead) / 28);
static_assert(kMostItems == (kPageBytes - kPageHead) / 4);

// A tuple that is there: its place in the pages' memory, and its line pointer's number, from 1.
struct Tuple {
  uint32_t start;
  uint16_t length;
  uint16_t item;
};

struct Page {
  const uint8_t* bytes;
  uint16_t flags, lower, upper, special;

  GP_HD uint32_t items() const { return (lower - kPageHead) / 4; }
  GP_HD uint32_t item(uint32_t index) const { return LittleEndian::load32(bytes + kPageHead + 4 * index); }
};

// GP_PAGE_MVCC where the page has a header that can be believed, GP_PAGE_EMPTY where it is new.
GP_HD inline gp_page_state openPage(const uint8_t* bytes, uint32_t block, bool checksums, Page& page) {
  using Le = LittleEndian;
  page = {bytes, Le::load16(bytes + 10), Le::load16(bytes + 12), Le::load16(bytes + 14), Le::load16(bytes + 16)};
  if (page.upper == 0) {
    uint64_t all = 0;
    for (uint32_t at = 0; at < kPageBytes; at += 8) all |= Le::load64(bytes + at);
    return all == 0 ? GP_PAGE_EMPTY : GP_PAGE_TORN;
  }
  if (checksums && pageChecksum(bytes, block) != Le::load16(bytes + 8)) return GP_PAGE_TORN;
  const bool fine = Le::load16(bytes + 18) == (kPageBytes | 4) && (page.flags & ~kPageFlags) == 0 && page.lower >= kPageHead &&
                    page.lower <= page.upper && page.upper <= page.special && page.special <= kPageBytes;
  return fine ? GP_PAGE_MVCC : GP_PAGE_DAMAGED;
}

enum Item : uint8_t { kNoTuple, kNormal, kBroken };

// What a line pointer points at. Redirects lead to tuples that have line pointers of their own.
GP_HD inline Item readItem(const Page& page, uint32_t index, uint32_t base, Tuple& tuple) {
  const uint32_t word = page.item(index), offset = word & 0x7FFF, length = word >> 17;
  if ((word >> 15 & 3) != 1) return kNoTuple;
  const bool fine = offset >= page.upper && offset % 8 == 0 && length >= kTupleHead && offset + length <= page.special;
  tuple = {base + offset, static_cast<uint16_t>(length), static_cast<uint16_t>(index + 1)};
  return fine ? kNormal : kBroken;
}

}  // namespace gp

#endif
