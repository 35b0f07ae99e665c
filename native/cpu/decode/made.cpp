// Kinds whose bytes are made from the field's, not found in it: numerics as text, valid UTF-8, ISO WKB.
#include "cpu/decode/decode.h"
#include "types/numeric.h"
#include "types/utf8.h"
#include "types/wkb.h"

namespace gp {
namespace {

constexpr uint32_t kSpare = 16;  // bytes before the first text and behind the last one of work.text

// make(bytes, length, row): the bytes appended to work.text, which has no room yet, or -1 with a fault. The length is unchecked.
template <class Make>
int decodeMade(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault, Make&& make) {
  work.text.clear();
  work.text.room(kSpare);
  work.text.setSize(kSpare);
  return eachText(block, plan, work, fault, [&](Span field, int row, Span& span) {
    const int64_t written = make(block.memory + field.start, field.length, row);
    if (written < 0) return false;
    if (work.text.size() + static_cast<uint64_t>(written) > UINT32_MAX) throw std::bad_alloc();
    span = {static_cast<uint32_t>(work.text.size()), static_cast<uint32_t>(written)};
    work.text.advance(static_cast<size_t>(written));
    return true;
  });
}

template <class Numeric>
int decodeNumericText(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return decodeMade(block, plan, work, fault, [&](const uint8_t* field, uint32_t length, int row) -> int64_t {
    NumericHeader h{};
    const Trouble trouble = Numeric::header(field, length, h);
    uint32_t written = 0;
    if (trouble == kFine) {
      char* out = reinterpret_cast<char*>(work.text.room(numericTextLimit(h) + kSpare));
      written = numericText<Numeric>(h, out);
    } else if (trouble != kMalformed) {  // the text type holds these: the policies need not decide
      const std::string_view word = trouble == kNaN ? "NaN" : trouble == kInfinity ? "Infinity" : "-Infinity";
      std::memcpy(work.text.room(word.size() + kSpare), word.data(), word.size());
      written = static_cast<uint32_t>(word.size());
    }
    if (written > 0) return written;
    fault.code = GP_PROTOCOL;
    fault.row = row;
    fault.message = "a numeric field of " + std::to_string(static_cast<int32_t>(length)) + " bytes is malformed";
    return -1;
  });
}

int decodeUtf8(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  return decodeMade(block, plan, work, fault, [&](const uint8_t* field, uint32_t length, int row) -> int64_t {
    if (length > INT32_MAX) return lengthFault(row, length, "0 or more", fault);
    const uint64_t bytes = utf8Length(field, length);
    toUtf8(field, length, work.text.room(bytes + kSpare));
    return static_cast<int64_t>(bytes);
  });
}

int decodeGeometry(const FieldBlock& block, const ColumnPlan& plan, Work& work, Fault& fault) {
  const auto expected = static_cast<uint32_t>(plan.column.precision);
  return decodeMade(block, plan, work, fault, [&](const uint8_t* field, uint32_t length, int row) -> int64_t {
    if (length > INT32_MAX) return lengthFault(row, length, "0 or more", fault);
    const WkbResult made = toIsoWkb(field, length, work.text.room(length + kSpare));
    if (made.trouble == Wkb::kUnknownType) {
      fault.detail = static_cast<int32_t>(made.type);
      return valueFault(row, GP_REASON_GEOMETRY, "geometry type " + std::to_string(made.type) + " is not known", fault);
    }
    if (made.trouble == Wkb::kMalformed) {
      fault.code = GP_PROTOCOL;
      fault.row = row;
      fault.message = "a geometry of " + std::to_string(length) + " bytes is malformed";
      return -1;
    }
    if (made.srid != expected) {
      return valueFault(row, GP_REASON_SRID,
                        "a geometry with SRID " + std::to_string(made.srid) + " among those with SRID " + std::to_string(expected), fault);
    }
    return made.bytes;
  });
}

}  // namespace

template <class Form>
TextDecoder textDecoder(int32_t kind) {
  switch (kind) {
    case GP_TEXT:
    case GP_BYTEA: return {decodeText, false};
    case GP_JSONB: return {decodeJsonb, false};
    case GP_CHAR: return {decodeChar, false};
    case GP_UTF8: return {decodeUtf8, true};
    case GP_GEOMETRY: return {decodeGeometry, true};
    case GP_NUMERIC_TEXT: return {decodeNumericText<typename Form::Numeric>, true};
    default: return {};
  }
}

template TextDecoder textDecoder<WireForm>(int32_t kind);
template TextDecoder textDecoder<DiskForm>(int32_t kind);

}  // namespace gp
