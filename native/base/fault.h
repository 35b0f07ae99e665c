// How a failure travels: as a Fault inside decoding, where the first row wins, and as an exception everywhere else.
#ifndef GPUPARSER_BASE_FAULT_H
#define GPUPARSER_BASE_FAULT_H

#include <cstdint>
#include <string>

#include "include/gpuparser.h"

namespace gp {

struct Fault {
  int32_t code = GP_OK;
  int32_t column = -1;
  int64_t row = -1;
  std::string message;
  int32_t reason = GP_REASON_NONE;
  int32_t detail = 0;
  int64_t block = -1;  // the row's ctid, where it came from a page
  int32_t item = 0;

  explicit operator bool() const { return code != GP_OK; }
};

void writeStatus(const Fault& fault, gp_status* status);

// "ab cd" for a message: at most 64 characters of text, control bytes as \xNN.
std::string shown(const void* bytes, uint64_t length);

}  // namespace gp

#endif
