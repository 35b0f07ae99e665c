// Runs COPY bytes through the C ABI and reads the image back.
#ifndef GPUPARSER_TEST_RUN_H
#define GPUPARSER_TEST_RUN_H

#include <string>
#include <vector>

#include "include/gpuparser.h"
#include "test/support/copy.h"
#include "test/support/reader.h"

namespace gp::test {

struct Options {
  int codec = GP_SNAPPY;
  int level = 0;
  int64_t pageBytes = 0;
  int boundBytes = 0;
  bool dictionary = true;
  bool everyEncoding = false;
  size_t slotBytes = 1 << 20;  // whole rows up to this many bytes share a slot
};

struct Outcome {
  int code = GP_OK;
  gp_status status{};
  std::string image;
  int64_t rows = 0;
};

gp_column column(int kind, bool required = false, int precision = 0, int scale = 0);
// The column as a child of the `parent`-th one.
gp_column child(int parent, const char* name, gp_column column);
gp_column withPolicy(gp_column column, gp_policy nan, gp_policy infinity);

// Scans and decodes one COPY stream into one batch. A scan error becomes the outcome.
Outcome convert(const std::vector<gp_column>& columns, const std::string& stream, const Options& options = {});
// The same for rows that must convert; the image is read back and its metadata checked.
File readBack(const std::vector<gp_column>& columns, const std::vector<Row>& rows, const Options& options = {});
// One column, one value: what the reader sees.
Field one(const gp_column& column, const Field& field);
// One column, one value that must be refused.
gp_status refused(const gp_column& column, const Field& field);

}  // namespace gp::test

#endif
