// A nested column of a batch: the root of its tree of nodes.
#ifndef GPUPARSER_CPU_NESTED_COLUMN_H
#define GPUPARSER_CPU_NESTED_COLUMN_H

#include "cpu/column.h"

namespace gp {

// plan and writer must outlive the column.
std::unique_ptr<Column> makeNestedColumn(const ColumnPlan& plan, const WriterPlan& writer);

}  // namespace gp

#endif
