// A row that needs every kernel of a schema.
#ifndef GPUPARSER_CUDA_SAMPLE_H
#define GPUPARSER_CUDA_SAMPLE_H

#include "cuda/schema.h"

namespace gp::gpu {

// In the form of rows/rows.h. Values are zeros, or what stands for them; lists have one element.
std::vector<uint8_t> sampleRow(const Schema& schema);

}  // namespace gp::gpu

#endif
