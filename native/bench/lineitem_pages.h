// The bench's lineitem rows as PostgreSQL lays them on heap pages: 24 bytes of tuple header, short varlenas, aligned integers.
#ifndef GPUPARSER_BENCH_LINEITEM_PAGES_H
#define GPUPARSER_BENCH_LINEITEM_PAGES_H

#include "bench/stages.h"

namespace gp::bench {

std::vector<gp_attribute> lineitemAttributes();

// Pages of the rows in COPY slots, all visible, with checksums; page i is block i.
std::vector<uint8_t> pagesOf(const std::vector<Slot>& slots);

}  // namespace gp::bench

#endif
