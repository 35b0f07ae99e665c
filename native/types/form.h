// How a source writes the values of its fields: what decoders are templates over.
#ifndef GPUPARSER_TYPES_FORM_H
#define GPUPARSER_TYPES_FORM_H

#include "types/disk_numeric.h"

namespace gp {

// What PostgreSQL's binary COPY sends.
struct WireForm {
  using Order = BigEndian;
  using Numeric = WireNumeric;
};

// What a heap page holds.
struct DiskForm {
  using Order = LittleEndian;
  using Numeric = DiskNumeric;
};

}  // namespace gp

#endif
