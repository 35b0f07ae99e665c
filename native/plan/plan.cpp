#include "plan/plan.h"

#include <algorithm>

#include "plan/leaf_plan.h"

namespace gp {
namespace {

bool between(int32_t v, int32_t low, int32_t high) { return v >= low && v <= high; }

constexpr int kMostLevels = 254;     // levels are bytes, and one of them marks what is still to be decided (nested_node.h)
constexpr int kArrayDimensions = 6;  // PostgreSQL's MAXDIM

void checkColumn(const gp_column& column, int32_t index) {
  if (column.name == nullptr) refuse(index, "name is missing");
  if (!between(column.required, 0, 1)) refuse(index, "required must be 0 or 1");
  if (!between(column.bloom_filter, 0, 1)) refuse(index, "bloom_filter must be 0 or 1");
  if (column.bloom_filter != 0 && column.kind == GP_BOOL) refuse(index, "a BOOLEAN has no bloom filter");
  if (column.bloom_filter != 0 && isNested(column.kind)) refuse(index, "a nested column's bloom filters are its children's");
  if (!between(column.on_nan, GP_POLICY_ERROR, GP_POLICY_NULL)) refuse(index, "on_nan must be error or null");
  if (!between(column.on_infinity, GP_POLICY_ERROR, GP_POLICY_SATURATE)) refuse(index, "on_infinity is none of gp_policy");
  if (column.kind == GP_DECIMAL && !between(column.precision, 1, 38)) refuse(index, "precision must be 1 to 38");
  if (column.kind == GP_DECIMAL && !between(column.scale, 0, column.precision)) refuse(index, "scale must be 0 to the precision");
  if (column.kind == GP_GEOMETRY && column.precision < 0) refuse(index, "precision must be an SRID, 0 or more");
  if (column.kind == GP_MONEY && !between(column.scale, 0, 19)) refuse(index, "scale must be 0 to 19");
  if (column.kind == GP_LIST && !between(column.precision, 1, kArrayDimensions)) refuse(index, "dimensions must be 1 to 6");
}

void checkChildren(const ColumnPlan& plan) {
  const auto count = [&](size_t wanted, const char* message) {
    if (plan.children.size() != wanted) refuse(plan.index, message);
  };
  const auto kind = [&](size_t child) { return plan.children[child].column.kind; };
  switch (plan.column.kind) {
    case GP_LIST: return count(1, "a list has one child");
    case GP_STRUCT:
      if (plan.children.empty()) refuse(plan.index, "a struct has children");
      return;
    case GP_MAP:
      count(2, "a map has two children");
      if (kind(0) != GP_TEXT || kind(1) != GP_TEXT || !plan.children[0].column.required)
        refuse(plan.index, "a map's key is required, and key and value are GP_TEXT");
      return;
    case GP_RANGE:
      count(2, "a range has two children");
      if (kind(0) != kind(1) || isNested(kind(0)) || plan.children[0].column.required || plan.children[1].column.required)
        refuse(plan.index, "a range's bounds are of one kind, not nested and not required");
      return;
    case GP_MULTIRANGE:
      count(1, "a multirange has one child");
      if (kind(0) != GP_RANGE) refuse(plan.index, "a multirange's child is a range");
      return;
    default: count(0, "only nested kinds have children");
  }
}

// Places a column's own leaves in the Parquet schema. path: of the node itself.
class LeafMaker {
 public:
  LeafMaker(ColumnPlan& plan, const std::string& field, bool nested) : plan_(plan), field_(field), nested_(nested) {}
  LeafPlan& add(std::vector<std::string> path, int definition, int repetition) {
    LeafPlan leaf;
    leaf.name = field_;
    leaf.path = std::move(path);
    leaf.nested = nested_;
    leaf.optional = definition > 0;
    leaf.maxDefinition = definition;
    leaf.maxRepetition = repetition;
    leaf.bloom = plan_.column.bloom_filter != 0;
    plan_.leaves.push_back(std::move(leaf));
    return plan_.leaves.back();
  }

 private:
  ColumnPlan& plan_;
  const std::string& field_;
  const bool nested_;
};

// The columns as a forest: children follow their parents in the list, in order.
class Planner {
 public:
  Planner(const gp_column* columns, int32_t count) : columns_(columns), children_(static_cast<size_t>(count)) {
    for (int32_t i = 0; i < count; i++) {
      checkColumn(columns[i], i);
      if (!between(columns[i].parent, -1, i - 1)) refuse(i, "parent must be -1 or the index of a column before");
      (columns[i].parent < 0 ? roots_ : children_[static_cast<size_t>(columns[i].parent)]).push_back(i);
    }
  }

  std::vector<ColumnPlan> plan() const {
    std::vector<ColumnPlan> out;
    out.reserve(roots_.size());
    for (const int32_t i : roots_) out.push_back(node(i, {}, columns_[i].name, columns_[i].name, 0, 0, isNested(columns_[i].kind)));
    return out;
  }

 private:
  // name: in the Parquet schema. definition, repetition: of what is around it.
  ColumnPlan node(int32_t index, std::vector<std::string> path, const char* name, const std::string& field, int definition, int repetition,
                  bool nested) const {
    const gp_column& column = columns_[index];
    ColumnPlan plan;
    plan.column = column;
    plan.column.name = nullptr;
    plan.name = name;
    plan.index = index;
    plan.definition = definition + (column.required ? 0 : 1);
    plan.repetition = repetition;
    if (column.kind == GP_DECIMAL) planDecimal(column.precision, column.scale, plan.decimal);
    path.push_back(name);
    if (plan.definition + 2 * kArrayDimensions > kMostLevels) refuse(index, "the column is nested too deep");
    const auto below = [&](std::initializer_list<const char*> steps) {
      std::vector<std::string> out = path;
      out.insert(out.end(), steps.begin(), steps.end());
      return out;
    };
    const auto child = [&](size_t i, std::vector<std::string> around, const char* called, int levels, int repeats) {
      const std::vector<int32_t>& all = children_[static_cast<size_t>(index)];
      if (i < all.size())
        plan.children.push_back(node(all[i], std::move(around), called, field, plan.definition + levels, repetition + repeats, true));
    };
    LeafMaker leaves(plan, field, nested);
    const size_t count = children_[static_cast<size_t>(index)].size();
    switch (column.kind) {
      case GP_LIST: {
        std::vector<std::string> around = below({"list"});
        for (int d = 1; d < column.precision; d++) around.insert(around.end(), {"element", "list"});
        for (size_t i = 0; i < count; i++) child(i, around, "element", 2 * column.precision - 1, column.precision);
        break;
      }
      case GP_MULTIRANGE:
        for (size_t i = 0; i < count; i++) child(i, below({"list"}), "element", 1, 1);
        break;
      case GP_STRUCT:
        for (size_t i = 0; i < count; i++) child(i, path, columns_[children_[static_cast<size_t>(index)][i]].name, 0, 0);
        break;
      case GP_MAP:
        for (size_t i = 0; i < count; i++) child(i, below({"key_value"}), i == 0 ? "key" : "value", 1, 1);
        break;
      case GP_RANGE:
        for (size_t i = 0; i < count; i++) child(i, path, i == 0 ? "lower" : "upper", 0, 0);
        for (const char* member : {"lower_inc", "upper_inc", "empty"})
          planMember(leaves.add(below({member}), plan.definition, repetition), GP_BOOL);
        break;
      case GP_VECTOR:
      case GP_HALFVEC: planMember(leaves.add(below({"list", "element"}), plan.definition + 1, repetition + 1), GP_FLOAT4); break;
      case GP_INTERVAL:
        for (const char* member : {"months", "days"}) planMember(leaves.add(below({member}), plan.definition, repetition), GP_INT4);
        planMember(leaves.add(below({"microseconds"}), plan.definition, repetition), GP_INT8);
        break;
      default: planLeaf(leaves.add(path, plan.definition, repetition), column, index);
    }
    checkChildren(plan);
    if (!isNested(column.kind) && count > 0) refuse(index, "only nested kinds have children");
    return plan;
  }

  const gp_column* columns_;
  std::vector<int32_t> roots_;
  std::vector<std::vector<int32_t>> children_;
};

size_t leavesOf(const ColumnPlan& column) {
  size_t count = column.leaves.size();
  for (const ColumnPlan& child : column.children) count += leavesOf(child);
  return count;
}

WriterPlan planWriter(const gp_writer_options& options) {
  if (!between(options.codec, GP_NONE, GP_LZ4_RAW)) refuse(-1, "codec is none of gp_codec");
  if (options.codec == GP_ZSTD && !between(options.level, 0, 22)) refuse(-1, "level must be 0 to 22 for zstd");
  if (options.page_bytes < 0 || options.page_bytes > INT32_MAX) refuse(-1, "page_bytes must be 0 to 2147483647");
  if (!between(options.encodings, GP_ENCODINGS_COMPATIBLE, GP_ENCODINGS_AUTO)) refuse(-1, "encodings is none of gp_encodings");
  if (options.statistics_bytes < 0) refuse(-1, "statistics_bytes must not be negative");
  WriterPlan writer;
  writer.codec = options.codec;
  writer.level = options.level;
  if (options.page_bytes > 0) writer.pageBytes = std::min<size_t>(static_cast<size_t>(options.page_bytes), 1 << 30);
  if (options.statistics_bytes > 0) writer.boundBytes = static_cast<size_t>(options.statistics_bytes);
  writer.dictionary = options.dictionary != 0;
  writer.everyEncoding = options.encodings == GP_ENCODINGS_AUTO;
  writer.createdBy = options.created_by == nullptr ? "" : options.created_by;
  return writer;
}

}  // namespace

SchemaPlan planSchema(const gp_column* columns, int32_t count, const gp_writer_options& options) {
  if (count < 0 || (count > 0 && columns == nullptr)) refuse(-1, "columns are missing");
  SchemaPlan plan;
  plan.writer = planWriter(options);
  plan.columns = Planner(columns, count).plan();
  return plan;
}

size_t SchemaPlan::leaves() const {
  size_t count = 0;
  for (const ColumnPlan& column : columns) count += leavesOf(column);
  return count;
}

bool isNested(int32_t kind) { return kind >= GP_LIST && kind <= GP_HALFVEC; }

}  // namespace gp
