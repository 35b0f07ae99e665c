// Pass 2: the fields of one column in a block of rows become physical values. One function per kind, chosen at schema open.
#ifndef GPUPARSER_CPU_DECODE_DECODE_H
#define GPUPARSER_CPU_DECODE_DECODE_H

#include "base/fault.h"
#include "cpu/work.h"
#include "plan/plan.h"
#include "types/form.h"

namespace gp {

// The fields of one column in a block of rows. How their bytes came there is the source's business: decoders see a place and a length.
struct FieldBlock {
  const uint8_t* memory;  // that the spans count from
  const Span* fields;
  int rows;
  uint64_t safe;      // bytes of the memory that may be read
  bool disk = false;  // in DiskForm, else in WireForm
};

// Fixed-width kinds write their values, without gaps, to work.values; text kinds say in work.texts where their spans are. Returns the
// number of values; where it is not block.rows, work.valid says which rows have one. On a fault, fault.row is the row within the
// block and the result means nothing.
using Decode = int (*)(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

// The decoder of a kind with fixed-width values, for values in a source's form.
template <class Form>
Decode fixedDecoder(const ColumnPlan& plan);

struct TextDecoder {
  Decode decode = nullptr;  // none: the kind's values have a fixed width
  bool made = false;        // the texts are in work.text, and spans count from it; else they are in the block's memory
};
template <class Form>
TextDecoder textDecoder(int32_t kind);

extern template Decode fixedDecoder<WireForm>(const ColumnPlan& plan);
extern template Decode fixedDecoder<DiskForm>(const ColumnPlan& plan);
extern template TextDecoder textDecoder<WireForm>(int32_t kind);
extern template TextDecoder textDecoder<DiskForm>(int32_t kind);

// A column's decoder of each form.
struct Decoders {
  Decode wire, disk;
  int operator()(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) const {
    return (block.disk ? disk : wire)(block, plan, work, fault);
  }
};

inline Decoders fixedDecoders(const ColumnPlan& plan) { return {fixedDecoder<WireForm>(plan), fixedDecoder<DiskForm>(plan)}; }

// Kinds whose texts are their fields' bytes, or some of them.
int decodeText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeJsonb(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeChar(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

// Shared by the decoders' slow loops. -1, with the fault.
int lengthFault(int row, uint32_t length, const char* expected, Fault& fault);
int nullFault(int row, Fault& fault);
int valueFault(int row, gp_reason reason, std::string message, Fault& fault);

// The slow loop of text kinds. take(field, row, span): a field that is not NULL becomes a span; false with the fault where it cannot.
// The length is unchecked.
template <class Take>
int eachText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault, Take&& take) {
  work.texts = work.spans;
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const Span field = block.fields[i];
    work.valid[i] = field.length != kNullLength;
    if (field.length == kNullLength) {
      if (plan.column.required) return nullFault(i, fault);
    } else if (!take(field, i, work.spans[count++])) {
      return -1;
    }
  }
  return count;
}

}  // namespace gp

#endif
