#include <algorithm>

#include "cpu/decode.h"

namespace gp {
namespace {

constexpr uint32_t kNull = UINT32_MAX;

struct PlainText {
  static constexpr uint32_t skip = 0;
  static int check(const uint8_t*, uint32_t length, int row, Fault& fault) {
    return length > INT32_MAX ? lengthFault(row, length, "0 or more", fault) : 0;
  }
};

struct Jsonb {
  static constexpr uint32_t skip = 1;  // the version byte
  static int check(const uint8_t* p, uint32_t length, int row, Fault& fault) {
    if (length == 0 || length > INT32_MAX) return lengthFault(row, length, "1 or more", fault);
    if (*p == 1) return 0;
    fault.code = GP_PROTOCOL;
    fault.row = row;
    fault.message = "jsonb version " + std::to_string(*p) + " is not known, only 1 is";
    return -1;
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
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const uint32_t at = block.fields[i];
    const uint32_t length = load32(block.slot + at);
    work.valid[i] = length != kNull;
    if (length == kNull) {
      if (plan.column.required) return nullFault(i, fault);
      continue;
    }
    if (K::check(block.slot + at + 4, length, i, fault) != 0) return -1;
    spans[count++] = {at + 4 + K::skip, length - K::skip};
  }
  return count;
}

}  // namespace

int decodeText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return decodeSpans<PlainText>(block, plan, work, fault);
}

int decodeJsonb(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return decodeSpans<Jsonb>(block, plan, work, fault);
}

int decodeChar(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  int count = 0;
  for (int i = 0; i < block.rows; i++) {
    const uint32_t at = block.fields[i];
    const uint32_t length = load32(block.slot + at);
    work.valid[i] = length != kNull;
    if (length == kNull) {
      if (plan.column.required) return nullFault(i, fault);
      continue;
    }
    if (length != 1) return lengthFault(i, length, "1", fault);
    const uint8_t byte = block.slot[at + 4];
    if (byte >= 0x80) return valueFault(i, "\"char\" byte " + std::to_string(byte) + " is no UTF-8 character", fault);
    work.spans[count++] = {at + 4, byte == 0 ? 0u : 1u};  // a zero byte is the empty string (char.c charout)
  }
  return count;
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
