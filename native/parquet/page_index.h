// A chunk's page indexes: which values each page holds, and where it lies.
#ifndef GPUPARSER_PARQUET_PAGE_INDEX_H
#define GPUPARSER_PARQUET_PAGE_INDEX_H

#include "cpu/encode/chunk.h"

namespace gp {

// False where a page with values has no bounds: then the chunk has no column index, and out is unchanged.
bool writeColumnIndex(const Chunk& chunk, Bytes& out);
// offset: of the chunk in the file.
void writeOffsetIndex(const Chunk& chunk, size_t offset, Bytes& out);

}  // namespace gp

#endif
