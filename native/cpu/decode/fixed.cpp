#include <type_traits>

#include "cpu/decode/decode.h"
#include "cpu/decode/numeric.h"
#include "types/datetime.h"
#include "types/plain.h"

namespace gp {
namespace {

alignas(16) constexpr uint8_t kZeros[16] = {};  // read instead of a field that is not there

template <class W>
concept Bounded = requires { W::last; };

template <class W>
std::string named(const uint8_t* p, Trouble trouble) {
  if constexpr (std::is_same_v<W, WireDate>) {
    const auto v = static_cast<int32_t>(load32(p));
    if (v == INT32_MAX) return "date infinity";
    if (v == INT32_MIN) return "date -infinity";
    return "a date " + std::to_string(v) + " days after 2000-01-01, out of range";
  } else if constexpr (std::is_same_v<W, WireTimestamp>) {
    const auto v = static_cast<int64_t>(load64(p));
    if (v == INT64_MAX) return "timestamp infinity";
    if (v == INT64_MIN) return "timestamp -infinity";
    return "a timestamp " + std::to_string(v) + " microseconds after 2000-01-01, " +
           (trouble == kInfinity ? "past 294247-01-10 04:00:54.775807, the last that Parquet holds" : "out of range");
  } else if constexpr (std::is_same_v<W, WireTime>) {
    const auto v = static_cast<int64_t>(load64(p));
    if (v == kDayMicros) return "time 24:00:00, Parquet's last is 23:59:59.999999";
    return "a time of " + std::to_string(v) + " microseconds";
  } else if constexpr (std::is_same_v<W, WireInterval>) {
    return trouble == kInfinity ? "interval infinity" : "interval -infinity";
  } else {
    return "byte " + std::to_string(*p);
  }
}

// A value that left the fast path. 1: out is the value; 0: NULL; -1: fault.
template <class W>
int decide(Trouble trouble, const uint8_t* p, const gp_column& column, int row, typename W::Value& out, Fault& fault) {
  if constexpr (Bounded<W>) {
    if (trouble != kMalformed) {
      if (column.on_infinity == GP_POLICY_SATURATE) {
        out = trouble == kInfinity ? W::last : W::first;
        return 1;
      }
      if (column.on_infinity == GP_POLICY_NULL) return column.required ? nullFault(row, fault) : 0;
      return valueFault(row, named<W>(p, trouble), fault);
    }
  }
  fault.code = GP_PROTOCOL;
  fault.row = row;
  fault.message = named<W>(p, trouble) + " is not a value of its type";
  return -1;
}

template <class W>
int decodeWire(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  auto* out = reinterpret_cast<typename W::Value*>(work.values);
  bool fine = true;
  for (int i = 0; i < block.rows; i++) {
    const uint8_t* p = block.slot + block.fields[i];
    const bool whole = load32(p) == W::width;
    const Trouble trouble = W::convert(whole ? p + 4 : kZeros, out[i]);
    fine &= whole & (trouble == kFine);
  }
  if (fine) [[likely]]
    return block.rows;
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const uint8_t* p = block.slot + block.fields[i];
    const uint32_t length = load32(p);
    work.valid[i] = length == W::width;
    const Trouble trouble = W::convert(length == W::width ? p + 4 : kZeros, out[count]);
    if ((length != W::width && (length != kNullLength || plan.column.required)) || trouble != kFine) [[unlikely]] {
      if (length == kNullLength) return nullFault(i, fault);
      if (length != W::width) return lengthFault(i, length, std::to_string(W::width).c_str(), fault);
      const int decided = decide<W>(trouble, p + 4, plan.column, i, out[count], fault);
      if (decided < 0) return -1;
      work.valid[i] = static_cast<uint8_t>(decided);
    }
    count += work.valid[i];
  }
  return count;
}

}  // namespace

Decode fixedDecoder(const ColumnPlan& plan) {
  switch (plan.column.kind) {
    case GP_BOOL: return decodeWire<WireBool>;
    case GP_INT2: return decodeWire<WireInt2>;
    case GP_INT4:
    case GP_OID:
    case GP_FLOAT4: return decodeWire<WireInt4>;
    case GP_INT8:
    case GP_FLOAT8: return decodeWire<WireInt8>;
    case GP_MONEY: return decodeWire<WireMoney>;
    case GP_UUID: return decodeWire<WireUuid>;
    case GP_DATE: return decodeWire<WireDate>;
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ: return decodeWire<WireTimestamp>;
    case GP_TIME: return decodeWire<WireTime>;
    case GP_INTERVAL: return decodeWire<WireInterval>;
    case GP_NUMERIC_DOUBLE: return decodeNumericDouble;
    case GP_DECIMAL: return plan.column.precision <= 9 ? decodeDecimal32 : plan.column.precision <= 18 ? decodeDecimal64 : decodeDecimal128;
    default: return nullptr;
  }
}

}  // namespace gp
