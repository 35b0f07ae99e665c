// Page indexes and the footer of an image.
#ifndef GPUPARSER_PARQUET_FOOTER_H
#define GPUPARSER_PARQUET_FOOTER_H

#include <vector>

#include "cpu/chunk.h"

namespace gp {

// Where a chunk and its indexes lie in the file.
struct ChunkPlace {
  const Chunk* chunk = nullptr;
  size_t offset = 0;
  size_t bloomFilter = 0;                        // where the chunk has one
  size_t columnIndex = 0, columnIndexBytes = 0;  // bytes 0: the chunk has none
  size_t offsetIndex = 0, offsetIndexBytes = 0;
};

// False where a page with values has no bounds: then the chunk has no column index, and out is unchanged.
bool writeColumnIndex(const Chunk& chunk, Bytes& out);
void writeOffsetIndex(const ChunkPlace& place, Bytes& out);
// The FileMetaData. No row group where rows is 0.
void writeFooter(const SchemaPlan& schema, const std::vector<ChunkPlace>& places, size_t rows, Bytes& out);

}  // namespace gp

#endif
