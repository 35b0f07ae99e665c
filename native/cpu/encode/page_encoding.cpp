#include "cpu/encode/page_encoding.h"

#include "cpu/encode/choice.h"
#include "cpu/encode/effort.h"
#include "cpu/encode/encodings.h"

namespace gp {
namespace {

using namespace parquet;

// BYTE_STREAM_SPLIT is for FLOAT and DOUBLE only: DuckDB 1.5 refuses it for other types, polars 2.1 for FIXED_LEN_BYTE_ARRAY.
constexpr Encoding kRivals[][2] = {
    {kPlain, kPlain},                          // BOOLEAN
    {kDeltaBinaryPacked, kPlain},              // INT32
    {kDeltaBinaryPacked, kPlain},              // INT64
    {kPlain, kPlain},                          // INT96
    {kByteStreamSplit, kPlain},                // FLOAT
    {kByteStreamSplit, kPlain},                // DOUBLE
    {kDeltaLengthByteArray, kDeltaByteArray},  // BYTE_ARRAY
    {kPlain, kPlain},                          // FIXED_LEN_BYTE_ARRAY
};

// Each step away from PLAIN costs readers time: it must gain this much.
constexpr double kWorth = 0.98;

}  // namespace

bool hasRivals(const LeafPlan& leaf) { return kRivals[leaf.physical][0] != kPlain; }

size_t trial(Work& work, const WriterPlan& writer, const uint8_t* bytes, size_t length) {
  if (writer.codec == GP_NONE || length == 0) return length;
  work.compressed.clear();
  const size_t compressed = work.compressor.compress(writer.codec, adapts(writer) ? Effort::kShort : Effort::kLevel, writer.level, bytes,
                                                     length, work.compressed);
  return compressed < length ? compressed : length;
}

Rating rateEncodings(Work& work, const LeafPlan& leaf, const WriterPlan& writer, const PlainValues& sample) {
  Rating best{kPlain, trial(work, writer, sample.bytes, sample.length)};
  if (!writer.everyEncoding || sample.count == 0) return best;
  for (const Encoding rival : kRivals[leaf.physical]) {
    if (rival == kPlain) break;
    work.encoded.clear();
    encodeAs(rival, leaf, sample, work.encoded);
    const size_t stored = trial(work, writer, work.encoded.data(), work.encoded.size());
    if (static_cast<double>(stored) < kWorth * static_cast<double>(best.stored)) best = {rival, stored};
  }
  return best;
}

void encodeAs(Encoding encoding, const LeafPlan& leaf, const PlainValues& values, Bytes& out) {
  switch (encoding) {
    case kDeltaLengthByteArray: return encodeDeltaLength(values.bytes, values.count, out);
    case kDeltaByteArray: return encodeDeltaBytes(values.bytes, values.count, out);
    case kByteStreamSplit: return encodeSplit(values.bytes, values.count, leaf.physical == kFloat ? 4 : 8, out);
    default: break;
  }
  if (leaf.physical == kInt32) return encodeDelta(reinterpret_cast<const uint32_t*>(values.bytes), values.count, out);
  encodeDelta(reinterpret_cast<const uint64_t*>(values.bytes), values.count, out);
}

PlainValues firstValues(const LeafPlan& leaf, const PlainValues& page) {
  if (page.length <= kTrialBytes || !hasRivals(leaf)) return page;
  PlainValues out{page.bytes, 0, 0};
  if (leaf.physical != kByteArray) {
    out.count = kTrialBytes / (page.length / page.count);
    out.length = out.count * (page.length / page.count);
    return out;
  }
  while (out.count < page.count && out.length < kTrialBytes) {
    uint32_t length;
    std::memcpy(&length, out.bytes + out.length, 4);
    out.length += 4 + length;
    out.count++;
  }
  return out;
}

}  // namespace gp
