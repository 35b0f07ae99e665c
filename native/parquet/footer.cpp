#include "parquet/footer.h"

#include "parquet/thrift.h"

namespace gp {
namespace {

using namespace parquet;

constexpr size_t kMostSorted = 8;  // sorting columns of a row group: more say nothing new

int parquetCodec(int codec) {
  constexpr int codecs[] = {kUncompressed, kSnappy, kZstd, kLz4Raw};
  return codecs[codec];
}

void writeLogical(Thrift& t, const LeafPlan& leaf) {
  t.begin(10);
  switch (leaf.logical) {
    case kDecimal:
      t.begin(kDecimal);
      t.i32(1, leaf.scale);
      t.i32(2, leaf.precision);
      t.end();
      break;
    case kTime:
    case kTimestamp:
      t.begin(leaf.logical);
      t.boolean(1, leaf.utc);
      t.begin(2);
      t.empty(2);  // MICROS
      t.end();
      t.end();
      break;
    case kInteger:
      t.begin(kInteger);
      t.byte(1, static_cast<int8_t>(leaf.precision));
      t.boolean(2, leaf.order == Order::kInt32);
      t.end();
      break;
    default: t.empty(leaf.logical);
  }
  t.end();
}

void writeLeafElement(Thrift& t, const LeafPlan& leaf, Repetition repetition) {
  t.element();
  t.i32(1, leaf.physical);
  if (leaf.physical == kFixed) t.i32(2, leaf.typeLength);
  t.i32(3, repetition);
  t.binary(4, leaf.path.back());
  if (leaf.converted != kNoConverted) t.i32(6, leaf.converted);
  if (leaf.logical == kDecimal) {
    t.i32(7, leaf.scale);
    t.i32(8, leaf.precision);
  }
  if (leaf.logical != kNoLogical) writeLogical(t, leaf);
  t.end();
}

void writeGroup(Thrift& t, const std::string& name, Repetition repetition, size_t children, Converted converted = kNoConverted,
                Logical logical = kNoLogical) {
  t.element();
  t.i32(3, repetition);
  t.binary(4, name);
  t.i32(5, static_cast<int32_t>(children));
  if (converted != kNoConverted) t.i32(6, converted);
  if (logical != kNoLogical) {
    t.begin(10);
    t.empty(logical);
    t.end();
  }
  t.end();
}

// Calls element(write) for each element of the tree below and including a column, in the schema's order.
template <class F>
void eachElement(const ColumnPlan& column, F&& element) {
  const Repetition repetition = column.column.required ? kRequired : kOptional;
  const auto list = [&](const std::string& name, Repetition outer) {
    element([&](Thrift& t) { writeGroup(t, name, outer, 1, kConvertedList, kList); });
    element([](Thrift& t) { writeGroup(t, "list", kRepeated, 1); });
  };
  switch (column.column.kind) {
    case GP_LIST:
      list(column.name, repetition);
      for (int32_t d = 1; d < column.column.precision; d++) list("element", kOptional);
      break;
    case GP_MULTIRANGE:
    case GP_VECTOR:
    case GP_HALFVEC: list(column.name, repetition); break;
    case GP_MAP:
      element([&](Thrift& t) { writeGroup(t, column.name, repetition, 1, kConvertedMap, kMap); });
      element([](Thrift& t) { writeGroup(t, "key_value", kRepeated, 2); });
      break;
    case GP_STRUCT:
    case GP_RANGE:
    case GP_INTERVAL:
      element([&](Thrift& t) { writeGroup(t, column.name, repetition, column.children.size() + column.leaves.size()); });
      break;
    default: element([&](Thrift& t) { writeLeafElement(t, column.leaves[0], repetition); }); return;
  }
  for (const ColumnPlan& child : column.children) eachElement(child, element);
  for (const LeafPlan& leaf : column.leaves) element([&](Thrift& t) { writeLeafElement(t, leaf, kRequired); });
}

void writeSchema(Thrift& t, const SchemaPlan& schema) {
  size_t elements = 1;
  for (const ColumnPlan& column : schema.columns) eachElement(column, [&](const auto&) { elements++; });
  t.list(2, Thrift::kStruct, elements);
  t.element();
  t.binary(4, "schema");
  t.i32(5, static_cast<int32_t>(schema.columns.size()));
  t.end();
  for (const ColumnPlan& column : schema.columns) eachElement(column, [&](const auto& write) { write(t); });
}

// The bounds of all pages together. A page of NULLs or NaN alone holds nothing to bound; one whose texts have no upper bound
// leaves the chunk without bounds too.
Bounds boundsOf(const Chunk& chunk) {
  const bool mayBeNaN = chunk.leaf.order == Order::kFloat || chunk.leaf.order == Order::kDouble;
  Bounds bounds;
  for (const PageInfo& page : chunk.pages) {
    if (!page.bounds.known && !mayBeNaN && page.nulls < page.values) return {};
    bounds.widen(page.bounds, chunk.leaf.order);
  }
  return bounds;
}

void writeStatistics(Thrift& t, const Chunk& chunk, int64_t nulls) {
  const Bounds bounds = boundsOf(chunk);
  t.begin(12);
  t.i64(3, nulls);
  if (bounds.known) {
    t.binary(5, bounds.max);
    t.binary(6, bounds.min);
    t.boolean(7, bounds.maxExact);
    t.boolean(8, bounds.minExact);
  }
  t.end();
}

// A histogram of one page's levels: of a nested leaf as it was counted, else of the one bit a row.
void writeHistogram(Thrift& t, const Chunk& chunk, const PageInfo& page) {
  if (!chunk.leaf.nested) {
    t.zigzag(page.nulls);
    t.zigzag(page.values - page.nulls);
    return;
  }
  for (const int64_t count : page.definitions) t.zigzag(count);
}

void writeSizes(Thrift& t, const Chunk& chunk, int64_t nulls, int64_t values) {
  const LeafPlan& leaf = chunk.leaf;
  const bool text = leaf.physical == kByteArray;
  if (!text && !leaf.optional) return;
  t.begin(16);
  if (text) {
    int64_t bytes = 0;
    for (const PageInfo& page : chunk.pages) bytes += page.textBytes;
    t.i64(1, bytes);
  }
  const auto sum = [&](int id, int most, std::vector<int64_t> PageInfo::* levels) {
    std::vector<int64_t> total(static_cast<size_t>(most) + 1);
    for (const PageInfo& page : chunk.pages) {
      for (size_t i = 0; i < total.size(); i++) total[i] += (page.*levels)[i];
    }
    t.list(id, Thrift::kI64, total.size());
    for (const int64_t count : total) t.zigzag(count);
  };
  if (leaf.maxRepetition > 0) sum(2, leaf.maxRepetition, &PageInfo::repetitions);
  if (leaf.nested && leaf.optional) {
    sum(3, leaf.maxDefinition, &PageInfo::definitions);
  } else if (leaf.optional) {
    t.list(3, Thrift::kI64, 2);
    t.zigzag(nulls);
    t.zigzag(values - nulls);
  }
  t.end();
}

void writeMetadata(Thrift& t, const ChunkPlace& place) {
  const Chunk& chunk = *place.chunk;
  int64_t plain = 0, nulls = 0, values = 0;
  for (const PageInfo& page : chunk.pages) {
    plain += static_cast<int64_t>(page.headerBytes + page.plainBytes);
    nulls += page.nulls;
    values += page.values;
  }
  if (chunk.hasDictionary) plain += static_cast<int64_t>(chunk.dictionary.headerBytes + chunk.dictionary.plainBytes);
  t.begin(3);
  t.i32(1, chunk.leaf.physical);
  t.list(2, Thrift::kI32, chunk.hasDictionary ? 3 : 2);
  t.zigzag(chunk.hasDictionary ? kPlain : chunk.encoding);
  t.zigzag(kRle);
  if (chunk.hasDictionary) t.zigzag(chunk.encoding);
  t.list(3, Thrift::kBinary, chunk.leaf.path.size());
  for (const std::string& part : chunk.leaf.path) t.bytes(part);
  t.i32(4, parquetCodec(chunk.codec));
  t.i64(5, values);
  t.i64(6, plain);
  t.i64(7, static_cast<int64_t>(chunk.bytes.size()));
  t.i64(9, static_cast<int64_t>(place.offset + chunk.pages[0].offset));
  if (chunk.hasDictionary) t.i64(11, static_cast<int64_t>(place.offset + chunk.dictionary.offset));
  writeStatistics(t, chunk, nulls);
  t.list(13, Thrift::kStruct, chunk.hasDictionary ? 2 : 1);
  if (chunk.hasDictionary) {
    t.element();
    t.i32(1, kDictionaryPage);
    t.i32(2, kPlain);
    t.i32(3, 1);
    t.end();
  }
  t.element();
  t.i32(1, kDataPage);
  t.i32(2, chunk.encoding);
  t.i32(3, static_cast<int32_t>(chunk.pages.size()));
  t.end();
  if (!chunk.bloomFilter.empty()) {
    t.i64(14, static_cast<int64_t>(place.bloomFilter));
    t.i32(15, static_cast<int32_t>(chunk.bloomFilter.size()));
  }
  writeSizes(t, chunk, nulls, values);
  t.end();
}

void writeChunk(Thrift& t, const ChunkPlace& place) {
  t.element();
  t.i64(2, 0);  // file_offset: readers are told to ignore it
  writeMetadata(t, place);
  t.i64(4, static_cast<int64_t>(place.offsetIndex));
  t.i32(5, static_cast<int32_t>(place.offsetIndexBytes));
  if (place.columnIndexBytes > 0) {
    t.i64(6, static_cast<int64_t>(place.columnIndex));
    t.i32(7, static_cast<int32_t>(place.columnIndexBytes));
  }
  t.end();
}

Boundary boundaryOf(const Chunk& chunk) {
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

// sorting_columns: every column (but groups' members) whose values, without NULLs, were seen to come in order. Each is in order by
// itself, so that the rows are in the order of all together, whichever comes first.
void writeSorting(Thrift& t, const std::vector<ChunkPlace>& places) {
  std::vector<size_t> sorted;
  for (size_t i = 0; i < places.size() && sorted.size() < kMostSorted; i++) {
    const Chunk& chunk = *places[i].chunk;
    if (!chunk.order.open() || chunk.leaf.path.size() > 1 || chunk.leaf.order == Order::kBoolean) continue;
    if (chunk.order.ascending() && chunk.order.descending()) continue;  // one value says nothing
    bool nulls = false;
    for (const PageInfo& page : chunk.pages) nulls = nulls || page.nulls > 0;
    if (!nulls) sorted.push_back(i);
  }
  if (sorted.empty()) return;
  t.list(4, Thrift::kStruct, sorted.size());
  for (const size_t i : sorted) {
    t.element();
    t.i32(1, static_cast<int32_t>(i));
    t.boolean(2, places[i].chunk->order.descending());
    t.boolean(3, false);  // nulls_first: there are none
    t.end();
  }
}

}  // namespace

bool writeColumnIndex(const Chunk& chunk, Bytes& out) {
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

void writeOffsetIndex(const ChunkPlace& place, Bytes& out) {
  const Chunk& chunk = *place.chunk;
  Thrift t(out);
  t.element();
  t.list(1, Thrift::kStruct, chunk.pages.size());
  int64_t row = 0;
  for (const PageInfo& page : chunk.pages) {
    t.element();
    t.i64(1, static_cast<int64_t>(place.offset + page.offset));
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

void writeFooter(const SchemaPlan& schema, const std::vector<ChunkPlace>& places, size_t rows, Bytes& out) {
  Thrift t(out);
  t.element();
  t.i32(1, 2);
  writeSchema(t, schema);
  t.i64(3, static_cast<int64_t>(rows));
  t.list(4, Thrift::kStruct, rows > 0 ? 1 : 0);
  if (rows > 0) {
    int64_t plain = 0, stored = 0;
    t.element();
    t.list(1, Thrift::kStruct, places.size());
    for (const ChunkPlace& place : places) {
      writeChunk(t, place);
      stored += static_cast<int64_t>(place.chunk->bytes.size());
      if (place.chunk->hasDictionary)
        plain += static_cast<int64_t>(place.chunk->dictionary.headerBytes + place.chunk->dictionary.plainBytes);
      for (const PageInfo& page : place.chunk->pages) plain += static_cast<int64_t>(page.headerBytes + page.plainBytes);
    }
    t.i64(2, plain);
    t.i64(3, static_cast<int64_t>(rows));
    writeSorting(t, places);
    t.i64(5, 4);  // file_offset: right behind the magic number
    t.i64(6, stored);
    t.end();
  }
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
