// The footer of an image.
#ifndef GPUPARSER_PARQUET_FOOTER_H
#define GPUPARSER_PARQUET_FOOTER_H

#include <vector>

#include "parquet/column_chunk.h"

namespace gp {

// The FileMetaData. No row group where rows is 0.
void writeFooter(const SchemaPlan& schema, const std::vector<ChunkPlace>& places, size_t rows, Bytes& out);

}  // namespace gp

#endif
