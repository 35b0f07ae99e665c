// Parquet's own numbers (parquet.thrift of format 2.11), those that this library writes.
#ifndef GPUPARSER_PARQUET_FORMAT_H
#define GPUPARSER_PARQUET_FORMAT_H

#include <cstdint>

namespace gp::parquet {

enum Physical : int32_t { kBoolean = 0, kInt32 = 1, kInt64 = 2, kFloat = 4, kDouble = 5, kByteArray = 6, kFixed = 7 };
enum Encoding : int32_t {
  kPlain = 0,
  kRle = 3,
  kDeltaBinaryPacked = 5,
  kDeltaLengthByteArray = 6,
  kDeltaByteArray = 7,
  kRleDictionary = 8,
  kByteStreamSplit = 9,
};
enum PageType : int32_t { kDataPage = 0, kDictionaryPage = 2 };
enum Codec : int32_t { kUncompressed = 0, kSnappy = 1, kZstd = 6, kLz4Raw = 7 };
enum Repetition : int32_t { kRequired = 0, kOptional = 1, kRepeated = 2 };
enum Boundary : int32_t { kUnordered = 0, kAscending = 1, kDescending = 2 };
enum Converted : int32_t {
  kNoConverted = -1,
  kUtf8 = 0,
  kConvertedMap = 1,
  kConvertedList = 3,
  kEnum = 4,
  kConvertedDecimal = 5,
  kConvertedDate = 6,
  kTimeMicros = 8,
  kTimestampMicros = 10,
  kUint32 = 13,
  kConvertedInt16 = 16,
  kConvertedJson = 19,
};
// Field ids of the LogicalType union.
enum Logical : int32_t {
  kNoLogical = 0,
  kString = 1,
  kMap = 2,
  kList = 3,
  kLogicalEnum = 4,
  kDecimal = 5,
  kDate = 6,
  kTime = 7,
  kTimestamp = 8,
  kInteger = 10,
  kJson = 12,
  kUuid = 14,
};

}  // namespace gp::parquet

#endif
