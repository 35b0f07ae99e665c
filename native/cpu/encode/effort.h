// How hard zstd searches the pages of a chunk where no level was asked for: no harder than a sample of the chunk's own values is
// worth. Indices and random numbers have nothing to find; searching them for it cost as much time as compressing text.
#ifndef GPUPARSER_CPU_ENCODE_EFFORT_H
#define GPUPARSER_CPU_ENCODE_EFFORT_H

#include "cpu/work.h"
#include "plan/plan.h"

namespace gp {

// Whether the writer leaves the effort to us.
inline bool adapts(const WriterPlan& writer) { return writer.codec == GP_ZSTD && writer.level == 0; }

// What the rest of a chunk is compressed with that has this page.
Effort chooseEffort(Work& work, const uint8_t* page, size_t length);

}  // namespace gp

#endif
