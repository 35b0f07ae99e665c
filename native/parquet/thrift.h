// Thrift's compact protocol, writing only.
#ifndef GPUPARSER_PARQUET_THRIFT_H
#define GPUPARSER_PARQUET_THRIFT_H

#include <cstdint>
#include <string_view>

#include "base/buffer.h"

namespace gp {

class Thrift {
 public:
  enum Type : uint8_t { kTrue = 1, kFalse = 2, kByte = 3, kI32 = 5, kI64 = 6, kBinary = 8, kList = 9, kStruct = 12 };

  explicit Thrift(Bytes& out) : out_(out) {}

  void boolean(int id, bool value) { header(id, value ? kTrue : kFalse); }
  void byte(int id, int8_t value) {
    header(id, kByte);
    out_.push(static_cast<uint8_t>(value));
  }
  void i32(int id, int32_t value) {
    header(id, kI32);
    zigzag(value);
  }
  void i64(int id, int64_t value) {
    header(id, kI64);
    zigzag(value);
  }
  void binary(int id, std::string_view value) {
    header(id, kBinary);
    bytes(value);
  }
  // A struct field; end it with end().
  void begin(int id) {
    header(id, kStruct);
    element();
  }
  // A struct inside a list, or the outermost one; end it with end().
  void element() {
    saved_[depth_++] = last_;
    last_ = 0;
  }
  void end() {
    out_.push(0);
    last_ = saved_[--depth_];
  }
  void empty(int id) {
    begin(id);
    end();
  }
  void list(int id, Type element, size_t count) {
    header(id, kList);
    if (count < 15) {
      out_.push(static_cast<uint8_t>(count << 4 | element));
    } else {
      out_.push(static_cast<uint8_t>(0xF0 | element));
      varint(count);
    }
  }
  // Elements of lists.
  void zigzag(int64_t v) { varint(static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63)); }
  void bytes(std::string_view value) {
    varint(value.size());
    out_.append(value.data(), value.size());
  }
  void booleanElement(bool value) { out_.push(value ? kTrue : kFalse); }

 private:
  void header(int id, Type type) {
    const int delta = id - last_;
    if (delta > 0 && delta <= 15) {
      out_.push(static_cast<uint8_t>(delta << 4 | type));
    } else {
      out_.push(type);
      zigzag(id);
    }
    last_ = id;
  }
  void varint(uint64_t v) {
    while (v >= 0x80) {
      out_.push(static_cast<uint8_t>(v | 0x80));
      v >>= 7;
    }
    out_.push(static_cast<uint8_t>(v));
  }

  Bytes& out_;
  int last_ = 0;
  int depth_ = 0;
  int saved_[16] = {};
};

}  // namespace gp

#endif
