#include "cuda/metadata.h"

#include "cuda/nested.h"

namespace gp::gpu {
namespace {

using cudf::io::column_in_metadata;

// cuDF ignores an encoding asked for where a leaf is called "list".
column_in_metadata named(const char* name) { return column_in_metadata(std::string_view(name) == "list" ? "" : name); }

column_in_metadata requiredMember(const char* name) {
  column_in_metadata out(name);
  out.set_nullability(false);
  return out;
}

// A list around an element.
void addElement(column_in_metadata& list, const column_in_metadata& element) {
  list.add_child(column_in_metadata("offsets"));
  list.add_child(element);
}

}  // namespace

column_in_metadata metadataOf(const gp_column* given, const std::vector<ColumnSpec>& columns, size_t index) {
  const gp_column& column = given[index];
  column_in_metadata out = named(column.name);
  out.set_nullability(column.required == 0);
  const auto child = [&](size_t i) { return metadataOf(given, columns, columns[index].children[i]); };
  switch (column.kind) {
    case GP_DECIMAL: out.set_decimal_precision(static_cast<uint8_t>(column.precision)); break;
    case GP_MONEY: out.set_decimal_precision(19); break;
    case GP_UUID: out.set_output_as_binary(true).set_type_length(16); break;
    case GP_GEOMETRY:
    case GP_BYTEA: out.set_output_as_binary(true); break;
    case GP_UTF8:
    case GP_TEXT:
      out.set_output_as_binary(column.logical == GP_LOGICAL_NONE);
      if (column.logical == GP_LOGICAL_ENUM) out.set_encoding(cudf::io::column_encoding::DICTIONARY);
      break;
    case GP_INTERVAL:
      for (const char* member : {"months", "days", "microseconds"}) out.add_child(requiredMember(member));
      break;
    case GP_LIST: {
      column_in_metadata element = child(0);
      for (int32_t d = 1; d < column.precision; d++) {
        column_in_metadata list("element");
        list.set_nullability(true);
        addElement(list, element);
        element = list;
      }
      addElement(out, element);
      break;
    }
    case GP_MULTIRANGE: addElement(out, child(0)); break;
    case GP_MAP: {
      column_in_metadata pair = requiredMember("key_value");
      pair.add_child(child(0)).add_child(child(1));
      addElement(out, pair);
      out.set_list_column_as_map();
      break;
    }
    case GP_STRUCT:
      for (size_t i = 0; i < columns[index].children.size(); i++) out.add_child(child(i));
      break;
    case GP_RANGE:
      out.add_child(child(0)).add_child(child(1));
      for (const char* member : {"lower_inc", "upper_inc", "empty"}) out.add_child(requiredMember(member));
      break;
    case GP_VECTOR:
    case GP_HALFVEC: addElement(out, requiredMember("element")); break;
    default: break;
  }
  return out;
}

void placeColumns(std::vector<ColumnSpec>& columns, size_t index, std::vector<int32_t> place) {
  ColumnSpec& column = columns[index];
  const std::vector<size_t> children = column.children;
  const auto below = [&](std::initializer_list<int32_t> steps) {
    std::vector<int32_t> out = place;
    out.insert(out.end(), steps);
    return out;
  };
  column.place = isVector(column.kind) ? below({1}) : place;
  for (size_t i = 0; i < children.size(); i++) {
    const auto number = static_cast<int32_t>(i);
    std::vector<int32_t> at = column.kind == GP_MULTIRANGE ? below({1}) : column.kind == GP_MAP ? below({1, number}) : below({number});
    if (column.kind == GP_LIST) {
      at = place;
      at.insert(at.end(), static_cast<size_t>(column.precision), 1);
    }
    placeColumns(columns, children[i], std::move(at));
  }
}

}  // namespace gp::gpu
