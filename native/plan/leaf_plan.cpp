#include "plan/leaf_plan.h"

#include "base/fault.h"

namespace gp {
namespace {

using namespace parquet;

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

}  // namespace

void refuse(int32_t column, std::string message) { throw Fault{GP_USAGE, column, -1, std::move(message)}; }

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

void planMember(LeafPlan& leaf, int32_t kind) {
  gp_column column{};
  column.kind = kind;
  planLeaf(leaf, column, -1);
}

}  // namespace gp
