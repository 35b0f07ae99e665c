// A column chunk as footer and page indexes need it: its pages' bytes, and what is to be said of them.
#ifndef GPUPARSER_PARQUET_WRITTEN_CHUNK_H
#define GPUPARSER_PARQUET_WRITTEN_CHUNK_H

#include <vector>

#include "base/buffer.h"
#include "parquet/bounds.h"
#include "plan/plan.h"

namespace gp {

struct PageInfo {
  size_t offset = 0;  // of the header, from the chunk's first byte
  size_t headerBytes = 0;
  size_t storedBytes = 0;  // without the header
  size_t plainBytes = 0;   // the same before compression
  uint32_t crc = 0;        // of the stored bytes
  int32_t values = 0;      // of a data page, NULLs and what else has no value included; entries of a dictionary page
  int64_t rows = 0;        // that begin in a data page
  int64_t nulls = 0;       // values below the highest definition level
  int64_t textBytes = 0;   // BYTE_ARRAY: of the values, without lengths
  Bounds bounds;
  std::vector<int64_t> repetitions, definitions;  // nested leaf: values at each level
};

struct WrittenChunk {
  WrittenChunk(const LeafPlan& leaf, int codec) : leaf(leaf), codec(codec) {}

  const LeafPlan& leaf;
  int codec;  // of this chunk: GP_NONE where compression gained nothing
  Bytes bytes;
  bool hasDictionary = false;
  parquet::Encoding encoding = parquet::kPlain;  // of the data pages
  PageInfo dictionary;
  std::vector<PageInfo> pages;
  bool ascending = false, descending = false;  // its values were seen to come so; both: it has one value, or nobody looked
  Bytes bloomFilter;                           // header and bits; empty without one
};

}  // namespace gp

#endif
