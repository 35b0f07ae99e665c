// Pass 2: the fields of one column in a block of rows become physical values. One function per kind, chosen at schema open.
#ifndef GPUPARSER_CPU_DECODE_DECODE_H
#define GPUPARSER_CPU_DECODE_DECODE_H

#include "base/fault.h"
#include "cpu/work.h"
#include "plan/plan.h"

namespace gp {

constexpr uint32_t kNullLength = UINT32_MAX;  // a length word of -1

struct FieldBlock {
  const uint8_t* slot;
  const uint32_t* fields;  // offsets of the length words
  int rows;
  uint64_t safe;  // bytes of the slot that may be read
};

// Fixed-width kinds write their values, without gaps, to work.values; text kinds fill work.spans. Returns the number of values;
// where it is not block.rows, work.valid says which rows have one. On a fault, fault.row is the row within the block and the
// result means nothing.
using Decode = int (*)(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

// For kinds whose texts lie in the slot. Spans count from the slot.
int decodeText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeJsonb(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeChar(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
// Texts are written to work.text; spans count from it.
int decodeUtf8(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeGeometry(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeNumericText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

// The decoder of a kind with fixed-width values.
Decode fixedDecoder(const ColumnPlan& plan);

// Shared by the decoders' slow loops. -1, with the fault.
int lengthFault(int row, uint32_t length, const char* expected, Fault& fault);
int nullFault(int row, Fault& fault);
int valueFault(int row, std::string message, Fault& fault);

// The slow loop of text kinds. take(at, length, row, span): the field at `at`, which is not NULL, becomes a span; false with the fault
// where it cannot. The length is unchecked.
template <class Take>
int eachText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault, Take&& take) {
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const uint32_t at = block.fields[i];
    const uint32_t length = load32(block.slot + at);
    work.valid[i] = length != kNullLength;
    if (length == kNullLength) {
      if (plan.column.required) return nullFault(i, fault);
    } else if (!take(at + 4, length, i, work.spans[count++])) {
      return -1;
    }
  }
  return count;
}

}  // namespace gp

#endif
