// What a schema decides once: for every column its decoder's parameters, for every leaf its place in the Parquet schema.
#ifndef GPUPARSER_CPU_PLAN_H
#define GPUPARSER_CPU_PLAN_H

#include <string>
#include <vector>

#include "cpu/bounds.h"
#include "include/gpuparser.h"
#include "parquet/format.h"
#include "types/numeric.h"

namespace gp {

struct WriterPlan {
  int codec = GP_SNAPPY;
  int level = 0;
  size_t pageBytes = 1 << 20;
  size_t boundBytes = 64;
  bool dictionary = true;
  bool everyEncoding = false;  // else PLAIN and dictionaries only
  std::string createdBy;
};

// One Parquet column chunk: a column, or a member of an interval's group.
struct LeafPlan {
  std::string name;
  std::string member;  // of the group called name; empty for a plain column
  bool optional = true;
  parquet::Physical physical = parquet::kInt32;
  int32_t typeLength = 0;
  parquet::Converted converted = parquet::kNoConverted;
  parquet::Logical logical = parquet::kNoLogical;
  int32_t precision = 0;
  int32_t scale = 0;
  bool utc = false;
  Order order = Order::kInt32;
  bool text = false;   // BYTE_ARRAY of UTF-8
  bool bloom = false;  // with a bloom filter
};

struct ColumnPlan {
  gp_column column;  // name is not used here
  std::string name;
  int32_t index = 0;
  DecimalPlan decimal;
  std::vector<LeafPlan> leaves;
};

struct SchemaPlan {
  std::vector<ColumnPlan> columns;
  WriterPlan writer;
};

// Checks and fills a plan. Throws Fault (GP_USAGE, with the column).
SchemaPlan planSchema(const gp_column* columns, int32_t count, const gp_writer_options& options);

}  // namespace gp

#endif
