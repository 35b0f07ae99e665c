#include <algorithm>

#include "cpu/decode/decode.h"

namespace gp {
namespace {

struct PlainText {
  static constexpr uint32_t skip = 0;
  static bool check(const uint8_t*, uint32_t length, int row, Fault& fault) {
    return length <= INT32_MAX || lengthFault(row, length, "0 or more", fault) == 0;
  }
};

struct Jsonb {
  static constexpr uint32_t skip = 1;  // the version byte
  static bool check(const uint8_t* p, uint32_t length, int row, Fault& fault) {
    if (length == 0 || length > INT32_MAX) return lengthFault(row, length, "1 or more", fault) == 0;
    if (*p == 1) return true;
    fault.code = GP_PROTOCOL;
    fault.row = row;
    fault.message = "jsonb version " + std::to_string(*p) + " is not known, only 1 is";
    return false;
  }
};

template <class K>
int decodeSpans(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  Span* spans = work.spans;
  bool plain = true;
  for (int i = 0; i < block.rows; i++) {
    const uint32_t at = block.fields[i];
    const uint32_t length = load32(block.slot + at);
    spans[i] = {at + 4 + K::skip, length - K::skip};
    plain &= static_cast<int32_t>(length) >= static_cast<int32_t>(K::skip);
    // the version byte of an empty field would be the byte behind it: still inside the message or refused below
    if constexpr (K::skip > 0) plain = plain && block.slot[at + 4] == 1;
  }
  if (plain) return block.rows;
  return eachText(block, plan, work, fault, [&](uint32_t at, uint32_t length, int row, Span& span) {
    if (!K::check(block.slot + at, length, row, fault)) return false;
    span = {at + K::skip, length - K::skip};
    return true;
  });
}

}  // namespace

int decodeText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return decodeSpans<PlainText>(block, plan, work, fault);
}

int decodeJsonb(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return decodeSpans<Jsonb>(block, plan, work, fault);
}

int decodeChar(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return eachText(block, plan, work, fault, [&](uint32_t at, uint32_t length, int row, Span& span) {
    if (length != 1) return lengthFault(row, length, "1", fault) == 0;
    const uint8_t byte = block.slot[at];
    if (byte >= 0x80) return valueFault(row, "\"char\" byte " + std::to_string(byte) + " is no UTF-8 character", fault) == 0;
    span = {at, byte == 0 ? 0u : 1u};  // a zero byte is the empty string (char.c charout)
    return true;
  });
}

int lengthFault(int row, uint32_t length, const char* expected, Fault& fault) {
  fault.code = GP_PROTOCOL;
  fault.row = row;
  fault.message = "a field of " + std::to_string(static_cast<int32_t>(length)) + " bytes where the type has " + expected;
  return -1;
}

int nullFault(int row, Fault& fault) {
  fault.code = GP_NULL;
  fault.row = row;
  fault.message = "NULL in a required column";
  return -1;
}

int valueFault(int row, std::string message, Fault& fault) {
  fault.code = GP_VALUE;
  fault.row = row;
  fault.message = std::move(message);
  return -1;
}

}  // namespace gp
