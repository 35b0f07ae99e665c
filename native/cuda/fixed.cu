// Fields -> columns of fixed-width values.
#include <type_traits>

#include "cuda/warp.cuh"
#include "types/datetime.h"
#include "types/plain.h"

namespace gp::gpu {
namespace {

template <class W>
concept Bounded = requires { W::last; };

__device__ bool isOdd(float v) { return isOddFloat(__float_as_uint(v)); }
__device__ bool isOdd(double v) {
  const auto bits = static_cast<uint64_t>(__double_as_longlong(v));
  return bits == uint64_t{1} << 63 || (v != v && bits != 0x7FF8000000000000);
}

// A float's bits are an integer's on the wire.
template <class Stored, class Value>
__device__ Stored stored(Value value) {
  if constexpr (std::is_same_v<Stored, float>) return __uint_as_float(static_cast<uint32_t>(value));
  else if constexpr (std::is_same_v<Stored, double>) return __longlong_as_double(static_cast<long long>(value));
  else return static_cast<Stored>(value);
}

// out: what the column stores, at most as wide as W::Value.
template <class W, class Stored>
__global__ void decodeWire(ColumnJob job, Stored* out, unsigned long long* odd) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  typename W::Value value{};
  if (active) {
    const Span field = job.fields[row];
    const uint8_t* p = job.bytes + field.start;
    const uint32_t length = field.length;
    if (length == W::width) {
      const Trouble trouble = W::convert(p, value);
      valid = trouble == kFine;
      if (!valid) {
        const Decision decision = decide(trouble, *job.rules, Bounded<W>, marks);
        if constexpr (Bounded<W>) {
          if (decision == kSaturated) {
            value = trouble == kInfinity ? W::last : W::first;
            valid = true;
          }
        }
      }
    } else if (length == kNullLength) {
      marks = nullMark(job, field);
    } else {
      marks = kBadField;
    }
    const Stored v = stored<Stored>(value);
    out[row] = v;
    if constexpr (std::is_floating_point_v<Stored>) {
      if (valid && isOdd(v)) *odd = 1;
    }
  }
  settle(job, row, active, valid, marks);
}

__global__ void decodeUuid(ColumnJob job, Fixed16* out) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  if (active) {
    const Span field = job.fields[row];
    const uint8_t* p = job.bytes + field.start;
    const uint32_t length = field.length;
    valid = length == 16;
    if (length == kNullLength) {
      marks = nullMark(job, field);
    } else if (!valid) {
      marks = kBadField;
    }
    Fixed16 value{};
    if (valid) {
      for (int i = 0; i < 2; i++) {  // the bytes stay in their order: little-endian words hold them backwards
        const uint64_t v = load64(p + 8 * i);
        value.word[i] = static_cast<uint64_t>(__byte_perm(static_cast<uint32_t>(v), 0, 0x0123)) << 32 |
                        __byte_perm(static_cast<uint32_t>(v >> 32), 0, 0x0123);
      }
    }
    out[row] = value;
  }
  settle(job, row, active, valid, marks);
}

// DECIMAL in 4, 8 or 16 bytes.
template <class Stored>
__global__ void decodeDecimal(ColumnJob job, Stored* out) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  Stored value = 0;
  if (active) {
    const ColumnRules& rules = *job.rules;
    const Span field = job.fields[row];
    const uint8_t* p = job.bytes + field.start;
    const uint32_t length = field.length;
    int64_t quick;
    if (length == kNullLength) {
      marks = nullMark(job, field);
    } else if (numericToInt64(p, length, rules.decimal, quick)) {
      value = static_cast<Stored>(quick);
      valid = true;
    } else {
      i128 wide = 0;
      const Trouble trouble = numericToInt128(p, length, rules.decimal.precision, rules.decimal.scale, wide);
      if (trouble == kFine) {
        value = static_cast<Stored>(wide);
        valid = true;
      } else if (decide(trouble, rules, true, marks) == kSaturated) {
        const i128 largest = static_cast<i128>(pow10u128(rules.decimal.precision) - 1);
        value = static_cast<Stored>(trouble == kMinusInfinity ? -largest : largest);
        valid = true;
      }
    }
    out[row] = value;
  }
  settle(job, row, active, valid, marks);
}

// The nearest double where one rounding gives it: at most 2^53 units of a power of ten that a double holds exactly (10^22).
// Others are left to the CPU engine (W. Clinger, "How to read floating point numbers accurately").
__device__ Trouble toDouble(const uint8_t* field, uint32_t length, double& out, bool& left) {
  NumericHeader h;
  const Trouble trouble = numericHeader(field, length, h);
  if (trouble == kNaN) out = __longlong_as_double(0x7FF8000000000000);
  if (trouble == kInfinity) out = __longlong_as_double(0x7FF0000000000000);
  if (trouble == kMinusInfinity) out = __longlong_as_double(static_cast<long long>(0xFFF0000000000000));
  if (trouble != kFine) return trouble == kMalformed ? kMalformed : kFine;
  constexpr uint64_t exact = uint64_t{1} << 53;
  uint64_t v = 0;
  int power = 4 * (h.weight + 1);  // of the digit behind the last one read
  int count = h.digits;
  while (count > 0 && load16(field + kNumericHeader + 2 * (count - 1)) == 0) count--;
  for (int i = 0; i < count; i++) {
    const uint32_t digit = load16(field + kNumericHeader + 2 * i);
    if (digit > 9999) return kMalformed;
    if (v > exact) continue;
    // the last group's own zeros are no digits of the value
    uint32_t unit = 10000, kept = digit;
    power -= 4;
    if (i == count - 1) {
      while (kept % 10 == 0) {
        kept /= 10;
        unit /= 10;
        power++;
      }
    }
    v = v * unit + kept;
  }
  for (int i = count; i < h.digits; i++) {
    if (load16(field + kNumericHeader + 2 * i) > 9999) return kMalformed;
  }
  if (v == 0) {
    out = h.sign == kNumericNegative ? -0.0 : 0.0;
    return kFine;
  }
  left = v > exact || power > 22 || power < -22;
  if (left) return kFine;
  double scale = 1;
  for (int i = 0; i < (power < 0 ? -power : power); i++) scale *= 10;
  const double magnitude = power < 0 ? __ddiv_rn(static_cast<double>(v), scale) : __dmul_rn(static_cast<double>(v), scale);
  out = h.sign == kNumericNegative ? -magnitude : magnitude;
  return kFine;
}

__global__ void decodeDouble(ColumnJob job, double* out, unsigned long long* odd) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  double value = 0;
  if (active) {
    const Span field = job.fields[row];
    const uint8_t* p = job.bytes + field.start;
    const uint32_t length = field.length;
    if (length == kNullLength) {
      marks = nullMark(job, field);
    } else {
      bool left = false;
      valid = toDouble(p, length, value, left) == kFine;
      if (!valid) marks = kBadField;
      if (left) marks |= kNeedsCpu;
      if (valid && isOdd(value)) *odd = 1;
    }
    out[row] = value;
  }
  settle(job, row, active, valid, marks);
}

__global__ void decodeInterval(ColumnJob job, int32_t* months, int32_t* days, int64_t* micros) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const bool active = row < job.rows;
  bool valid = false;
  uint32_t marks = 0;
  if (active) {
    const Span field = job.fields[row];
    const uint8_t* p = job.bytes + field.start;
    const uint32_t length = field.length;
    Interval value{};
    if (length == WireInterval::width) {
      const Trouble trouble = WireInterval::convert(p, value);
      valid = trouble == kFine;
      if (!valid && decide(trouble, *job.rules, true, marks) == kSaturated) {
        value = trouble == kInfinity ? WireInterval::last : WireInterval::first;
        valid = true;
      }
    } else if (length == kNullLength) {
      marks = nullMark(job, field);
    } else {
      marks = kBadField;
    }
    months[row] = value.months;
    days[row] = value.days;
    micros[row] = value.micros;
  }
  settle(job, row, active, valid, marks);
}

__global__ void offsets16(int32_t* offsets, int rows) {
  const int row = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (row <= rows) offsets[row] = row * 16;
}

template <class W, class Stored>
void launch(const ColumnJob& job, void* values, unsigned long long* odd, cudaStream_t stream) {
  decodeWire<W, Stored><<<blocksOf(job.rows), kThreads, 0, stream>>>(job, static_cast<Stored*>(values), odd);
}

}  // namespace

size_t valueBytes(int32_t kind, int32_t precision) {
  switch (kind) {
    case GP_BOOL: return 1;
    case GP_INT2: return 2;
    case GP_INT4:
    case GP_OID:
    case GP_FLOAT4:
    case GP_DATE: return 4;
    case GP_DECIMAL: return precision <= 9 ? 4 : precision <= 18 ? 8 : 16;
    case GP_MONEY:
    case GP_UUID: return 16;
    case GP_INT8:
    case GP_FLOAT8:
    case GP_NUMERIC_DOUBLE:
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ:
    case GP_TIME: return 8;
    default: return 0;
  }
}

bool isFloat(int32_t kind) { return kind == GP_FLOAT4 || kind == GP_FLOAT8 || kind == GP_NUMERIC_DOUBLE; }

void decodeFixed(int32_t kind, int32_t precision, const ColumnJob& job, void* values, unsigned long long* odd, cudaStream_t stream) {
  if (job.rows == 0) return;
  const unsigned blocks = blocksOf(job.rows);
  switch (kind) {
    case GP_BOOL: return launch<WireBool, uint8_t>(job, values, odd, stream);
    case GP_INT2: return launch<WireInt2, int16_t>(job, values, odd, stream);
    case GP_INT4:
    case GP_OID: return launch<WireInt4, int32_t>(job, values, odd, stream);
    case GP_INT8: return launch<WireInt8, int64_t>(job, values, odd, stream);
    case GP_FLOAT4: return launch<WireInt4, float>(job, values, odd, stream);
    case GP_FLOAT8: return launch<WireInt8, double>(job, values, odd, stream);
    case GP_MONEY: return launch<WireInt8, i128>(job, values, odd, stream);
    case GP_DATE: return launch<WireDate, int32_t>(job, values, odd, stream);
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ: return launch<WireTimestamp, int64_t>(job, values, odd, stream);
    case GP_TIME: return launch<WireTime, int64_t>(job, values, odd, stream);
    case GP_UUID: decodeUuid<<<blocks, kThreads, 0, stream>>>(job, static_cast<Fixed16*>(values)); return;
    case GP_NUMERIC_DOUBLE: decodeDouble<<<blocks, kThreads, 0, stream>>>(job, static_cast<double*>(values), odd); return;
    case GP_DECIMAL:
      if (precision <= 9) {
        decodeDecimal<<<blocks, kThreads, 0, stream>>>(job, static_cast<int32_t*>(values));
      } else if (precision <= 18) {
        decodeDecimal<<<blocks, kThreads, 0, stream>>>(job, static_cast<int64_t*>(values));
      } else {
        decodeDecimal<<<blocks, kThreads, 0, stream>>>(job, static_cast<i128*>(values));
      }
      return;
    default: return;
  }
}

void decodeIntervals(const ColumnJob& job, int32_t* months, int32_t* days, int64_t* micros, cudaStream_t stream) {
  if (job.rows > 0) decodeInterval<<<blocksOf(job.rows), kThreads, 0, stream>>>(job, months, days, micros);
}

void fillOffsets16(int32_t* offsets, int rows, cudaStream_t stream) {
  offsets16<<<blocksOf(rows + 1), kThreads, 0, stream>>>(offsets, rows);
}

}  // namespace gp::gpu
