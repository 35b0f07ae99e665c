#include "test/support/copy.h"

#include <cstring>

namespace gp::test {

std::string big(uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; i--) out += i < 8 ? static_cast<char>(value >> (8 * i)) : 0;
  return out;
}

std::string float8(double v) {
  uint64_t bits;
  std::memcpy(&bits, &v, 8);
  return big(bits, 8);
}

std::string float4(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  return big(bits, 4);
}

std::string numeric(const std::string& text) {
  const auto make = [](size_t digits, int weight, int sign, size_t scale) {
    return int2(static_cast<int>(digits)) + int2(weight) + int2(sign) + int2(static_cast<int>(scale));
  };
  if (text == "NaN") return make(0, 0, 0xC000, 0);
  if (text == "Infinity") return make(0, 0, 0xD000, 0);
  if (text == "-Infinity") return make(0, 0, 0xF000, 0);
  const bool negative = text[0] == '-';
  const size_t point = text.find('.');
  std::string whole = text.substr(negative, (point == std::string::npos ? text.size() : point) - negative);
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  const size_t scale = fraction.size();
  while (whole.size() % 4 != 0) whole.insert(0, "0");
  while (fraction.size() % 4 != 0) fraction += "0";
  int weight = static_cast<int>(whole.size() / 4) - 1;
  std::vector<int> digits;
  const std::string all = whole + fraction;
  for (size_t i = 0; i < all.size(); i += 4) digits.push_back(std::stoi(all.substr(i, 4)));
  while (!digits.empty() && digits.front() == 0) {
    digits.erase(digits.begin());
    weight--;
  }
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
  if (digits.empty()) return make(0, 0, 0, scale);
  std::string out = make(digits.size(), weight, negative ? 0x4000 : 0, scale);
  for (const int d : digits) out += int2(d);
  return out;
}

std::string copyHeader() { return std::string("PGCOPY\n\xFF\r\n\0", 11) + int4(0) + int4(0); }

std::string message(char type, const std::string& body) { return type + int4(static_cast<int64_t>(body.size()) + 4) + body; }

std::string rowBody(const Row& row) {
  std::string out = int2(static_cast<int>(row.size()));
  for (const Field& field : row) {
    if (!field) {
      out += int4(-1);
    } else {
      out += int4(static_cast<int64_t>(field->size())) + *field;
    }
  }
  return out;
}

std::string copyStream(const std::vector<Row>& rows) {
  std::string out;
  std::string head = copyHeader();
  for (const Row& row : rows) {
    out += message('d', head + rowBody(row));
    head.clear();
  }
  return out + message('d', head + int2(-1));
}

}  // namespace gp::test
