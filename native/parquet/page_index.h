// A chunk's page indexes: which values each page holds, and where it lies.
#ifndef GPUPARSER_PARQUET_PAGE_INDEX_H
#define GPUPARSER_PARQUET_PAGE_INDEX_H

#include "parquet/written_chunk.h"

namespace gp {

// False where a page with values has no bounds: then the chunk has no column index, and out is unchanged.
bool writeColumnIndex(const WrittenChunk& chunk, Bytes& out);
// offset: of the chunk in the file.
void writeOffsetIndex(const WrittenChunk& chunk, size_t offset, Bytes& out);

}  // namespace gp

#endif
