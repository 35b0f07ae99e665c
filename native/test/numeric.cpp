// numeric against an independent reference: schoolbook arithmetic on decimal text.
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "test/support/harness.h"
#include "test/support/run.h"
#include "types/numeric.h"

using namespace gp::test;

namespace {

gp::i128 unitsOf(std::string text, int scale) {
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  const size_t point = text.find('.');
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  fraction.resize(static_cast<size_t>(scale), '0');
  gp::i128 v = 0;
  for (const char c : text.substr(0, point) + fraction) v = v * 10 + (c - '0');
  return negative ? -v : v;
}

gp::i128 unitsRead(const std::string& bytes) {
  if (bytes.size() == 4) {
    int32_t v;
    std::memcpy(&v, bytes.data(), 4);
    return v;
  }
  if (bytes.size() == 8) {
    int64_t v;
    std::memcpy(&v, bytes.data(), 8);
    return v;
  }
  gp::u128 v = 0;
  for (const char c : bytes) v = v << 8 | static_cast<uint8_t>(c);
  return static_cast<gp::i128>(v);
}

}  // namespace

TEST("random decimals of every precision and scale are exact") {
  std::mt19937_64 random(7);
  for (int precision = 1; precision <= 38; precision++) {
    for (const int scale : {0, 1, 2, 3, 4, 5, 8, 9, 15, precision}) {
      if (scale > precision) continue;
      std::vector<Row> rows;
      std::vector<std::string> texts;
      for (int i = 0; i < 200; i++) {
        const int wholeDigits = static_cast<int>(random() % static_cast<uint64_t>(precision - scale + 1)),
                  fractionDigits = static_cast<int>(random() % static_cast<uint64_t>(scale + 1));
        std::string text = random() % 2 ? "-" : "";
        std::string whole;
        for (int d = 0; d < wholeDigits; d++) whole += static_cast<char>('0' + (random() % 3 == 0 ? 0 : random() % 10));
        text += whole.empty() ? "0" : whole;
        if (fractionDigits > 0) text += '.';
        for (int d = 0; d < fractionDigits; d++) text += static_cast<char>('0' + (random() % 3 == 0 ? 9 : random() % 10));
        texts.push_back(text);
        rows.push_back({numeric(text)});
      }
      const File file = readBack({column(GP_DECIMAL, true, precision, scale)}, rows);
      for (size_t i = 0; i < texts.size(); i++)
        holds(unitsRead(*file.columns[0].values[i]) == unitsOf(texts[i], scale),
              texts[i] + " in DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")");
    }
  }
}

TEST("the largest and smallest decimals of each precision fit and one more does not") {
  for (int precision = 1; precision <= 38; precision++) {
    const std::string nines(static_cast<size_t>(precision), '9'), over = "1" + std::string(static_cast<size_t>(precision), '0');
    const gp_column c = column(GP_DECIMAL, false, precision, 0);
    holds(unitsRead(*one(c, numeric(nines))) == unitsOf(nines, 0), nines);
    holds(unitsRead(*one(c, numeric("-" + nines))) == -unitsOf(nines, 0), "-" + nines);
    const gp_status status = refused(c, numeric(over));
    expect(status.code, static_cast<int32_t>(GP_VALUE), "code");
    expect(status.reason, static_cast<int32_t>(GP_REASON_OVERFLOW), "reason");
    contains(status.message, "has more digits than DECIMAL(" + std::to_string(precision) + ",0) holds");
    if (precision < 30) contains(status.message, over);
  }
}

TEST("a value that would have to be rounded is refused and named") {
  for (const std::string text : {"1.005", "-0.001", "123456789012345678901234567890.001", "0.00001"}) {
    const gp_status status = refused(column(GP_DECIMAL, false, 38, 2), numeric(text));
    expect(status.code, static_cast<int32_t>(GP_VALUE), "code");
    contains(status.message, text);
    expect(status.reason, static_cast<int32_t>(GP_REASON_FRACTION), "reason");
    contains(status.message, "more fraction digits");
  }
}

TEST("trailing zeros beyond the scale are no loss") {
  holds(unitsRead(*one(column(GP_DECIMAL, false, 10, 2), numeric("1.5000000000"))) == 150, "1.50");
  holds(unitsRead(*one(column(GP_DECIMAL, false, 10, 2), numeric("0.000"))) == 0, "0.00");
}

TEST("numeric as text is what the server writes") {
  for (const std::string text :
       {"0", "0.00", "1", "-1", "10000", "0.0001", "0.00010", "12345678901234567890.123456789", "-0.5", "100000000", "9999.9999",
        "1000000000000.000000000001", "NaN", "Infinity", "-Infinity", "0.1000000000", "7.10"}) {
    expect(*one(column(GP_NUMERIC_TEXT), numeric(text)), text, "text");
  }
  const std::string wide = std::string(3000, '7') + "." + std::string(2000, '3');
  expect(*one(column(GP_NUMERIC_TEXT), numeric(wide)), wide, "text");
}

TEST("numeric as double is the nearest one") {
  std::mt19937_64 random(11);
  std::vector<std::string> texts = {"0",
                                    "-0.1",
                                    "0.1",
                                    "123456789.123456789",
                                    "9007199254740993",
                                    "179769313486231570000000000000000000000",
                                    "0.000000000000000000000000000001",
                                    "1.7976931348623157"};
  for (int i = 0; i < 300; i++)
    texts.push_back(std::to_string(static_cast<int64_t>(random()) >> random() % 50) + "." + std::to_string(random() >> random() % 40));
  for (const std::string& text : texts) {
    double got;
    std::memcpy(&got, one(column(GP_NUMERIC_DOUBLE), numeric(text))->data(), 8);
    expect(got, std::strtod(text.c_str(), nullptr), text);
  }
  double nan;
  std::memcpy(&nan, one(column(GP_NUMERIC_DOUBLE), numeric("NaN"))->data(), 8);
  holds(std::isnan(nan), "NaN stays NaN");
  const gp_status status = refused(column(GP_NUMERIC_DOUBLE), numeric(std::string(400, '9')));
  contains(status.message, "beyond the largest double");
  expect(status.reason, static_cast<int32_t>(GP_REASON_OVERFLOW), "reason");
}

TEST("numerics beyond the doubles are zero with their sign, or what the policy for infinity says") {
  const auto read = [](const gp_column& c, const std::string& text) {
    double v;
    std::memcpy(&v, one(c, numeric(text))->data(), 8);
    return v;
  };
  const std::string tiny = "0." + std::string(400, '0') + "1", huge = std::string(400, '9');
  const gp_column plain = column(GP_NUMERIC_DOUBLE), saturated = withPolicy(plain, GP_POLICY_ERROR, GP_POLICY_SATURATE);
  expect(read(plain, tiny), 0.0, "tiny");
  holds(!std::signbit(read(plain, tiny)), "tiny is positive");
  holds(read(plain, "-" + tiny) == 0 && std::signbit(read(plain, "-" + tiny)), "its negative is -0");
  expect(read(saturated, huge), std::numeric_limits<double>::max(), "huge");
  expect(read(saturated, "-" + huge), std::numeric_limits<double>::lowest(), "its negative");
}

TEST("an error shows the head of a long numeric") {
  const std::string message = refused(column(GP_DECIMAL, false, 9, 2), numeric(std::string(200, '7'))).message;
  contains(message, "numeric " + std::string(80, '7') + "... has more digits");
}

TEST("malformed numerics are refused") {
  const gp_column kinds[] = {column(GP_DECIMAL, false, 9, 2), column(GP_DECIMAL, false, 18, 2), column(GP_DECIMAL, false, 38, 2),
                             column(GP_NUMERIC_TEXT), column(GP_NUMERIC_DOUBLE)};
  const std::vector<std::string> bad = {
      "",
      int2(0),
      int2(1) + int2(0) + int2(0),                                // too short
      int2(1) + int2(0) + int2(0) + int2(0),                      // a digit is missing
      int2(1) + int2(0) + int2(0) + int2(0) + int2(10000),        // a digit above 9999
      int2(1) + int2(0) + int2(0) + int2(0) + int2(-1),           // the same, with the high bit
      int2(1) + int2(0) + int2(0x1234) + int2(0) + int2(1),       // an unknown sign
      int2(1) + int2(0) + int2(0) + int2(0) + int2(1) + int2(2),  // bytes to spare
  };
  for (const gp_column& c : kinds) {
    for (const std::string& wire : bad) expect(refused(c, wire).code, static_cast<int32_t>(GP_PROTOCOL), "code");
  }
}

TEST("leading zero digits and far weights are arithmetic, not trust") {
  const gp_column c = column(GP_DECIMAL, false, 18, 2);
  holds(unitsRead(*one(c, int2(3) + int2(2) + int2(0) + int2(0) + int2(0) + int2(0) + int2(5))) == 500, "0|0|5");
  expect(refused(c, int2(1) + int2(30000) + int2(0) + int2(0) + int2(1)).code, static_cast<int32_t>(GP_VALUE), "weight 30000");
  expect(refused(c, int2(1) + int2(-30000) + int2(0) + int2(0) + int2(1)).code, static_cast<int32_t>(GP_VALUE), "weight -30000");
  holds(unitsRead(*one(c, int2(1) + int2(30000) + int2(0) + int2(0) + int2(0))) == 0, "zero of any weight");
}
