// Decoders of data pages' values, a value at a time, for the reader of test images.
#ifndef GPUPARSER_TEST_VALUES_H
#define GPUPARSER_TEST_VALUES_H

#include <string>
#include <vector>

namespace gp::test {

// Each takes the bytes of a page from `at` on, returns `count` values as PLAIN has them (BYTE_ARRAY without lengths), and moves
// `at` behind them. Throws Failed where the bytes do not hold so many.
std::vector<std::string> deltaValues(const std::string& page, size_t& at, size_t width, size_t count);
std::vector<std::string> deltaLengthValues(const std::string& page, size_t& at, size_t count);
std::vector<std::string> deltaBytesValues(const std::string& page, size_t& at, size_t count);
std::vector<std::string> splitValues(const std::string& page, size_t& at, size_t width, size_t count);

}  // namespace gp::test

#endif
