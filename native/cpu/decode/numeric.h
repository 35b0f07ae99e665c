// numeric to DECIMAL in its three widths, and to DOUBLE.
#ifndef GPUPARSER_CPU_DECODE_NUMERIC_H
#define GPUPARSER_CPU_DECODE_NUMERIC_H

#include "cpu/decode/decode.h"

namespace gp {

int decodeDecimal32(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeDecimal64(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeDecimal128(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);
int decodeNumericDouble(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault);

}  // namespace gp

#endif
