#include "parquet/column_chunk.h"

namespace gp {
namespace {

using namespace parquet;

int parquetCodec(int codec) {
  constexpr int codecs[] = {kUncompressed, kSnappy, kZstd, kLz4Raw};
  return codecs[codec];
}

// The bounds of all pages together. A page of NULLs holds nothing to bound; one with a NaN, or whose texts have no upper bound,
// leaves the chunk without bounds too.
Bounds boundsOf(const WrittenChunk& chunk) {
  Bounds bounds;
  for (const PageInfo& page : chunk.pages) {
    if (!page.bounds.known && page.nulls < page.values) return {};
    bounds.widen(page.bounds, chunk.leaf.order);
  }
  return bounds;
}

void writeStatistics(Thrift& t, const WrittenChunk& chunk, int64_t nulls) {
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

void writeSizes(Thrift& t, const WrittenChunk& chunk, int64_t nulls, int64_t values) {
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
  const WrittenChunk& chunk = *place.chunk;
  int64_t nulls = 0, values = 0;
  for (const PageInfo& page : chunk.pages) {
    nulls += page.nulls;
    values += page.values;
  }
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
  t.i64(6, plainBytes(chunk));
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

}  // namespace

int64_t plainBytes(const WrittenChunk& chunk) {
  const auto bytes = [](const PageInfo& page) { return static_cast<int64_t>(page.headerBytes + page.plainBytes); };
  int64_t sum = chunk.hasDictionary ? bytes(chunk.dictionary) : 0;
  for (const PageInfo& page : chunk.pages) sum += bytes(page);
  return sum;
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

}  // namespace gp
