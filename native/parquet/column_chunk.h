// A chunk's entry in a footer: its metadata, statistics and sizes.
#ifndef GPUPARSER_PARQUET_COLUMN_CHUNK_H
#define GPUPARSER_PARQUET_COLUMN_CHUNK_H

#include "parquet/thrift.h"
#include "parquet/written_chunk.h"

namespace gp {

// Where a chunk and its indexes lie in the file.
struct ChunkPlace {
  const WrittenChunk* chunk = nullptr;
  size_t offset = 0;
  size_t bloomFilter = 0;                        // where the chunk has one
  size_t columnIndex = 0, columnIndexBytes = 0;  // bytes 0: the chunk has none
  size_t offsetIndex = 0, offsetIndexBytes = 0;
};

// What the chunk takes uncompressed, with its pages' headers.
int64_t plainBytes(const WrittenChunk& chunk);
// One element of RowGroup.columns.
void writeChunk(Thrift& t, const ChunkPlace& place);

}  // namespace gp

#endif
