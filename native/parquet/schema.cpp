#include "parquet/schema.h"

namespace gp {
namespace {

using namespace parquet;

void writeLogical(Thrift& t, const LeafPlan& leaf) {
  t.begin(10);
  switch (leaf.logical) {
    case kDecimal:
      t.begin(kDecimal);
      t.i32(1, leaf.scale);
      t.i32(2, leaf.precision);
      t.end();
      break;
    case kTime:
    case kTimestamp:
      t.begin(leaf.logical);
      t.boolean(1, leaf.utc);
      t.begin(2);
      t.empty(2);  // MICROS
      t.end();
      t.end();
      break;
    case kInteger:
      t.begin(kInteger);
      t.byte(1, static_cast<int8_t>(leaf.precision));
      t.boolean(2, leaf.order == Order::kInt32);
      t.end();
      break;
    default: t.empty(leaf.logical);
  }
  t.end();
}

void writeLeafElement(Thrift& t, const LeafPlan& leaf, Repetition repetition) {
  t.element();
  t.i32(1, leaf.physical);
  if (leaf.physical == kFixed) t.i32(2, leaf.typeLength);
  t.i32(3, repetition);
  t.binary(4, leaf.path.back());
  if (leaf.converted != kNoConverted) t.i32(6, leaf.converted);
  if (leaf.logical == kDecimal) {
    t.i32(7, leaf.scale);
    t.i32(8, leaf.precision);
  }
  if (leaf.logical != kNoLogical) writeLogical(t, leaf);
  t.end();
}

void writeGroup(Thrift& t, const std::string& name, Repetition repetition, size_t children, Converted converted = kNoConverted,
                Logical logical = kNoLogical) {
  t.element();
  t.i32(3, repetition);
  t.binary(4, name);
  t.i32(5, static_cast<int32_t>(children));
  if (converted != kNoConverted) t.i32(6, converted);
  if (logical != kNoLogical) {
    t.begin(10);
    t.empty(logical);
    t.end();
  }
  t.end();
}

// Calls element(write) for each element of the tree below and including a column, in the schema's order.
template <class F>
void eachElement(const ColumnPlan& column, F&& element) {
  const Repetition repetition = column.column.required ? kRequired : kOptional;
  const auto list = [&](const std::string& name, Repetition outer) {
    element([&](Thrift& t) { writeGroup(t, name, outer, 1, kConvertedList, kList); });
    element([](Thrift& t) { writeGroup(t, "list", kRepeated, 1); });
  };
  switch (column.column.kind) {
    case GP_LIST:
      list(column.name, repetition);
      for (int32_t d = 1; d < column.column.precision; d++) list("element", kOptional);
      break;
    case GP_MULTIRANGE:
    case GP_VECTOR:
    case GP_HALFVEC: list(column.name, repetition); break;
    case GP_MAP:
      element([&](Thrift& t) { writeGroup(t, column.name, repetition, 1, kConvertedMap, kMap); });
      element([](Thrift& t) { writeGroup(t, "key_value", kRepeated, 2); });
      break;
    case GP_STRUCT:
    case GP_RANGE:
    case GP_INTERVAL:
      element([&](Thrift& t) { writeGroup(t, column.name, repetition, column.children.size() + column.leaves.size()); });
      break;
    default: element([&](Thrift& t) { writeLeafElement(t, column.leaves[0], repetition); }); return;
  }
  for (const ColumnPlan& child : column.children) eachElement(child, element);
  for (const LeafPlan& leaf : column.leaves) element([&](Thrift& t) { writeLeafElement(t, leaf, kRequired); });
}

}  // namespace

void writeSchema(Thrift& t, const SchemaPlan& schema) {
  size_t elements = 1;
  for (const ColumnPlan& column : schema.columns) eachElement(column, [&](const auto&) { elements++; });
  t.list(2, Thrift::kStruct, elements);
  t.element();
  t.binary(4, "schema");
  t.i32(5, static_cast<int32_t>(schema.columns.size()));
  t.end();
  for (const ColumnPlan& column : schema.columns) eachElement(column, [&](const auto& write) { write(t); });
}

}  // namespace gp
