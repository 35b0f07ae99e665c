// What cuDF's writer is told of a column. Levels must be those of the CPU engine's schema, which replaces cuDF's when images are
// joined; names need not.
#ifndef GPUPARSER_CUDA_METADATA_H
#define GPUPARSER_CUDA_METADATA_H

#include "cuda/schema.h"

namespace gp::gpu {

// given: the schema's columns, of which the one at index is meant. columns: theirs, with children.
cudf::io::column_in_metadata metadataOf(const gp_column* given, const std::vector<ColumnSpec>& columns, size_t index);
// Sets `place` of the column and all below it. place: of the column's own metadata.
void placeColumns(std::vector<ColumnSpec>& columns, size_t index, std::vector<int32_t> place);

}  // namespace gp::gpu

#endif
