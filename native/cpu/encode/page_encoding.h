// Which encoding the data pages of a chunk without a dictionary get: the one whose sample the codec stores in the fewest bytes.
// Decided once per chunk, from its own values: readers meet pages of one encoding only.
#ifndef GPUPARSER_CPU_ENCODE_PAGE_ENCODING_H
#define GPUPARSER_CPU_ENCODE_PAGE_ENCODING_H

#include "cpu/work.h"
#include "plan/plan.h"

namespace gp {

// Values as PLAIN has them.
struct PlainValues {
  const uint8_t* bytes;
  size_t length;
  size_t count;
};

struct Rating {
  parquet::Encoding encoding;
  size_t stored;  // bytes of the sample under encoding and codec
};

// Whether a type has encodings other than PLAIN.
bool hasRivals(const LeafPlan& leaf);

// Bytes that `length` bytes become under the codec, at most as many.
size_t trial(Work& work, const WriterPlan& writer, const uint8_t* bytes, size_t length);

// Uses work.encoded and work.compressed; sample may lie in work.page.
Rating rateEncodings(Work& work, const LeafPlan& leaf, const WriterPlan& writer, const PlainValues& sample);

// Appends the values in an encoding other than PLAIN.
void encodeAs(parquet::Encoding encoding, const LeafPlan& leaf, const PlainValues& values, Bytes& out);

// The first values of a page, as many as a trial takes.
PlainValues firstValues(const LeafPlan& leaf, const PlainValues& page);

}  // namespace gp

#endif
