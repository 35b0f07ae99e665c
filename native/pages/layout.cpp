#include "pages/layout.h"

#include <algorithm>

#include "plan/leaf_plan.h"

namespace gp {
namespace {

constexpr int32_t kMostAttributes = 1600;  // MaxHeapAttributeNumber

// attlen of a kind's own type; 0: it has no disk form.
int32_t plainLength(int32_t kind) {
  switch (kind) {
    case GP_BOOL:
    case GP_CHAR: return 1;
    case GP_INT2: return 2;
    case GP_INT4:
    case GP_OID:
    case GP_FLOAT4:
    case GP_DATE: return 4;
    case GP_INT8:
    case GP_FLOAT8:
    case GP_MONEY:
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ:
    case GP_TIME: return 8;
    case GP_UUID:
    case GP_INTERVAL: return 16;
    case GP_DECIMAL:
    case GP_NUMERIC_DOUBLE:
    case GP_NUMERIC_TEXT:
    case GP_TEXT:
    case GP_BYTEA:
    case GP_UTF8: return kVarlena;
    default: return 0;
  }
}

bool fits(const gp_attribute& attribute, int32_t kind) {
  const int32_t length = attribute.length;
  const bool text = kind == GP_TEXT || kind == GP_UTF8 || kind == GP_BYTEA;
  switch (attribute.form) {
    case GP_DISK_PLAIN: return length == plainLength(kind) && length != 0;
    case GP_DISK_NAME: return text && length == 64;
    case GP_DISK_CHAR: return text && length == 1;
    case GP_DISK_ENUM: return text && length == 4;
    case GP_DISK_INET: return text && length == kVarlena;
    case GP_DISK_MACADDR: return text && (length == 6 || length == 8);
    case GP_DISK_PG_LSN: return text && length == 8;
    default: return false;
  }
}

// A numeric of the wire in the long form that pages have too. Its header is checked by whoever decodes it.
std::string diskNumeric(int32_t column, const std::string& wire) {
  NumericHeader h{};
  const Trouble trouble = numericHeader(reinterpret_cast<const uint8_t*>(wire.data()), static_cast<uint32_t>(wire.size()), h);
  if (trouble == kMalformed) refuse(column, "missing is no numeric");
  std::string out;
  const auto put = [&](uint16_t v) { out.append(reinterpret_cast<const char*>(&v), 2); };
  if (trouble != kFine) {
    put(h.sign);
    return out;
  }
  put(static_cast<uint16_t>(h.sign | h.scale));
  put(static_cast<uint16_t>(h.weight));
  for (int i = 0; i < h.digits; i++) put(static_cast<uint16_t>(WireNumeric::digit(h, i)));
  return out;
}

std::string diskValue(int32_t column, int32_t kind, std::string wire) {
  const int32_t length = plainLength(kind);
  if (length > 0 && wire.size() != static_cast<size_t>(length)) refuse(column, "missing has another length than its type");
  if (kind == GP_DECIMAL || kind == GP_NUMERIC_DOUBLE || kind == GP_NUMERIC_TEXT) return diskNumeric(column, wire);
  if (kind == GP_INTERVAL) {  // int64, int32, int32
    std::reverse(wire.begin(), wire.begin() + 8);
    std::reverse(wire.begin() + 8, wire.begin() + 12);
    std::reverse(wire.begin() + 12, wire.end());
  } else if (length > 0 && kind != GP_UUID) {
    std::reverse(wire.begin(), wire.end());
  }
  return wire;
}

std::vector<Label> labelsOf(const gp_attribute& attribute, int32_t column) {
  std::vector<Label> out;
  const auto* at = static_cast<const uint8_t*>(attribute.labels);
  int64_t left = at == nullptr ? 0 : attribute.labels_bytes;
  while (left > 0) {
    if (left < 8) refuse(column, "labels end within a label");
    const uint32_t oid = LittleEndian::load32(at), length = LittleEndian::load32(at + 4);
    at += 8;
    left -= 8;
    if (length > left) refuse(column, "labels end within a label");
    out.push_back({oid, std::string(reinterpret_cast<const char*>(at), length)});
    at += length;
    left -= length;
  }
  std::sort(out.begin(), out.end(), [](const Label& a, const Label& b) { return a.oid < b.oid; });
  return out;
}

}  // namespace

Layout planLayout(const SchemaPlan& schema, const gp_attribute* attributes, int32_t count) {
  if (count < 0 || count > kMostAttributes) refuse(-1, "there are 0 to 1600 attributes");
  const size_t columns = schema.columns.size();
  Layout out{&schema, {}, std::vector<DiskColumn>(columns)};
  std::vector<bool> seen(columns);
  for (int32_t i = 0; i < count; i++) {
    const gp_attribute& a = attributes[i];
    if (a.length < kCString || a.length == 0 || a.length > INT16_MAX) refuse(-1, "length is no attlen");
    if (a.align != 1 && a.align != 2 && a.align != 4 && a.align != 8) refuse(-1, "align must be 1, 2, 4 or 8");
    out.steps.push_back({a.length, static_cast<uint32_t>(a.align - 1), a.column});
    if (a.column == kWalked) continue;
    if (a.column < 0 || static_cast<size_t>(a.column) >= columns) refuse(-1, "column is none of the schema's fields");
    const auto c = static_cast<size_t>(a.column);
    const ColumnPlan& plan = schema.columns[c];
    if (plan.index != a.column) refuse(-1, "a schema with nested columns has no pages");
    if (seen[c]) refuse(a.column, "two attributes are this column");
    seen[c] = true;
    const int32_t kind = plan.column.kind;
    if (!fits(a, kind)) refuse(a.column, "the attribute's length and form do not go with the column's kind");
    DiskColumn& column = out.columns[c];
    column.form = a.form;
    column.checkUtf8 = a.check_utf8 != 0 && kind == GP_TEXT;
    column.labels = labelsOf(a, a.column);
    if (a.missing_bytes > INT32_MAX) refuse(a.column, "missing is too long");
    if (a.missing_bytes >= 0) {
      if (a.missing == nullptr && a.missing_bytes > 0) refuse(a.column, "missing is missing");
      std::string wire(static_cast<const char*>(a.missing_bytes == 0 ? "" : a.missing), static_cast<size_t>(a.missing_bytes));
      column.missing = diskValue(a.column, kind, std::move(wire));
    }
  }
  for (size_t c = 0; c < columns; c++) {
    if (!seen[c]) refuse(schema.columns[c].index, "no attribute is this column");
  }
  return out;
}

}  // namespace gp
