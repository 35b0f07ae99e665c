#include "rows/stream.h"

#include "types/wire.h"

namespace gp {
namespace {

constexpr uint64_t kHeader = 5;  // type byte and length
constexpr uint8_t kCopyData = 'd';
constexpr uint32_t kMostLength = (1u << 30) + (1u << 20);  // PostgreSQL sends no message over MaxAllocSize, 1 GiB - 1
constexpr uint32_t kPrefetch = 1024;                       // bytes ahead of a header that is being read
constexpr uint8_t kSignature[11] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xFF, '\r', '\n', 0};

[[noreturn]] void refuse(int64_t row, std::string message) { throw Fault{GP_PROTOCOL, -1, row, std::move(message)}; }

}  // namespace

void Stream::reset() {
  rows_.clear();
  total_ = 0;
  begun_ = trailer_ = false;
  const std::lock_guard guard(mutex_);
  aside_.reset();
}

// Checks the COPY header that begins at `at` in a message ending at `end`; returns where it ends (copyto.c CopyToBinaryStart).
uint64_t Stream::copyHeader(const uint8_t* slot, uint64_t at, uint64_t end) {
  constexpr uint64_t fixed = sizeof kSignature + 8;
  if (end - at < fixed || std::memcmp(slot + at, kSignature, sizeof kSignature) != 0)
    refuse(-1, "the COPY data does not begin with the binary format's signature");
  const uint32_t flags = load32(slot + at + sizeof kSignature), extension = load32(slot + at + sizeof kSignature + 4);
  if ((flags & 0xFFFF0000) != 0) refuse(-1, "the COPY header has critical flags that are not known: " + std::to_string(flags));
  if (extension > end - at - fixed)
    refuse(-1, "the COPY header's extension of " + std::to_string(extension) + " bytes runs past its message");
  return at + fixed + extension;
}

void Stream::scan(const uint8_t* slot, int64_t from, int64_t to, gp_scan& out) {
  if (from < 0 || to < from || to > INT64_C(0xFFFFFFFF)) throw Fault{GP_USAGE, -1, -1, "from and to must be 0 <= from <= to < 4 GiB"};
  out = {};
  const auto limit = static_cast<uint64_t>(to);
  uint64_t at = static_cast<uint64_t>(from);
  const size_t before = rows_.size();
  const auto done = [&] {
    const auto found = static_cast<int64_t>(rows_.size() - before);
    total_ += found;
    out.rows = found;
    out.end = static_cast<int64_t>(at);
    out.trailer = trailer_;
    rows_.bytes += static_cast<int64_t>(at) - from;
    rows_.readable = at;  // what follows may still be written to
  };
  while (true) {
    // room for every row that the rest could hold is taken in steps, so that the loop below pushes unchecked
    const size_t batch = (limit - at) / 7 + 1 < 4096 ? (limit - at) / 7 + 1 : 4096;
    uint32_t* next = rows_.starts.room(batch);
    uint32_t* nextEnd = rows_.ends.room(batch);
    uint32_t* const last = next + batch;
    bool more = false;
    while (true) {
      if (next == last) {
        more = true;
        break;
      }
      if (at + kHeader > limit) break;
      const uint8_t* p = slot + at;
      __builtin_prefetch(p + kPrefetch);
      if (*p != kCopyData) [[unlikely]]
        break;
      const uint32_t length = load32(p + 1);
      const uint64_t end = at + 1 + length;
      if (length < 6 || length > kMostLength || !begun_ || trailer_ || (length == 6 && end <= limit && load16(p + 5) == 0xFFFF))
          [[unlikely]]
        break;
      if (end > limit) break;
      *next++ = static_cast<uint32_t>(at + kHeader);
      *nextEnd++ = static_cast<uint32_t>(end);
      at = end;
    }
    rows_.starts.setSize(static_cast<size_t>(next - rows_.starts.data()));
    rows_.ends.setSize(rows_.starts.size());
    if (more) continue;
    if (at + kHeader > limit) break;
    const uint8_t* p = slot + at;
    const uint32_t length = load32(p + 1);
    const int64_t row = total_ + static_cast<int64_t>(rows_.size() - before);
    if (length < 4 || length > kMostLength)
      refuse(row, "a message of type '" + std::string(1, static_cast<char>(*p < 0x20 || *p > 0x7E ? '?' : *p)) + "' has the length " +
                      std::to_string(static_cast<int32_t>(length)));
    out.need = int64_t{1} + length;
    if (*p != kCopyData) {
      out.stop = *p;
      break;
    }
    const uint64_t end = at + 1 + length;
    if (end > limit) break;
    out.need = 0;
    if (trailer_) refuse(row, "COPY data follows the COPY trailer");
    uint64_t start = at + kHeader;
    const bool first = !begun_;
    if (first) {
      start = copyHeader(slot, start, end);
      begun_ = true;
    }
    if (start == end && first) {  // a header alone
    } else if (end - start < 2) {
      refuse(row, "a CopyData message of " + std::to_string(end - start) + " bytes holds no row");
    } else if (end - start == 2 && load16(slot + start) == 0xFFFF) {
      trailer_ = true;
    } else {
      rows_.push(static_cast<uint32_t>(start), static_cast<uint32_t>(end));
    }
    at = end;
  }
  done();
}

// The caller holds the mutex.
RowSet Stream::freshRows() { return std::exchange(spare_, {}); }

void Stream::setAside() {
  if (rows_.empty()) return;
  const std::lock_guard guard(mutex_);
  if (aside_) throw Fault{GP_USAGE, -1, -1, "rows that were set aside have not been taken"};
  aside_ = std::exchange(rows_, freshRows());
}

RowSet Stream::take() {
  const std::lock_guard guard(mutex_);
  if (!aside_) return std::exchange(rows_, freshRows());
  RowSet out = std::move(*aside_);
  aside_.reset();
  return out;
}

void Stream::recycle(RowSet rows) {
  const std::lock_guard guard(mutex_);
  spare_.recycle(rows);
}

}  // namespace gp
