#include "cpu/decode/numeric.h"

#include <cfloat>
#include <charconv>

#include "types/plain.h"

namespace gp {
namespace {

template <class Numeric>
std::string numericShown(const uint8_t* field, uint32_t length) {
  NumericHeader h{};
  const Trouble trouble = Numeric::header(field, length, h);
  if (trouble == kNaN) return "numeric NaN";
  if (trouble == kInfinity) return "numeric Infinity";
  if (trouble == kMinusInfinity) return "numeric -Infinity";
  std::string text(numericTextLimit(h) + 4, 0);
  text.resize(numericText<Numeric>(h, text.data()));
  if (text.size() > 80) text = text.substr(0, 80) + "...";
  return "numeric " + text;
}

template <class T>
T limitOf(int precision, bool negative) {
  const i128 v = static_cast<i128>(pow10u128(precision) - 1);
  if constexpr (sizeof(T) == 16) {
    return fixed16FromInt(negative ? -v : v);
  } else {
    return static_cast<T>(negative ? -v : v);
  }
}

// A numeric that is no plain value of its column. 1: out is the value; 0: NULL; -1: fault.
template <class Numeric>
int decide(Trouble trouble, const uint8_t* field, uint32_t length, const gp_column& column, int row, Fault& fault) {
  if (trouble == kMalformed) {
    fault.code = GP_PROTOCOL;
    fault.row = row;
    fault.message = "a numeric field of " + std::to_string(static_cast<int32_t>(length)) + " bytes is malformed";
    return -1;
  }
  const bool infinite = trouble == kInfinity || trouble == kMinusInfinity;
  const int policy = trouble == kNaN ? column.on_nan : infinite ? column.on_infinity : GP_POLICY_ERROR;
  if (policy == GP_POLICY_SATURATE) return 1;
  if (policy == GP_POLICY_NULL) return column.required ? nullFault(row, fault) : 0;
  std::string message = numericShown<Numeric>(field, length);
  gp_reason reason = trouble == kNaN ? GP_REASON_NAN : trouble == kInexact ? GP_REASON_FRACTION : GP_REASON_OVERFLOW;
  if (column.kind == GP_DECIMAL) {
    const std::string type = "DECIMAL(" + std::to_string(column.precision) + "," + std::to_string(column.scale) + ")";
    message += trouble == kInexact    ? " has more fraction digits than " + type + " keeps"
               : trouble == kOverflow ? " has more digits than " + type + " holds"
                                      : " is no value of " + type;
    if (infinite) reason = GP_REASON_INFINITY;
  } else {
    message += " is beyond the largest double";
  }
  return valueFault(row, reason, std::move(message), fault);
}

template <class T>
void put(int64_t v, T& out) {
  if constexpr (sizeof(T) == 16) {
    out = fixed16FromInt(v);
  } else {
    out = static_cast<T>(v);
  }
}

template <class T, class Numeric>
int decodeSlow(const uint8_t* field, uint32_t length, const ColumnPlan& plan, int row, T& out, Fault& fault) {
  i128 v = 0;
  const Trouble trouble = numericToInt128<Numeric>(field, length, plan.decimal.precision, plan.decimal.scale, v);
  if (trouble == kFine) {
    if constexpr (sizeof(T) == 16) {
      out = fixed16FromInt(v);
    } else {
      out = static_cast<T>(v);
    }
    return 1;
  }
  const int decided = decide<Numeric>(trouble, field, length, plan.column, row, fault);
  if (decided == 1) out = limitOf<T>(plan.decimal.precision, trouble == kMinusInfinity);
  return decided;
}

template <class T, class Numeric>
int decodeDecimal(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  T* out = reinterpret_cast<T*>(work.values);
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const uint8_t* p = block.memory + block.fields[i].start;
    const uint32_t length = block.fields[i].length;
    int64_t v;
    work.valid[i] = 1;
    if (Numeric::toInt64(p, length, plan.decimal, v)) [[likely]] {
      put(v, out[count++]);
      continue;
    }
    int decided = 0;
    if (length != kNullLength) {
      decided = decodeSlow<T, Numeric>(p, length, plan, i, out[count], fault);
    } else if (plan.column.required) {
      decided = nullFault(i, fault);
    }
    if (decided < 0) return -1;
    work.valid[i] = static_cast<uint8_t>(decided);
    count += decided;
  }
  return count;
}

// The nearest double. kInfinity and kMinusInfinity where it is beyond the largest.
template <class Numeric>
Trouble toDouble(const uint8_t* field, uint32_t length, Bytes& text, double& out) {
  NumericHeader h{};
  const Trouble trouble = Numeric::header(field, length, h);
  // a double holds these: the policies need not decide
  if (trouble == kNaN) out = __builtin_nan("");
  if (trouble == kInfinity) out = __builtin_inf();
  if (trouble == kMinusInfinity) out = -__builtin_inf();
  if (trouble != kFine) return trouble == kMalformed ? kMalformed : kFine;
  text.clear();
  char* from = reinterpret_cast<char*>(text.room(numericTextLimit(h) + 16));
  const uint32_t written = numericText<Numeric>(h, from);
  if (written == 0) return kMalformed;
  const std::from_chars_result result = std::from_chars(from, from + written, out, std::chars_format::fixed);
  if (result.ec == std::errc()) return kFine;
  if (h.weight < 0) {  // nearer to zero than the smallest double
    out = h.sign == kNumericNegative ? -0.0 : 0.0;
    return kFine;
  }
  return h.sign == kNumericNegative ? kMinusInfinity : kInfinity;
}

}  // namespace

template <class Numeric>
Decode decimalDecoder(int precision) {
  return precision <= 9    ? decodeDecimal<int32_t, Numeric>
         : precision <= 18 ? decodeDecimal<int64_t, Numeric>
                           : decodeDecimal<Fixed16, Numeric>;
}

template <class Numeric>
int decodeNumericDouble(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  double* out = reinterpret_cast<double*>(work.values);
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const uint8_t* p = block.memory + block.fields[i].start;
    const uint32_t length = block.fields[i].length;
    int decided = 0;
    if (length == kNullLength) {
      if (plan.column.required) return nullFault(i, fault);
    } else {
      const Trouble trouble = toDouble<Numeric>(p, length, work.text, out[count]);
      decided = trouble == kFine ? 1 : decide<Numeric>(trouble, p, length, plan.column, i, fault);
      if (decided < 0) return -1;
      if (decided == 1 && trouble != kFine) out[count] = trouble == kInfinity ? DBL_MAX : -DBL_MAX;
    }
    work.valid[i] = static_cast<uint8_t>(decided);
    count += decided;
  }
  return count;
}

template Decode decimalDecoder<WireNumeric>(int precision);
template Decode decimalDecoder<DiskNumeric>(int precision);
template int decodeNumericDouble<WireNumeric>(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
template int decodeNumericDouble<DiskNumeric>(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

}  // namespace gp
