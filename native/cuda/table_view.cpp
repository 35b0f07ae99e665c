// What was decoded, as cuDF's views of columns.
#include "cuda/table.h"

namespace gp::gpu {
namespace {

using cudf::column_view;
using cudf::data_type;
using cudf::type_id;

data_type typeOf(const ColumnSpec& column) {
  switch (column.kind) {
    case GP_BOOL: return data_type(type_id::BOOL8);
    case GP_INT2: return data_type(type_id::INT16);
    case GP_INT4: return data_type(type_id::INT32);
    case GP_INT8: return data_type(type_id::INT64);
    case GP_OID: return data_type(type_id::UINT32);
    case GP_FLOAT4: return data_type(type_id::FLOAT32);
    case GP_FLOAT8:
    case GP_NUMERIC_DOUBLE: return data_type(type_id::FLOAT64);
    case GP_DECIMAL:
      return data_type(column.precision <= 9    ? type_id::DECIMAL32
                       : column.precision <= 18 ? type_id::DECIMAL64
                                                : type_id::DECIMAL128,
                       -column.scale);
    case GP_MONEY: return data_type(type_id::DECIMAL128, -column.scale);
    case GP_DATE: return data_type(type_id::TIMESTAMP_DAYS);
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ: return data_type(type_id::TIMESTAMP_MICROSECONDS);
    case GP_TIME: return data_type(type_id::DURATION_MICROSECONDS);
    case GP_STRUCT:
    case GP_RANGE:
    case GP_INTERVAL: return data_type(type_id::STRUCT);
    case GP_UUID:
    case GP_LIST:
    case GP_MAP:
    case GP_MULTIRANGE:
    case GP_VECTOR:
    case GP_HALFVEC: return data_type(type_id::LIST);
    default: return data_type(type_id::STRING);
  }
}

column_view plain(type_id type, size_t rows, const void* values) {
  return column_view(data_type(type), static_cast<cudf::size_type>(rows), values, nullptr, 0);
}

column_view offsetsOf(const void* offsets, size_t lists) { return plain(type_id::INT32, lists + 1, offsets); }

}  // namespace

// The writer must count no NULLs in REQUIRED columns, but it takes the NULLs of a group from the validity of its members.
column_view Table::column(const Node& node, data_type type, const void* values, bool required, std::vector<column_view> children) const {
  const uint32_t count = nulls(node);
  const auto* valid = count == 0 ? nullptr : static_cast<const cudf::bitmask_type*>(node.valid.data());
  return column_view(type, node.rows, values, valid, required ? 0 : static_cast<cudf::size_type>(count), 0, std::move(children));
}

column_view Table::viewOf(Node& node) {
  const ColumnSpec& spec = specOf(node);
  const auto rows = static_cast<size_t>(node.rows);
  const bool required = spec.required != 0;
  const data_type type = typeOf(spec);
  if (isFloat(spec.kind) && counted(node) != 0) odd_.push_back(node.column);
  switch (spec.kind) {
    case GP_UUID:
      if (rows * 16 > INT32_MAX) throw rmm::bad_alloc("a column of UUIDs over 2 GiB");
      return column(node, type, nullptr, required,
                    {offsetsOf(offsets16(node.rows), rows), plain(type_id::UINT8, rows * 16, node.values.data())});
    case GP_INTERVAL: {
      const auto member = [&](type_id id, const void* values) { return column(node, data_type(id), values, true); };
      return column(node, type, nullptr, required,
                    {member(type_id::INT32, node.values.data()), member(type_id::INT32, node.more[0].data()),
                     member(type_id::INT64, node.more[1].data())});
    }
    case GP_STRUCT:
    case GP_RANGE: {
      std::vector<column_view> members;
      for (Node& child : node.children) members.push_back(viewOf(child));
      for (size_t flag = 0; flag < 3 && spec.kind == GP_RANGE; flag++) {
        const auto* flags = static_cast<const uint8_t*>(node.values.data());
        members.push_back(column(node, data_type(type_id::BOOL8), flags + flag * rows, true));
      }
      return column(node, type, nullptr, required, std::move(members));
    }
    case GP_LIST:
    case GP_MAP:
    case GP_MULTIRANGE:
    case GP_VECTOR:
    case GP_HALFVEC: return viewOfList(node);
    default: return isText(spec.kind) ? viewOfText(node) : column(node, type, node.values.data(), required);
  }
}

column_view Table::viewOfText(Node& node) {
  const ColumnSpec& spec = specOf(node);
  const uint64_t bytes = counted(node);
  if (bytes > INT32_MAX) throw rmm::bad_alloc("a column of texts over 2 GiB");  // fewer rows at once will do
  node.more[0] = allocate(bytes == 0 ? 4 : bytes);
  auto* chars = static_cast<uint8_t*>(node.more[0].data());
  const auto* offsets = static_cast<const int32_t*>(node.values.data());
  if (bytes > 0) copyTexts(spec.kind, job(node), offsets, chars, stream_);
  return column(node, typeOf(spec), chars, spec.required != 0, {offsetsOf(offsets, static_cast<size_t>(node.rows))});
}

column_view Table::viewOfList(Node& node) {
  const ColumnSpec& spec = specOf(node);
  const auto elements = static_cast<size_t>(counted(node, isVector(spec.kind) ? 0 : spec.counters - 1));
  const data_type list(type_id::LIST);
  column_view below;
  if (isVector(spec.kind)) {
    if (counted(node, 1) != 0) odd_.push_back(node.column);
    below = plain(type_id::FLOAT32, elements, node.more[0].data());
  } else if (spec.kind == GP_MAP) {
    below = column_view(data_type(type_id::STRUCT), static_cast<cudf::size_type>(elements), nullptr, nullptr, 0, 0,
                        {viewOf(node.children[0]), viewOf(node.children[1])});
  } else {
    below = viewOf(node.children[0]);
  }
  for (size_t d = node.inner.size(); d > 0; d--) {
    const auto lists = static_cast<size_t>(counted(node, d - 1));
    below =
        column_view(list, static_cast<cudf::size_type>(lists), nullptr, nullptr, 0, 0, {offsetsOf(node.inner[d - 1].data(), lists), below});
  }
  return column(node, list, nullptr, spec.required != 0, {offsetsOf(node.values.data(), static_cast<size_t>(node.rows)), below});
}

// Those of the most rows serve all columns: more are made only when one has more.
const int32_t* Table::offsets16(int rows) {
  const size_t bytes = (static_cast<size_t>(rows) + 1) * 4;
  if (offsets16_.empty() || offsets16_.back().size() < bytes) {
    offsets16_.push_back(allocate(bytes));
    fillOffsets16(static_cast<int32_t*>(offsets16_.back().data()), rows, stream_);
  }
  return static_cast<const int32_t*>(offsets16_.back().data());
}

}  // namespace gp::gpu
