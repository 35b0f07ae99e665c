// A seeded stand-in for TPC-H's lineitem as PostgreSQL sends it: CopyData messages, 16 columns, about 208 bytes a row.
#ifndef GPUPARSER_BENCH_LINEITEM_H
#define GPUPARSER_BENCH_LINEITEM_H

#include <cstdint>
#include <string>
#include <vector>

#include "include/gpuparser.h"

namespace gp::bench {

std::vector<gp_column> lineitemColumns();

class Lineitem {
 public:
  explicit Lineitem(uint64_t seed);
  // Appends the next row's message; the first one carries the COPY header.
  void next(std::vector<uint8_t>& out);

 private:
  uint64_t random();
  uint64_t below(uint64_t n) { return random() % n; }

  uint64_t state_[2];
  std::string pool_;  // the text that comments are cut from
  bool begun_ = false;
  int64_t order_ = 0;
  int64_t orderNumber_ = 0;
  int linesLeft_ = 0;
  int line_ = 0;
  int orderDate_ = 0;
};

}  // namespace gp::bench

#endif
