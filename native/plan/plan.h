// What a schema decides once: for every column its decoder's parameters, for every leaf its place in the Parquet schema.
#ifndef GPUPARSER_PLAN_PLAN_H
#define GPUPARSER_PLAN_PLAN_H

#include <string>
#include <vector>

#include "include/gpuparser.h"
#include "parquet/bounds.h"
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

// One Parquet column chunk.
struct LeafPlan {
  std::string name;               // of the row's field it belongs to, for messages
  std::vector<std::string> path;  // path_in_schema
  bool nested = false;            // belongs to a nested column: levels of any height, pages cut where rows begin
  bool optional = true;           // maxDefinition > 0; it is 1 unless nested
  int maxDefinition = 1;
  int maxRepetition = 0;
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

// A field of the row, or a node below one.
struct ColumnPlan {
  gp_column column;  // name is not used here
  std::string name;
  int32_t index = 0;  // among the schema's columns
  DecimalPlan decimal;
  std::vector<LeafPlan> leaves;  // its own: those of its children are theirs, and come before
  std::vector<ColumnPlan> children;
  int definition = 0;  // level of a value that is there, and empty where it is a list
  int repetition = 0;  // level of what repeats around it
};

struct SchemaPlan {
  std::vector<ColumnPlan> columns;  // the row's fields
  WriterPlan writer;

  size_t leaves() const;
};

bool isNested(int32_t kind);

// Checks and fills a plan. count: of all columns, children included. Throws Fault (GP_USAGE, with the column).
SchemaPlan planSchema(const gp_column* columns, int32_t count, const gp_writer_options& options);

}  // namespace gp

#endif
