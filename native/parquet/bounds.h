// Minimum and maximum as Parquet's statistics hold them: plain-encoded bytes, in the order of the column's type.
#ifndef GPUPARSER_PARQUET_BOUNDS_H
#define GPUPARSER_PARQUET_BOUNDS_H

#include <cstdint>
#include <string>
#include <string_view>

namespace gp {

enum class Order : uint8_t { kInt32, kUint32, kInt64, kFloat, kDouble, kBytes, kSignedBytes, kBoolean };

struct Bounds {
  bool known = false;  // false: no value, a NaN, or a maximum that cannot be rounded up
  bool minExact = true;
  bool maxExact = true;
  std::string min;
  std::string max;

  // Widens to hold other's values too; both in the same order.
  void widen(const Bounds& other, Order order);
};

// Negative, zero or positive, as a is before, equal to or after b.
int compareBounds(std::string_view a, std::string_view b, Order order);

// Bounds of BYTE_ARRAY values: what is longer than `longest` bytes is cut. text: cut between UTF-8 characters.
Bounds cutBounds(std::string_view min, std::string_view max, size_t longest, bool text);

}  // namespace gp

#endif
