// Every way that a tuple's transactions can lie to a snapshot, on bytes made by hand.
#include "pages/visibility.h"

#include <vector>

#include "test/support/harness.h"
#include "test/support/heap.h"

using namespace gp;
using namespace gp::test;

namespace {

constexpr const char* kNames[] = {"seen", "unseen", "ask", "overflowed", "unknown"};

// Transactions 100 to 199 may have run: 120 and 130 do, 110 committed by pg_xact, 111 not; 140 committed and 141 aborted as the server
// says, 142 it does not know. Multixact 7 has updater 110, 8 none, 9 updater 120, 10 updater 141; 11 is unknown.
struct World {
  std::vector<uint8_t> file = std::vector<uint8_t>(64);
  std::vector<XactFile> files = std::vector<XactFile>(kXactFiles);
  std::vector<Xid> running = {120, 130};
  std::vector<Answer> xids = {{140, GP_ANSWER_COMMITTED, true}, {141, GP_ANSWER_ABORTED, true}, {142, GP_ANSWER_UNKNOWN, true}};
  std::vector<Answer> multis = {{7, 110, true}, {8, 0, true}, {9, 120, true}, {10, 141, true}, {11, 0, false}};
  Visibility v;

  World() {
    const auto status = [&](Xid xid, int bits) { file[xid / 4] |= static_cast<uint8_t>(bits << 2 * (xid % 4)); };
    for (const Xid xid : {110, 120, 99}) status(xid, 1);
    status(112, 2);
    status(113, 3);
    files[0] = {file.data(), static_cast<uint32_t>(file.size())};
    v = {{100, 200, running.data(), 2, false}, files.data(), {xids.data(), 3}, {multis.data(), 5}};
  }

  std::string fate(uint32_t xmin, uint16_t mask, uint32_t xmax = 0, uint32_t xvac = 0, Question* asked = nullptr) const {
    HeapTuple tuple;
    tuple.xmin = xmin;
    tuple.xmax = xmax;
    tuple.xvac = xvac;
    tuple.mask = mask;
    const std::string bytes = tuple.bytes();
    Question question{};
    const Fate fate = fateOf(v, reinterpret_cast<const uint8_t*>(bytes.data()), question);
    if (asked != nullptr) *asked = question;
    return kNames[fate];
  }
};

constexpr uint16_t kAlive = kXmaxInvalid, kIn = kXminCommitted;

void is(const std::string& got, const char* wanted, const char* what) { expect(got, std::string(wanted), what); }

}  // namespace

TEST("an insert counts once it is frozen, or committed before the snapshot") {
  const World w;
  is(w.fate(120, kXminFrozen | kAlive), "seen", "frozen, whoever inserted it");
  is(w.fate(110, kXminInvalid | kAlive), "unseen", "hinted aborted");
  is(w.fate(110, kIn | kAlive), "seen", "hinted committed");
  is(w.fate(120, kIn | kAlive), "unseen", "hinted committed after the snapshot");
  is(w.fate(200, kIn | kAlive), "unseen", "hinted, and from xmax on");
  is(w.fate(110, kAlive), "seen", "committed by pg_xact");
  is(w.fate(99, kAlive), "seen", "committed by pg_xact before xmin");
  is(w.fate(120, kAlive), "unseen", "committed by pg_xact and running for the snapshot");
  is(w.fate(140, kAlive), "seen", "committed by the server's word");
  is(w.fate(141, kAlive), "unseen", "aborted by the server's word");
  is(w.fate(142, kAlive), "unknown", "not known to the server");
  is(w.fate(0, kAlive), "unseen", "a speculative insertion that was taken back");
  is(w.fate(1, kAlive), "seen", "bootstrap");
  is(w.fate(2, kAlive), "seen", "frozen as 9.3 and older wrote it");
}

TEST("pg_xact proves commits alone: all else is asked, running ones never") {
  const World w;
  for (const uint32_t xid : {111u, 112u, 113u, 90u, 199u}) {
    Question asked{};
    is(w.fate(xid, kAlive, 0, 0, &asked), "ask", "status 0, 2, 3 and not in the file");
    expect(asked.id, xid, "asked of");
    holds(!asked.multi, "no multixact");
  }
  Question asked{};
  is(w.fate(3'000'000'000u, kAlive, 0, 0, &asked), "ask", "older than the files");
}

TEST("a delete counts once it committed before the snapshot") {
  const World w;
  is(w.fate(110, kIn, 110), "unseen", "committed by pg_xact");
  is(w.fate(110, kIn | kXmaxCommitted, 140), "unseen", "hinted committed");
  is(w.fate(110, kIn | kXmaxCommitted, 120), "seen", "hinted committed after the snapshot");
  is(w.fate(110, kIn, 120), "seen", "running for the snapshot");
  is(w.fate(110, kIn, 250), "seen", "begun after the snapshot");
  is(w.fate(110, kIn, 141), "seen", "aborted by the server's word");
  is(w.fate(110, kIn, 0), "seen", "none");
  is(w.fate(110, kIn, 111), "ask", "not proved");
  is(w.fate(110, kIn, 142), "unknown", "not known to the server");
  is(w.fate(110, kXminFrozen, 110), "unseen", "of a frozen row");
}

TEST("a row that is only locked is there, and no multixact of lockers is looked up") {
  const World w;
  is(w.fate(110, kIn | kXmaxLockOnly, 110), "seen", "locked by one that committed");
  is(w.fate(110, kIn | kXmaxLockOnly | kXmaxIsMulti, 99999), "seen", "a multixact of before 9.3, or of lockers");
  is(w.fate(110, kIn | kOldLock, 110), "seen", "an exclusive lock as 9.2 wrote it");
  is(w.fate(110, kIn | kOldLock | kXmaxIsMulti, 8), "seen", "not that: a multixact, here without an updater");
  is(w.fate(110, kIn | 0x50, 110), "unseen", "not that: key share and exclusive lock bits are a delete's");
}

TEST("an updating multixact is its updater") {
  const World w;
  is(w.fate(110, kIn | kXmaxIsMulti, 7), "unseen", "committed");
  is(w.fate(110, kIn | kXmaxIsMulti, 8), "seen", "no updater");
  is(w.fate(110, kIn | kXmaxIsMulti, 9), "seen", "running for the snapshot");
  is(w.fate(110, kIn | kXmaxIsMulti, 10), "seen", "aborted");
  is(w.fate(110, kIn | kXmaxIsMulti, 11), "unknown", "not known to the server");
  Question asked{};
  is(w.fate(110, kIn | kXmaxIsMulti, 12, 0, &asked), "ask", "not asked yet");
  holds(asked.multi && asked.id == 12, "the multixact is asked of");
}

TEST("tuples that VACUUM FULL of 8.4 moved are where its transaction left them") {
  const World w;
  is(w.fate(99, kMovedOff | kAlive, 0, 110), "unseen", "moved off, committed");
  is(w.fate(99, kMovedOff | kAlive, 0, 141), "seen", "moved off, aborted");
  is(w.fate(99, kMovedIn | kAlive, 0, 110), "seen", "moved in, committed");
  is(w.fate(99, kMovedIn | kAlive, 0, 141), "unseen", "moved in, aborted");
  is(w.fate(99, kMovedOff | kAlive, 0, 111), "ask", "moved off, not known");
  is(w.fate(99, kMovedIn | kIn | kAlive, 0, 141), "seen", "hinted since");
}

TEST("an overflowed snapshot decides only what it lists, and what lies outside it") {
  World w;
  w.v.snapshot.overflowed = true;
  is(w.fate(110, kAlive), "overflowed", "between xmin and xmax");
  is(w.fate(110, kIn | kAlive), "overflowed", "hinted, and perhaps committed after the snapshot");
  is(w.fate(120, kAlive), "unseen", "listed");
  is(w.fate(99, kAlive), "seen", "before xmin");
  is(w.fate(200, kAlive), "unseen", "from xmax on");
  is(w.fate(99, kIn, 110), "overflowed", "a delete");
}

TEST("transaction numbers wrap around") {
  World w;
  const Xid before = 0xFFFFFFF0u;
  w.running = {5, 0xFFFFFFFAu};
  w.v.snapshot = {before, 20, w.running.data(), 2, false};
  is(w.fate(before - 10, kIn | kAlive), "seen", "before xmin");
  is(w.fate(0xFFFFFFFBu, kIn | kAlive), "seen", "before the wrap, ended");
  is(w.fate(0xFFFFFFFAu, kIn | kAlive), "unseen", "before the wrap, running");
  is(w.fate(4, kIn | kAlive), "seen", "behind the wrap, ended");
  is(w.fate(5, kIn | kAlive), "unseen", "behind the wrap, running");
  is(w.fate(20, kIn | kAlive), "unseen", "xmax");
  is(w.fate(21, kIn | kAlive), "unseen", "behind xmax");
}
