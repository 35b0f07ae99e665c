// The schema in a footer.
#ifndef GPUPARSER_PARQUET_SCHEMA_H
#define GPUPARSER_PARQUET_SCHEMA_H

#include "parquet/thrift.h"
#include "plan/plan.h"

namespace gp {

// FileMetaData.schema: the tree's elements, each behind what holds it.
void writeSchema(Thrift& t, const SchemaPlan& schema);

}  // namespace gp

#endif
