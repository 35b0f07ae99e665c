// A row that needs every kernel of a schema.
#ifndef GPUPARSER_CUDA_SAMPLE_H
#define GPUPARSER_CUDA_SAMPLE_H

#include "cuda/schema.h"

namespace gp::gpu {

// As Rows has it: the message's length, then the row. Values are zeros, or what stands for them; lists have one element.
std::vector<uint8_t> sampleRow(const Schema& schema);

}  // namespace gp::gpu

#endif
