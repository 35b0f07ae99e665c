// Which tuples a snapshot sees, from what a page and pg_xact's files hold (HeapTupleSatisfiesMVCC in heapam_visibility.c). The files
// were read after the snapshot was taken, and they prove one thing alone: a transaction that they call committed is. Of all others,
// and of multixacts with an updater, the server is asked, and what it answered stands beside them.
#ifndef GPUPARSER_PAGES_VISIBILITY_H
#define GPUPARSER_PAGES_VISIBILITY_H

#include "pages/page.h"

namespace gp {

using Xid = uint32_t;

constexpr Xid kFirstNormalXid = 3;  // 0 is none, 1 and 2 (bootstrap, and frozen as 9.3 and older wrote it) are always committed

// transam.c, TransactionIdPrecedes: normal ones are compared modulo 2^32.
GP_HD inline bool precedes(Xid a, Xid b) {
  if (a < kFirstNormalXid || b < kFirstNormalXid) return a < b;
  return static_cast<int32_t>(a - b) < 0;
}

struct Snapshot {
  Xid xmin, xmax;
  const Xid* running;  // sorted as plain numbers: transactions and subtransactions that had not ended
  uint32_t count;
  bool overflowed;  // not all of the subtransactions are among them
};

// A file of pg_xact: two bits for each of 2^20 transactions.
struct XactFile {
  const uint8_t* bytes;
  uint32_t length;
};
constexpr uint32_t kXactFiles = 4096, kXactFileBytes = 1 << 18;

struct Answer {
  uint32_t id;
  uint32_t value;  // of a transaction: gp_answer_kind; of a multixact: its updater, 0 for none
  bool known;
};

// Sorted by id.
struct Answers {
  const Answer* list;
  uint32_t count;
};

GP_HD inline const Answer* find(const Answers& answers, uint32_t id) {
  uint32_t low = 0, high = answers.count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    if (answers.list[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low < answers.count && answers.list[low].id == id ? answers.list + low : nullptr;
}

struct Visibility {
  Snapshot snapshot;
  const XactFile* files;  // kXactFiles of them
  Answers xids, multis;
};

// What is known of a tuple: whether the snapshot sees it, or why that is not known.
enum Fate : uint8_t { kSeen, kUnseen, kAsk, kOverflowed, kUnknown };

// What the server is asked where the fate is kAsk.
struct Question {
  uint32_t id;
  bool multi;
};

GP_HD inline Fate inSnapshot(const Snapshot& s, Xid xid) {  // kSeen: it had not ended when the snapshot was taken
  if (precedes(xid, s.xmin)) return kUnseen;
  if (!precedes(xid, s.xmax)) return kSeen;
  uint32_t low = 0, high = s.count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    if (s.running[middle] < xid) low = middle + 1;
    else high = middle;
  }
  if (low < s.count && s.running[low] == xid) return kSeen;
  return s.overflowed ? kOverflowed : kUnseen;
}

// kSeen: committed. Only for one that had ended.
GP_HD inline Fate committed(const Visibility& v, Xid xid, Question& question) {
  if (xid < kFirstNormalXid) return xid == 0 ? kUnseen : kSeen;
  const XactFile& file = v.files[xid >> 20];
  const uint32_t at = (xid & 0xFFFFF) / 4;
  if (at < file.length && (file.bytes[at] >> 2 * (xid & 3) & 3) == 1) return kSeen;
  const Answer* answer = find(v.xids, xid);
  if (answer == nullptr) {
    question = {xid, false};
    return kAsk;
  }
  if (answer->value == GP_ANSWER_COMMITTED) return kSeen;
  return answer->value == GP_ANSWER_ABORTED ? kUnseen : kUnknown;
}

// What a transaction did counts for the snapshot: kSeen, it had ended by then and committed.
GP_HD inline Fate counts(const Visibility& v, Xid xid, bool hinted, Question& question) {
  const Fate running = inSnapshot(v.snapshot, xid);
  if (running != kUnseen) return running == kSeen ? kUnseen : running;
  return hinted ? kSeen : committed(v, xid, question);
}

// infomask bits (htup_details.h)
constexpr uint16_t kHasNull = 0x0001, kHasExternal = 0x0004, kXmaxLockOnly = 0x0080, kXminCommitted = 0x0100, kXminInvalid = 0x0200,
                   kXmaxCommitted = 0x0400, kXmaxInvalid = 0x0800, kXmaxIsMulti = 0x1000, kMovedOff = 0x4000, kMovedIn = 0x8000;
constexpr uint16_t kXminFrozen = kXminCommitted | kXminInvalid;
constexpr uint16_t kOldLock = 0x0040, kOldLockMask = 0x1050;  // an exclusive lock as 9.2 and older wrote it

// Whether what inserted the tuple counts.
GP_HD inline Fate inserted(const Visibility& v, Xid xmin, Xid xvac, uint16_t mask, Question& question) {
  if ((mask & kXminFrozen) == kXminFrozen) return kSeen;
  if (mask & kXminInvalid) return kUnseen;
  if (mask & kXminCommitted) return counts(v, xmin, true, question);
  if (mask & (kMovedOff | kMovedIn)) {  // by VACUUM FULL of 8.4 and older: xvac is its transaction, xmin had committed
    const Fate moved = counts(v, xvac, false, question);
    if (moved > kUnseen || !(mask & kMovedOff)) return moved;
    return moved == kSeen ? kUnseen : kSeen;
  }
  return counts(v, xmin, false, question);
}

// Whether what deleted or replaced the tuple counts.
GP_HD inline Fate deleted(const Visibility& v, Xid xmax, uint16_t mask, Question& question) {
  // lock-only is asked before multi: multixacts that pg_upgrade took over from before 9.3 must never be looked up
  if (mask & kXmaxInvalid || mask & kXmaxLockOnly || (mask & kOldLockMask) == kOldLock) return kUnseen;
  if (!(mask & kXmaxIsMulti)) return counts(v, xmax, (mask & kXmaxCommitted) != 0, question);
  const Answer* answer = find(v.multis, xmax);
  if (answer == nullptr) {
    question = {xmax, true};
    return kAsk;
  }
  if (!answer->known) return kUnknown;
  return answer->value == 0 ? kUnseen : counts(v, answer->value, false, question);
}

// tuple: its header, of kTupleHead bytes.
GP_HD inline Fate fateOf(const Visibility& v, const uint8_t* tuple, Question& question) {
  using Le = LittleEndian;
  const uint16_t mask = Le::load16(tuple + 20);
  const Fate in = inserted(v, Le::load32(tuple), Le::load32(tuple + 8), mask, question);
  if (in != kSeen) return in;
  const Fate out = deleted(v, Le::load32(tuple + 4), mask, question);
  return out > kUnseen ? out : out == kSeen ? kUnseen : kSeen;
}

// Keeps the tuples of a page that the snapshot sees: keep(tuple). ask(question) is called for all that must be asked; then, and where
// a page cannot be taken at all, what was kept means nothing. base: of the page in the memory that tuples count from.
template <class Keep, class Ask>
GP_HD gp_page_state judgePage(const uint8_t* memory, uint32_t base, uint32_t block, bool checksums, const Visibility& v, Keep&& keep,
                              Ask&& ask) {
  Page page;
  const gp_page_state opened = openPage(memory + base, block, checksums, page);
  if (opened != GP_PAGE_MVCC) return opened;
  const bool all = (page.flags & kAllVisible) != 0;  // then hint bits and xmax mean nothing: rows may be locked
  gp_page_state state = all ? GP_PAGE_ALL_VISIBLE : GP_PAGE_MVCC;
  const uint32_t items = page.items();
  uint32_t kept = 0;
  for (uint32_t i = 0; i < items; i++) {
    Tuple tuple;
    const Item item = readItem(page, i, base, tuple);
    if (item == kNoTuple) continue;
    if (item == kBroken) return GP_PAGE_DAMAGED;
    if (!all) {
      Question question{};
      const Fate fate = fateOf(v, memory + tuple.start, question);
      if (fate == kUnseen) continue;
      if (fate == kAsk) {
        ask(question);
        if (state == GP_PAGE_MVCC) state = GP_PAGE_ASK;
      } else if (fate != kSeen) {
        state = fate == kOverflowed ? GP_PAGE_OVERFLOWED : GP_PAGE_UNKNOWN;
      }
    }
    if (++kept > kMostTuples) return GP_PAGE_DAMAGED;
    keep(tuple);
  }
  return state;
}

}  // namespace gp

#endif
