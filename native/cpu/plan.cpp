#include "cpu/plan.h"

#include <algorithm>

#include "cpu/fault.h"

namespace gp {
namespace {

using namespace parquet;

[[noreturn]] void refuse(int32_t column, std::string message) { throw Fault{GP_USAGE, column, -1, std::move(message)}; }

bool between(int32_t v, int32_t low, int32_t high) { return v >= low && v <= high; }

void planDecimalLeaf(LeafPlan& leaf, int precision, int scale) {
  leaf.logical = kDecimal;
  leaf.converted = kConvertedDecimal;
  leaf.precision = precision;
  leaf.scale = scale;
  leaf.physical = precision <= 9 ? kInt32 : precision <= 18 ? kInt64 : kFixed;
  leaf.order = precision <= 9 ? Order::kInt32 : precision <= 18 ? Order::kInt64 : Order::kSignedBytes;
  leaf.typeLength = leaf.physical == kFixed ? 16 : 0;
}

void planInt(LeafPlan& leaf, Physical physical, Logical logical = kNoLogical, Converted converted = kNoConverted) {
  leaf.physical = physical;
  leaf.order = physical == kInt32 ? Order::kInt32 : Order::kInt64;
  leaf.logical = logical;
  leaf.converted = converted;
}

void planText(LeafPlan& leaf, Logical logical, Converted converted) {
  leaf.physical = kByteArray;
  leaf.order = Order::kBytes;
  leaf.logical = logical;
  leaf.converted = converted;
  leaf.text = logical != kNoLogical;
}

void planLeaf(LeafPlan& leaf, const gp_column& column, int32_t index) {
  switch (column.kind) {
    case GP_BOOL:
      leaf.physical = kBoolean;
      leaf.order = Order::kBoolean;
      return;
    case GP_INT2:
      planInt(leaf, kInt32, kInteger, kConvertedInt16);
      leaf.precision = 16;
      return;
    case GP_INT4: return planInt(leaf, kInt32);
    case GP_INT8: return planInt(leaf, kInt64);
    case GP_OID:
      planInt(leaf, kInt32, kInteger, kUint32);
      leaf.precision = 32;
      leaf.order = Order::kUint32;
      return;
    case GP_FLOAT4:
      leaf.physical = kFloat;
      leaf.order = Order::kFloat;
      return;
    case GP_FLOAT8:
    case GP_NUMERIC_DOUBLE:
      leaf.physical = kDouble;
      leaf.order = Order::kDouble;
      return;
    case GP_DECIMAL: return planDecimalLeaf(leaf, column.precision, column.scale);
    case GP_MONEY: return planDecimalLeaf(leaf, 19, column.scale);
    case GP_NUMERIC_TEXT:
    case GP_CHAR: return planText(leaf, kString, kUtf8);
    case GP_JSONB: return planText(leaf, kJson, kConvertedJson);
    case GP_BYTEA:
    case GP_GEOMETRY: return planText(leaf, kNoLogical, kNoConverted);
    case GP_TEXT:
    case GP_UTF8:
      if (column.logical == GP_LOGICAL_STRING) return planText(leaf, kString, kUtf8);
      if (column.logical == GP_LOGICAL_JSON) return planText(leaf, kJson, kConvertedJson);
      if (column.logical == GP_LOGICAL_ENUM) return planText(leaf, kLogicalEnum, kEnum);
      if (column.logical == GP_LOGICAL_NONE) return planText(leaf, kNoLogical, kNoConverted);
      refuse(index, "logical is none of gp_logical");
    case GP_UUID:
      leaf.physical = kFixed;
      leaf.typeLength = 16;
      leaf.logical = kUuid;
      leaf.order = Order::kBytes;
      return;
    case GP_DATE: return planInt(leaf, kInt32, kDate, kConvertedDate);
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ:
      // TIMESTAMP_MICROS means UTC to its readers: a local timestamp has no converted type
      leaf.utc = column.kind == GP_TIMESTAMPTZ;
      return planInt(leaf, kInt64, kTimestamp, leaf.utc ? kTimestampMicros : kNoConverted);
    case GP_TIME: return planInt(leaf, kInt64, kTime);
    default: refuse(index, "kind " + std::to_string(column.kind) + " is none of gp_kind");
  }
}

void checkColumn(const gp_column& column, int32_t index) {
  if (column.name == nullptr) refuse(index, "name is missing");
  if (column.parent != -1) refuse(index, "parent must be -1");
  if (!between(column.required, 0, 1)) refuse(index, "required must be 0 or 1");
  if (!between(column.bloom_filter, 0, 1)) refuse(index, "bloom_filter must be 0 or 1");
  if (column.bloom_filter != 0 && column.kind == GP_BOOL) refuse(index, "a BOOLEAN has no bloom filter");
  if (!between(column.on_nan, GP_POLICY_ERROR, GP_POLICY_NULL)) refuse(index, "on_nan must be error or null");
  if (!between(column.on_infinity, GP_POLICY_ERROR, GP_POLICY_SATURATE)) refuse(index, "on_infinity is none of gp_policy");
  if (column.kind == GP_DECIMAL && !between(column.precision, 1, 38)) refuse(index, "precision must be 1 to 38");
  if (column.kind == GP_DECIMAL && !between(column.scale, 0, column.precision)) refuse(index, "scale must be 0 to the precision");
  if (column.kind == GP_GEOMETRY && column.precision < 0) refuse(index, "precision must be an SRID, 0 or more");
  if (column.kind == GP_MONEY && !between(column.scale, 0, 19)) refuse(index, "scale must be 0 to 19");
}

ColumnPlan planColumn(const gp_column& column, int32_t index) {
  checkColumn(column, index);
  ColumnPlan plan;
  plan.column = column;
  plan.column.name = nullptr;
  plan.name = column.name;
  plan.index = index;
  if (column.kind == GP_DECIMAL) planDecimal(column.precision, column.scale, plan.decimal);
  LeafPlan leaf;
  leaf.name = plan.name;
  leaf.optional = column.required == 0;
  leaf.bloom = column.bloom_filter != 0;
  if (column.kind != GP_INTERVAL) {
    planLeaf(leaf, column, index);
    plan.leaves.push_back(leaf);
    return plan;
  }
  for (const char* member : {"months", "days", "microseconds"}) {
    leaf.member = member;
    planInt(leaf, leaf.member == "microseconds" ? kInt64 : kInt32);
    plan.leaves.push_back(leaf);
  }
  return plan;
}

}  // namespace

SchemaPlan planSchema(const gp_column* columns, int32_t count, const gp_writer_options& options) {
  if (count < 0 || (count > 0 && columns == nullptr)) refuse(-1, "columns are missing");
  if (!between(options.codec, GP_NONE, GP_LZ4_RAW)) refuse(-1, "codec is none of gp_codec");
  if (options.codec == GP_ZSTD && !between(options.level, 0, 22)) refuse(-1, "level must be 0 to 22 for zstd");
  if (options.page_bytes < 0 || options.page_bytes > INT32_MAX) refuse(-1, "page_bytes must be 0 to 2147483647");
  if (!between(options.encodings, GP_ENCODINGS_COMPATIBLE, GP_ENCODINGS_AUTO)) refuse(-1, "encodings is none of gp_encodings");
  if (options.statistics_bytes < 0) refuse(-1, "statistics_bytes must not be negative");
  SchemaPlan plan;
  plan.writer.codec = options.codec;
  plan.writer.level = options.level;
  if (options.page_bytes > 0) plan.writer.pageBytes = std::min<size_t>(static_cast<size_t>(options.page_bytes), 1 << 30);
  if (options.statistics_bytes > 0) plan.writer.boundBytes = static_cast<size_t>(options.statistics_bytes);
  plan.writer.dictionary = options.dictionary != 0;
  plan.writer.everyEncoding = options.encodings == GP_ENCODINGS_AUTO;
  plan.writer.createdBy = options.created_by == nullptr ? "" : options.created_by;
  plan.columns.reserve(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; i++) plan.columns.push_back(planColumn(columns[i], i));
  return plan;
}

}  // namespace gp
