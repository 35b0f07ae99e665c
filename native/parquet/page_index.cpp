#include "parquet/page_index.h"

#include "parquet/thrift.h"

namespace gp {
namespace {

using namespace parquet;

Boundary boundaryOf(const WrittenChunk& chunk) {
  bool ascending = true, descending = true;
  const Bounds* before = nullptr;
  for (const PageInfo& page : chunk.pages) {
    if (!page.bounds.known) continue;  // pages of nulls take no part
    if (before != nullptr) {
      const int min = compareBounds(before->min, page.bounds.min, chunk.leaf.order),
                max = compareBounds(before->max, page.bounds.max, chunk.leaf.order);
      ascending = ascending && min <= 0 && max <= 0;
      descending = descending && min >= 0 && max >= 0;
    }
    before = &page.bounds;
  }
  return ascending ? kAscending : descending ? kDescending : kUnordered;
}

// A histogram of one page's levels: of a nested leaf as it was counted, else of the one bit a row.
void writeHistogram(Thrift& t, const WrittenChunk& chunk, const PageInfo& page) {
  if (!chunk.leaf.nested) {
    t.zigzag(page.nulls);
    t.zigzag(page.values - page.nulls);
    return;
  }
  for (const int64_t count : page.definitions) t.zigzag(count);
}

}  // namespace

bool writeColumnIndex(const WrittenChunk& chunk, Bytes& out) {
  const auto allNull = [](const PageInfo& page) { return page.nulls == page.values; };
  for (const PageInfo& page : chunk.pages) {
    if (!page.bounds.known && !allNull(page)) return false;
  }
  Thrift t(out);
  t.element();
  t.list(1, Thrift::kTrue, chunk.pages.size());
  for (const PageInfo& page : chunk.pages) t.booleanElement(allNull(page));
  t.list(2, Thrift::kBinary, chunk.pages.size());
  for (const PageInfo& page : chunk.pages) t.bytes(page.bounds.min);
  t.list(3, Thrift::kBinary, chunk.pages.size());
  for (const PageInfo& page : chunk.pages) t.bytes(page.bounds.max);
  t.i32(4, boundaryOf(chunk));
  t.list(5, Thrift::kI64, chunk.pages.size());
  for (const PageInfo& page : chunk.pages) t.zigzag(page.nulls);
  if (chunk.leaf.maxRepetition > 0) {
    t.list(6, Thrift::kI64, (static_cast<size_t>(chunk.leaf.maxRepetition) + 1) * chunk.pages.size());
    for (const PageInfo& page : chunk.pages) {
      for (const int64_t count : page.repetitions) t.zigzag(count);
    }
  }
  if (chunk.leaf.optional) {
    t.list(7, Thrift::kI64, (static_cast<size_t>(chunk.leaf.maxDefinition) + 1) * chunk.pages.size());
    for (const PageInfo& page : chunk.pages) writeHistogram(t, chunk, page);
  }
  t.end();
  return true;
}

void writeOffsetIndex(const WrittenChunk& chunk, size_t offset, Bytes& out) {
  Thrift t(out);
  t.element();
  t.list(1, Thrift::kStruct, chunk.pages.size());
  int64_t row = 0;
  for (const PageInfo& page : chunk.pages) {
    t.element();
    t.i64(1, static_cast<int64_t>(offset + page.offset));
    t.i32(2, static_cast<int32_t>(page.headerBytes + page.storedBytes));
    t.i64(3, row);
    t.end();
    row += page.rows;
  }
  if (chunk.leaf.physical == kByteArray) {
    t.list(2, Thrift::kI64, chunk.pages.size());
    for (const PageInfo& page : chunk.pages) t.zigzag(page.textBytes);
  }
  t.end();
}

}  // namespace gp
