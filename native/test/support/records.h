// Rows put together again from levels and values, as Parquet's readers do it, and written as text.
#ifndef GPUPARSER_TEST_RECORDS_H
#define GPUPARSER_TEST_RECORDS_H

#include <string>
#include <vector>

#include "test/support/reader.h"

namespace gp::test {

// A line for each row: `{c0: [1, null], c1: {a: "x"}}`. Numbers in decimal, FIXED in hex, texts in quotes.
std::vector<std::string> records(const File& file);

}  // namespace gp::test

#endif
