#include "parquet/footer.h"

#include "parquet/schema.h"

namespace gp {
namespace {

constexpr size_t kMostSorted = 8;  // sorting columns of a row group: more say nothing new

// sorting_columns: every column (but groups' members) whose values, without NULLs, were seen to come in order. Each is in order by
// itself, so that the rows are in the order of all together, whichever comes first.
void writeSorting(Thrift& t, const std::vector<ChunkPlace>& places) {
  std::vector<size_t> sorted;
  for (size_t i = 0; i < places.size() && sorted.size() < kMostSorted; i++) {
    const WrittenChunk& chunk = *places[i].chunk;
    if ((!chunk.ascending && !chunk.descending) || chunk.leaf.path.size() > 1 || chunk.leaf.order == Order::kBoolean) continue;
    if (chunk.ascending && chunk.descending) continue;  // one value says nothing
    bool nulls = false;
    for (const PageInfo& page : chunk.pages) nulls = nulls || page.nulls > 0;
    if (!nulls) sorted.push_back(i);
  }
  if (sorted.empty()) return;
  t.list(4, Thrift::kStruct, sorted.size());
  for (const size_t i : sorted) {
    t.element();
    t.i32(1, static_cast<int32_t>(i));
    t.boolean(2, places[i].chunk->descending);
    t.boolean(3, false);  // nulls_first: there are none
    t.end();
  }
}

// One element of FileMetaData.row_groups.
void writeRowGroup(Thrift& t, const std::vector<ChunkPlace>& places, size_t rows) {
  int64_t plain = 0, stored = 0;
  t.element();
  t.list(1, Thrift::kStruct, places.size());
  for (const ChunkPlace& place : places) {
    writeChunk(t, place);
    plain += plainBytes(*place.chunk);
    stored += static_cast<int64_t>(place.chunk->bytes.size());
  }
  t.i64(2, plain);
  t.i64(3, static_cast<int64_t>(rows));
  writeSorting(t, places);
  t.i64(5, 4);  // file_offset: right behind the magic number
  t.i64(6, stored);
  t.end();
}

}  // namespace

void writeFooter(const SchemaPlan& schema, const std::vector<ChunkPlace>& places, size_t rows, Bytes& out) {
  Thrift t(out);
  t.element();
  t.i32(1, 2);
  writeSchema(t, schema);
  t.i64(3, static_cast<int64_t>(rows));
  t.list(4, Thrift::kStruct, rows > 0 ? 1 : 0);
  if (rows > 0) writeRowGroup(t, places, rows);
  if (!schema.writer.createdBy.empty()) t.binary(6, schema.writer.createdBy);
  const size_t leaves = schema.leaves();
  t.list(7, Thrift::kStruct, leaves);
  for (size_t i = 0; i < leaves; i++) {
    t.element();
    t.empty(1);  // TYPE_ORDER
    t.end();
  }
  t.end();
}

}  // namespace gp
