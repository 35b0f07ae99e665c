// date, timestamp, timestamptz, time, interval: PostgreSQL counts from 2000-01-01, Parquet from 1970-01-01.
#ifndef GPUPARSER_TYPES_DATETIME_H
#define GPUPARSER_TYPES_DATETIME_H

#include "types/wire.h"

namespace gp {

constexpr int32_t kEpochDays = 10957;                         // 1970-01-01 .. 2000-01-01
constexpr int64_t kEpochMicros = 946684800000000;             // the same in microseconds
constexpr int32_t kFirstDate = -2451545;                      // 4714-11-24 BC: julian day 0 (datetime.h DATETIME_MIN_JULIAN)
constexpr int32_t kLastDate = 2145031948;                     // 5874897-12-31: DATE_END_JULIAN - 1
constexpr int64_t kFirstTimestamp = -211813488000000000;      // timestamp.h MIN_TIMESTAMP
constexpr int64_t kLastTimestamp = INT64_MAX - kEpochMicros;  // the last whose sum with the epoch is an int64
constexpr int64_t kDayMicros = 86400000000;

static_assert(int64_t{kLastDate} + kEpochDays <= INT32_MAX);
static_assert(kLastTimestamp < 9223371331200000000);  // below END_TIMESTAMP, so PostgreSQL holds it too

template <class Order>
struct BasicDate {
  static constexpr uint32_t width = 4;
  using Value = int32_t;
  static constexpr Value last = kLastDate + kEpochDays, first = kFirstDate + kEpochDays;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    const int32_t v = static_cast<int32_t>(Order::load32(p));
    out = static_cast<int32_t>(static_cast<uint32_t>(v) + kEpochDays);
    return v > kLastDate ? kInfinity : v < kFirstDate ? kMinusInfinity : kFine;
  }
};
using WireDate = BasicDate<BigEndian>;

template <class Order>
struct BasicTimestamp {
  static constexpr uint32_t width = 8;
  using Value = int64_t;
  static constexpr Value last = INT64_MAX, first = kFirstTimestamp + kEpochMicros;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    const int64_t v = static_cast<int64_t>(Order::load64(p));
    out = static_cast<int64_t>(static_cast<uint64_t>(v) + kEpochMicros);
    return v > kLastTimestamp ? kInfinity : v < kFirstTimestamp ? kMinusInfinity : kFine;
  }
};
using WireTimestamp = BasicTimestamp<BigEndian>;

template <class Order>
struct BasicTime {
  static constexpr uint32_t width = 8;
  using Value = int64_t;
  static constexpr Value last = kDayMicros - 1, first = 0;
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    const int64_t v = static_cast<int64_t>(Order::load64(p));
    out = v;
    return static_cast<uint64_t>(v) < kDayMicros ? kFine : v == kDayMicros ? kInfinity : kMalformed;  // 24:00 is one past Parquet's last
  }
};
using WireTime = BasicTime<BigEndian>;

struct Interval {
  int64_t micros;
  int32_t days;
  int32_t months;
};

template <class Order>
struct BasicInterval {
  static constexpr uint32_t width = 16;
  using Value = Interval;
  static constexpr Value last = {INT64_MAX - 1, INT32_MAX, INT32_MAX}, first = {INT64_MIN + 1, INT32_MIN, INT32_MIN};
  GP_HD static Trouble convert(const uint8_t* p, Value& out) {
    out.micros = static_cast<int64_t>(Order::load64(p));
    out.days = static_cast<int32_t>(Order::load32(p + 8));
    out.months = static_cast<int32_t>(Order::load32(p + 12));
    // PostgreSQL 17's INTERVAL_NOBEGIN and INTERVAL_NOEND: all three fields at their limit
    if (out.days == INT32_MAX && out.months == INT32_MAX && out.micros == INT64_MAX) return kInfinity;
    if (out.days == INT32_MIN && out.months == INT32_MIN && out.micros == INT64_MIN) return kMinusInfinity;
    return kFine;
  }
};
using WireInterval = BasicInterval<BigEndian>;

}  // namespace gp

#endif
