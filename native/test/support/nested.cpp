#include "test/support/nested.h"

namespace gp::test {

std::string element(const Field& value) { return value ? int4(static_cast<int64_t>(value->size())) + *value : int4(-1); }

std::string array(const std::vector<int>& sizes, const std::vector<Field>& elements, const std::vector<int>& lower) {
  std::string out = int4(static_cast<int64_t>(sizes.size())) + int4(0) + int4(23);
  for (size_t d = 0; d < sizes.size(); d++) out += int4(sizes[d]) + int4(lower.empty() ? 1 : lower[d]);
  for (const Field& value : elements) out += element(value);
  return out;
}

std::string array(const std::vector<Field>& elements) {
  if (elements.empty()) return array(std::vector<int>{}, elements);
  return array({static_cast<int>(elements.size())}, elements);
}

std::string record(const std::vector<Field>& members) {
  std::string out = int4(static_cast<int64_t>(members.size()));
  for (const Field& member : members) out += int4(25) + element(member);
  return out;
}

std::string hstore(const std::vector<std::pair<std::string, Field>>& pairs) {
  std::string out = int4(static_cast<int64_t>(pairs.size()));
  for (const auto& [key, value] : pairs) out += element(key) + element(value);
  return out;
}

std::string range(int flags, const std::vector<std::string>& bounds) {
  std::string out(1, static_cast<char>(flags));
  for (const std::string& bound : bounds) out += element(bound);
  return out;
}

std::string multirange(const std::vector<std::string>& ranges) {
  std::string out = int4(static_cast<int64_t>(ranges.size()));
  for (const std::string& one : ranges) out += element(one);
  return out;
}

std::string vectorOf(const std::vector<float>& values) {
  std::string out = int2(static_cast<int>(values.size())) + int2(0);
  for (const float v : values) out += float4(v);
  return out;
}

std::string halfvec(const std::vector<int>& halves) {
  std::string out = int2(static_cast<int>(halves.size())) + int2(0);
  for (const int half : halves) out += int2(half);
  return out;
}

}  // namespace gp::test
