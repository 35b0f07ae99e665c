// Cycles per row of each stage, by driving the engine's parts by hand on one thread.
#ifndef GPUPARSER_BENCH_STAGES_H
#define GPUPARSER_BENCH_STAGES_H

#include <cstdint>
#include <vector>

#include "include/gpuparser.h"

namespace gp::bench {

using Slot = std::vector<uint8_t>;

// Prints "stage name cycles-per-row" lines.
void printStages(const std::vector<Slot>& slots, const std::vector<gp_column>& columns, const gp_writer_options& options);

}  // namespace gp::bench

#endif
