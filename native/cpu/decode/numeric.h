// numeric to DECIMAL in its three widths, and to DOUBLE.
#ifndef GPUPARSER_CPU_DECODE_NUMERIC_H
#define GPUPARSER_CPU_DECODE_NUMERIC_H

#include "cpu/decode/decode.h"

namespace gp {

template <class Numeric>
Decode decimalDecoder(int precision);
template <class Numeric>
int decodeNumericDouble(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

extern template Decode decimalDecoder<WireNumeric>(int precision);
extern template Decode decimalDecoder<DiskNumeric>(int precision);
extern template int decodeNumericDouble<WireNumeric>(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
extern template int decodeNumericDouble<DiskNumeric>(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

}  // namespace gp

#endif
