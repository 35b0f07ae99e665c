#include "cpu/decode/decode.h"

namespace gp {
namespace {

constexpr uint32_t kJsonbVersion = 1;  // bytes of it, before the text

}  // namespace

// Where every row has a text, the fields are the spans.
int decodeText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  uint32_t all = 0;
  for (int i = 0; i < block.rows; i++) all |= block.fields[i].length;
  if (all <= INT32_MAX) {
    work.texts = block.fields;
    return block.rows;
  }
  return eachText(block, plan, work, fault, [&](Span field, int row, Span& span) {
    if (field.length > INT32_MAX) return lengthFault(row, field.length, "0 or more", fault) == 0;
    span = field;
    return true;
  });
}

int decodeJsonb(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  work.texts = work.spans;
  bool plain = true;
  for (int i = 0; i < block.rows; i++) {
    const Span field = block.fields[i];
    work.spans[i] = {field.start + kJsonbVersion, field.length - kJsonbVersion};
    plain = plain && static_cast<int32_t>(field.length) >= static_cast<int32_t>(kJsonbVersion) && block.memory[field.start] == 1;
  }
  if (plain) return block.rows;
  return eachText(block, plan, work, fault, [&](Span field, int row, Span& span) {
    if (field.length == 0 || field.length > INT32_MAX) return lengthFault(row, field.length, "1 or more", fault) == 0;
    const uint8_t version = block.memory[field.start];
    if (version != 1) {
      fault.code = GP_PROTOCOL;
      fault.row = row;
      fault.message = "jsonb version " + std::to_string(version) + " is not known, only 1 is";
      return false;
    }
    span = {field.start + kJsonbVersion, field.length - kJsonbVersion};
    return true;
  });
}

int decodeChar(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return eachText(block, plan, work, fault, [&](Span field, int row, Span& span) {
    if (field.length != 1) return lengthFault(row, field.length, "1", fault) == 0;
    const uint8_t byte = block.memory[field.start];
    if (byte >= 0x80)
      return valueFault(row, GP_REASON_UTF8, "\"char\" byte " + std::to_string(byte) + " is no UTF-8 character", fault) == 0;
    span = {field.start, byte == 0 ? 0u : 1u};  // a zero byte is the empty string (char.c charout)
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

int valueFault(int row, gp_reason reason, std::string message, Fault& fault) {
  fault.code = GP_VALUE;
  fault.reason = reason;
  fault.row = row;
  fault.message = std::move(message);
  return -1;
}

}  // namespace gp
