#include "base/fault.h"

#include <cstdio>
#include <cstring>

namespace gp {

void writeStatus(const Fault& fault, gp_status* status) {
  if (status == nullptr) return;
  status->code = fault.code;
  status->column = fault.column;
  status->row = fault.row;
  status->reason = fault.reason;
  status->detail = fault.detail;
  status->block = fault.block;
  status->item = fault.item;
  status->reserved = 0;
  size_t length = fault.message.size();
  if (length >= sizeof status->message) {
    length = sizeof status->message - 1;
    while (length > 0 && (fault.message[length] & 0xC0) == 0x80) length--;  // end before a whole character
  }
  std::memcpy(status->message, fault.message.data(), length);
  status->message[length] = 0;
}

std::string shown(const void* bytes, uint64_t length) {
  constexpr uint64_t most = 64;
  const auto* p = static_cast<const uint8_t*>(bytes);
  uint64_t end = length > most ? most : length;
  if (end < length) {
    while (end > most - 4 && (p[end] & 0xC0) == 0x80) end--;
  }
  std::string out = "'";
  for (uint64_t i = 0; i < end; i++) {
    if (p[i] < 0x20 || p[i] == 0x7F) {
      char hex[5];
      std::snprintf(hex, sizeof hex, "\\x%02x", p[i]);
      out += hex;
    } else {
      out += static_cast<char>(p[i]);
    }
  }
  out += '\'';
  if (end < length) out += "... (" + std::to_string(length) + " bytes)";
  return out;
}

}  // namespace gp
