// What becomes of values that Parquet's type cannot hold.
#include <cstring>

#include "test/support/harness.h"
#include "test/support/run.h"
#include "types/datetime.h"

using namespace gp::test;

namespace {

struct Case {
  gp_column column;
  std::string wire;
  std::string part;  // of the error's message
  gp_reason reason;
  std::string saturated;  // plain bytes; empty: no finite value stands for it
  bool nan = false;
};

template <class T>
std::string little(T v) {
  return std::string(reinterpret_cast<const char*>(&v), sizeof v);
}

// 10^38 - 1 or its negative, as 16 bytes from the highest.
std::string units16(bool negative) {
  const uint64_t high = 0x4B3B4CA85A86C47A, low = 0x098A223FFFFFFFFF;
  return big(negative ? ~high : high, 8) + big(negative ? ~low + 1 : low, 8);
}

std::vector<Case> cases() {
  const std::string timestampFirst = little<int64_t>(gp::kFirstTimestamp + gp::kEpochMicros);
  return {
      {column(GP_DATE), int4(INT32_MAX), "date infinity", GP_REASON_INFINITY, little<int32_t>(2145042905)},
      {column(GP_DATE), int4(INT32_MIN), "date -infinity", GP_REASON_INFINITY, little<int32_t>(-2440588)},
      {column(GP_DATE), int4(INT32_MAX - 1), "out of range", GP_REASON_RANGE, little<int32_t>(2145042905)},
      {column(GP_TIMESTAMP), int8(INT64_MAX), "timestamp infinity", GP_REASON_INFINITY, little<int64_t>(INT64_MAX)},
      {column(GP_TIMESTAMPTZ), int8(INT64_MIN), "timestamp -infinity", GP_REASON_INFINITY, timestampFirst},
      {column(GP_TIMESTAMP), int8(gp::kLastTimestamp + 1), "past 294247-01-10", GP_REASON_RANGE, little<int64_t>(INT64_MAX)},
      {column(GP_TIME), int8(86400000000), "24:00", GP_REASON_RANGE, little<int64_t>(86399999999)},
      {column(GP_DECIMAL, false, 9, 2), numeric("Infinity"), "numeric Infinity", GP_REASON_INFINITY, little<int32_t>(999999999)},
      {column(GP_DECIMAL, false, 18, 2), numeric("-Infinity"), "numeric -Infinity", GP_REASON_INFINITY,
       little<int64_t>(-999999999999999999)},
      {column(GP_DECIMAL, false, 38, 2), numeric("Infinity"), "numeric Infinity", GP_REASON_INFINITY, units16(false)},
      {column(GP_DECIMAL, false, 38, 2), numeric("-Infinity"), "numeric -Infinity", GP_REASON_INFINITY, units16(true)},
      {column(GP_DECIMAL, false, 18, 2), numeric("NaN"), "numeric NaN", GP_REASON_NAN, "", true},
      {column(GP_DECIMAL, false, 38, 2), numeric("NaN"), "numeric NaN", GP_REASON_NAN, "", true},
  };
}

}  // namespace

TEST("the default policy refuses, naming value, row and column") {
  for (const Case& c : cases()) {
    const gp_status status = refused(c.column, c.wire);
    expect(status.code, static_cast<int32_t>(GP_VALUE), c.part);
    contains(status.message, c.part);
    expect(status.reason, static_cast<int32_t>(c.reason), c.part);
    expect(status.row, 0, "row");
    expect(status.column, 0, "column");
  }
}

TEST("the null policy makes NULL, and is refused where NULL may not be") {
  for (const Case& c : cases()) {
    gp_column p = withPolicy(c.column, c.nan ? GP_POLICY_NULL : GP_POLICY_ERROR, c.nan ? GP_POLICY_ERROR : GP_POLICY_NULL);
    holds(!one(p, c.wire), c.part + " becomes NULL");
    p.required = 1;
    expect(refused(p, c.wire).code, static_cast<int32_t>(GP_NULL), c.part);
  }
}

TEST("saturating gives the last finite value") {
  for (const Case& c : cases()) {
    if (c.nan) continue;
    expect(*one(withPolicy(c.column, GP_POLICY_ERROR, GP_POLICY_SATURATE), c.wire), c.saturated, c.part);
  }
}

TEST("infinite intervals follow the policy in all three leaves") {
  const std::string high = int8(INT64_MAX) + int4(INT32_MAX) + int4(INT32_MAX), low = int8(INT64_MIN) + int4(INT32_MIN) + int4(INT32_MIN);
  contains(refused(column(GP_INTERVAL), high).message, "interval infinity");
  contains(refused(column(GP_INTERVAL), low).message, "interval -infinity");
  expect(refused(column(GP_INTERVAL), low).reason, static_cast<int32_t>(GP_REASON_INFINITY), "reason");
  const File nulls = readBack({withPolicy(column(GP_INTERVAL), GP_POLICY_ERROR, GP_POLICY_NULL)}, {{low}});
  for (const auto& leaf : nulls.columns) holds(!leaf.values[0], "NULL");
  const File finite = readBack({withPolicy(column(GP_INTERVAL), GP_POLICY_ERROR, GP_POLICY_SATURATE)}, {{high}, {low}});
  expect(*finite.columns[2].values[0], little<int64_t>(INT64_MAX - 1), "microseconds");
  expect(*finite.columns[0].values[1], little<int32_t>(INT32_MIN), "months");
}

TEST("text and double hold NaN and infinities whatever the policy") {
  const gp_column text = withPolicy(column(GP_NUMERIC_TEXT), GP_POLICY_NULL, GP_POLICY_NULL);
  expect(*one(text, numeric("NaN")), std::string("NaN"), "text");
  expect(*one(text, numeric("-Infinity")), std::string("-Infinity"), "text");
  holds(one(withPolicy(column(GP_NUMERIC_DOUBLE), GP_POLICY_NULL, GP_POLICY_NULL), numeric("Infinity")).has_value(), "double");
}

TEST("policies act in the middle of a column without touching its neighbours") {
  std::vector<Row> rows;
  for (int i = 0; i < 3000; i++) rows.push_back({i % 7 == 3 ? Field() : i % 11 == 5 ? Field(int4(INT32_MAX)) : Field(int4(i))});
  const File file = readBack({withPolicy(column(GP_DATE), GP_POLICY_ERROR, GP_POLICY_NULL)}, rows);
  for (int i = 0; i < 3000; i++) {
    const auto& v = file.columns[0].values[static_cast<size_t>(i)];
    expect(v.has_value(), i % 7 != 3 && i % 11 != 5, "row " + std::to_string(i));
    if (v) expect(*v, little<int32_t>(i + 10957), "row " + std::to_string(i));
  }
}

TEST("a bad schema is refused with the column") {
  gp_column bad = column(GP_DECIMAL, false, 39, 0);
  bool thrown = false;
  try {
    convert({column(GP_INT4), bad}, "");
  } catch (const Failed& failed) {
    thrown = true;
    contains(failed.what(), "precision must be 1 to 38");
  }
  holds(thrown, "the schema is refused");
}
