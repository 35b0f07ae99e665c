#include "pages/reader.h"

#include <algorithm>

namespace gp {
namespace {

constexpr size_t kBlockPages = 5;       // they stay in the nearest caches while each column is read
constexpr size_t kLeastBlockRows = 64;  // but so many rows, so that 1,600 columns still have loops to run

bool canBeTaken(gp_page_state state) { return state <= GP_PAGE_MVCC; }

}  // namespace

// Appends the page's tuples.
gp_page_state PageReader::judge(size_t page) {
  Buffer<Tuple>& tuples = scratch_.tuples;
  const size_t before = tuples.size();
  tuples.reserve(before + kMostTuples);
  const gp_page_state state = judgePage(
      run_.memory, static_cast<uint32_t>(page * kPageBytes), run_.blocks[page], run_.checksums, visibility_,
      [&](const Tuple& tuple) { tuples.push(tuple); },
      [&](const Question& question) { asked_.push({question.id, question.multi ? 1 : 0, 0, 0}); });
  run_.states[page] = {state, static_cast<int32_t>(tuples.size() - before)};
  if (!canBeTaken(state)) {
    tuples.setSize(before);
    run_.states[page].rows = 0;
  }
  return state;
}

bool PageReader::next(size_t mostRows) {
  PageScratch& s = scratch_;
  s.tuples.clear();
  s.begins.clear();
  rows_ = 0;
  const size_t first = taken_;
  size_t end = first;
  if (stopped_ || first == run_.count) return false;
  for (; end < run_.count && s.tuples.size() + kMostTuples <= mostRows; end++) {
    if (end - first >= kBlockPages && s.tuples.size() >= kLeastBlockRows) break;
    s.begins.push(static_cast<uint32_t>(s.tuples.size()));
    seen_ = end + 1;
    if (canBeTaken(judge(end))) continue;
    stopped_ = true;
    break;
  }
  taken_ = end;
  rows_ = s.tuples.size();
  index(first, end);
  settle(first);
  return true;
}

// The page's rows, and those behind them, are not taken.
void PageReader::stopAt(size_t first, size_t page, gp_page_state state) {
  run_.states[page] = {state, 0};
  taken_ = page;
  rows_ = scratch_.begins[page - first];
  stopped_ = true;
}

void PageReader::index(size_t first, size_t end) {
  const size_t columns = layout_.columns.size();
  stride_ = (rows_ + 15) / 16 * 16;
  if (stride_ % 512 == 0) stride_ += 16;  // columns 4 KiB apart would fall into the same sets of the nearest cache
  scratch_.fields.reserve(columns * stride_);
  scratch_.marks.reserve(columns);
  if (columns > 0) std::memset(scratch_.marks.data(), 0, columns);
  const FieldTable table{scratch_.fields.data(), stride_, scratch_.marks.data()};
  for (size_t page = first; page < end; page++) {
    const size_t from = scratch_.begins[page - first], to = page + 1 < end ? scratch_.begins[page + 1 - first] : rows_;
    const gp_page_state state = indexTuples(run_.memory, scratch_.tuples.data(), from, to, layout_, table);
    if (state != GP_PAGE_MVCC) return stopAt(first, page, state);
  }
}

void PageReader::settle(size_t first) {
  Bytes& aside = scratch_.aside;
  aside.clearBeyond(kKeptBytes);
  std::memset(aside.room(kAsideSpare), 0, kAsideSpare);
  aside.setSize(kAsideSpare);
  for (size_t c = 0; c < layout_.columns.size(); c++) {
    if (layout_.columns[c].form == GP_DISK_PLAIN && scratch_.marks[c] == 0) continue;
    scratch_.marks[c] = 1;  // its fields count from aside
    const Settled settled = settleColumn(run_.memory, layout_.columns[c], scratch_.fields.data() + c * stride_, rows_, aside);
    if (settled.rows < rows_) stopAt(first, scratch_.tuples[settled.rows].start / kPageBytes, settled.state);
  }
  aside.room(kAsideSpare);
}

uint64_t PageReader::bytes() const {
  uint64_t out = 0;
  for (size_t i = 0; i < rows_; i++) out += scratch_.tuples[i].length;
  return out;
}

PageReader::Fields PageReader::column(size_t c) const {
  const Span* fields = scratch_.fields.data() + c * stride_;
  if (scratch_.marks[c] == 0) return {run_.memory, fields, run_.count * kPageBytes};
  return {scratch_.aside.data(), fields, scratch_.aside.size()};
}

void PageReader::lookOn() {
  for (size_t page = std::max(taken_, seen_); page < run_.count; page++) {
    scratch_.tuples.clear();
    if (!canBeTaken(judge(page))) continue;
    for (size_t i = 0; i < scratch_.tuples.size(); i++) {
      const Tuple& tuple = scratch_.tuples[i];
      if (!(LittleEndian::load16(run_.memory + tuple.start + 20) & kHasExternal)) continue;
      const gp_page_state state = checkTuple(run_.memory, tuple, layout_);
      if (state == GP_PAGE_MVCC) continue;
      run_.states[page] = {state, 0};
      break;
    }
  }
}

}  // namespace gp
