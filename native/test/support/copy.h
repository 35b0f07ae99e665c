// COPY messages by hand.
#ifndef GPUPARSER_TEST_COPY_H
#define GPUPARSER_TEST_COPY_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gp::test {

using Field = std::optional<std::string>;  // wire bytes; nothing is NULL
using Row = std::vector<Field>;

std::string big(uint64_t value, int bytes);
inline std::string int2(int v) { return big(static_cast<uint16_t>(v), 2); }
inline std::string int4(int64_t v) { return big(static_cast<uint32_t>(v), 4); }
inline std::string int8(int64_t v) { return big(static_cast<uint64_t>(v), 8); }
std::string float8(double v);
std::string float4(float v);
// The server's wire form of a decimal number written as text ("-12.340", "NaN", "Infinity").
std::string numeric(const std::string& text);

std::string copyHeader();  // without a message around it
std::string message(char type, const std::string& body);
std::string rowBody(const Row& row);
// Header with the first row, one message per row, the trailer.
std::string copyStream(const std::vector<Row>& rows);

}  // namespace gp::test

#endif
