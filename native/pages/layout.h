// How a relation's tuples lie on its pages, and what becomes of each attribute: checked once, when a layout is opened.
#ifndef GPUPARSER_PAGES_LAYOUT_H
#define GPUPARSER_PAGES_LAYOUT_H

#include <optional>
#include <string>
#include <vector>

#include "pages/tuple.h"
#include "plan/plan.h"

namespace gp {

struct Label {
  uint32_t oid;
  std::string text;
};

// What a column of the schema is on disk.
struct DiskColumn {
  int32_t form = GP_DISK_PLAIN;
  bool checkUtf8 = false;
  std::optional<std::string> missing;  // as DiskForm has the column's kind
  std::vector<Label> labels;           // by oid
};

struct Layout {
  const SchemaPlan* schema;
  std::vector<Step> steps;          // of each attribute
  std::vector<DiskColumn> columns;  // of the schema
};

// Throws Fault (GP_USAGE, with the column where one is meant).
Layout planLayout(const SchemaPlan& schema, const gp_attribute* attributes, int32_t count);

}  // namespace gp

#endif
