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

struct Named {
  std::string text;
  gp_reason reason;
};

template <class W, class Order>
Named named(const uint8_t* p, Trouble trouble) {
  if constexpr (std::is_same_v<W, BasicDate<Order>>) {
    const auto v = static_cast<int32_t>(Order::load32(p));
    if (v == INT32_MAX) return {"date infinity", GP_REASON_INFINITY};
    if (v == INT32_MIN) return {"date -infinity", GP_REASON_INFINITY};
    return {"a date " + std::to_string(v) + " days after 2000-01-01, out of range", GP_REASON_RANGE};
  } else if constexpr (std::is_same_v<W, BasicTimestamp<Order>>) {
    const auto v = static_cast<int64_t>(Order::load64(p));
    if (v == INT64_MAX) return {"timestamp infinity", GP_REASON_INFINITY};
    if (v == INT64_MIN) return {"timestamp -infinity", GP_REASON_INFINITY};
    return {"a timestamp " + std::to_string(v) + " microseconds after 2000-01-01, " +
                (trouble == kInfinity ? "past 294247-01-10 04:00:54.775807, the last that Parquet holds" : "out of range"),
            GP_REASON_RANGE};
  } else if constexpr (std::is_same_v<W, BasicTime<Order>>) {
    const auto v = static_cast<int64_t>(Order::load64(p));
    if (v == kDayMicros) return {"time 24:00:00, Parquet's last is 23:59:59.999999", GP_REASON_RANGE};
    return {"a time of " + std::to_string(v) + " microseconds", GP_REASON_RANGE};
  } else if constexpr (std::is_same_v<W, BasicInterval<Order>>) {
    return {trouble == kInfinity ? "interval infinity" : "interval -infinity", GP_REASON_INFINITY};
  } else {
    return {"byte " + std::to_string(*p), GP_REASON_NONE};
  }
}

// A value that left the fast path. 1: out is the value; 0: NULL; -1: fault.
template <class W, class Order>
int decide(Trouble trouble, const uint8_t* p, const gp_column& column, int row, typename W::Value& out, Fault& fault) {
  if constexpr (Bounded<W>) {
    if (trouble != kMalformed) {
      if (column.on_infinity == GP_POLICY_SATURATE) {
        out = trouble == kInfinity ? W::last : W::first;
        return 1;
      }
      if (column.on_infinity == GP_POLICY_NULL) return column.required ? nullFault(row, fault) : 0;
      Named what = named<W, Order>(p, trouble);
      return valueFault(row, what.reason, std::move(what.text), fault);
    }
  }
  fault.code = GP_PROTOCOL;
  fault.row = row;
  fault.message = named<W, Order>(p, trouble).text + " is not a value of its type";
  return -1;
}

template <class W, class Order>
int decodeWidth(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  auto* out = reinterpret_cast<typename W::Value*>(work.values);
  bool fine = true;
  for (int i = 0; i < block.rows; i++) {
    const Span field = block.fields[i];
    const bool whole = field.length == W::width;
    const Trouble trouble = W::convert(whole ? block.memory + field.start : kZeros, out[i]);
    fine &= whole & (trouble == kFine);
  }
  if (fine) [[likely]]
    return block.rows;
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const uint8_t* p = block.memory + block.fields[i].start;
    const uint32_t length = block.fields[i].length;
    work.valid[i] = length == W::width;
    const Trouble trouble = W::convert(length == W::width ? p : kZeros, out[count]);
    if ((length != W::width && (length != kNullLength || plan.column.required)) || trouble != kFine) [[unlikely]] {
      if (length == kNullLength) return nullFault(i, fault);
      if (length != W::width) return lengthFault(i, length, std::to_string(W::width).c_str(), fault);
      const int decided = decide<W, Order>(trouble, p, plan.column, i, out[count], fault);
      if (decided < 0) return -1;
      work.valid[i] = static_cast<uint8_t>(decided);
    }
    count += work.valid[i];
  }
  return count;
}

}  // namespace

template <class Form>
Decode fixedDecoder(const ColumnPlan& plan) {
  using Order = typename Form::Order;
  switch (plan.column.kind) {
    case GP_BOOL: return decodeWidth<WireBool, Order>;
    case GP_INT2: return decodeWidth<BasicInt2<Order>, Order>;
    case GP_INT4:
    case GP_OID:
    case GP_FLOAT4: return decodeWidth<BasicInt4<Order>, Order>;
    case GP_INT8:
    case GP_FLOAT8: return decodeWidth<BasicInt8<Order>, Order>;
    case GP_MONEY: return decodeWidth<BasicMoney<Order>, Order>;
    case GP_UUID: return decodeWidth<WireUuid, Order>;
    case GP_DATE: return decodeWidth<BasicDate<Order>, Order>;
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ: return decodeWidth<BasicTimestamp<Order>, Order>;
    case GP_TIME: return decodeWidth<BasicTime<Order>, Order>;
    case GP_INTERVAL: return decodeWidth<BasicInterval<Order>, Order>;
    case GP_NUMERIC_DOUBLE: return decodeNumericDouble<typename Form::Numeric>;
    case GP_DECIMAL: return decimalDecoder<typename Form::Numeric>(plan.column.precision);
    default: return nullptr;
  }
}

template Decode fixedDecoder<WireForm>(const ColumnPlan& plan);
template Decode fixedDecoder<DiskForm>(const ColumnPlan& plan);

}  // namespace gp
