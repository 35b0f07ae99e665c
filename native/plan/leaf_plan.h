// What a value of each kind becomes in Parquet: physical type, annotations and order.
#ifndef GPUPARSER_PLAN_LEAF_PLAN_H
#define GPUPARSER_PLAN_LEAF_PLAN_H

#include "plan/plan.h"

namespace gp {

// Throws a Fault: column `column` of the schema, or its options where that is -1, cannot be had.
[[noreturn]] void refuse(int32_t column, std::string message);

// Throws for a kind that is no leaf. index: of the column, for the fault.
void planLeaf(LeafPlan& leaf, const gp_column& column, int32_t index);
// A leaf inside a column of another kind, such as an interval's days; `kind` asks for no more than itself.
void planMember(LeafPlan& leaf, int32_t kind);

}  // namespace gp

#endif
