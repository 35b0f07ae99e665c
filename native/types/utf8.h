// UTF-8 as the Unicode Standard defines it (table 3-7), and text from bytes that need not be it.
#ifndef GPUPARSER_TYPES_UTF8_H
#define GPUPARSER_TYPES_UTF8_H

#include "types/wire.h"

namespace gp {

struct Utf8Step {
  uint32_t length;  // of the sequence, or of the maximal part of one that is to be replaced
  bool valid;
};

// What begins at p, where `left` bytes are left, at least one.
GP_HD inline Utf8Step utf8Step(const uint8_t* p, uint32_t left) {
  const uint8_t lead = *p;
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const uint32_t more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  // no longer form of a shorter sequence, no surrogate, nothing beyond U+10FFFF
  uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (uint32_t i = 1; i <= more; i++) {
    if (i == left || p[i] < low || p[i] > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {more + 1, true};
}

GP_HD inline bool isAscii8(const uint8_t* p) { return (load64(p) & 0x8080808080808080u) == 0; }

// Bytes of the text that `length` bytes become; `length` itself where they are UTF-8.
GP_HD inline uint64_t utf8Length(const uint8_t* p, uint32_t length) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < length;) {
    if (length - i >= 8 && isAscii8(p + i)) {
      bytes += 8;
      i += 8;
      continue;
    }
    const Utf8Step step = utf8Step(p + i, length - i);
    bytes += step.valid ? step.length : 3;
    i += step.length;
  }
  return bytes;
}

// Writes utf8Length() bytes: U+FFFD for each maximal part that begins no valid sequence.
GP_HD inline void toUtf8(const uint8_t* p, uint32_t length, uint8_t* out) {
  for (uint32_t i = 0; i < length;) {
    if (length - i >= 8 && isAscii8(p + i)) {
      memcpy(out, p + i, 8);
      out += 8;
      i += 8;
      continue;
    }
    const Utf8Step step = utf8Step(p + i, length - i);
    if (step.valid) {
      for (uint32_t k = 0; k < step.length; k++) *out++ = p[i + k];
    } else {
      *out++ = 0xEF;
      *out++ = 0xBF;
      *out++ = 0xBD;
    }
    i += step.length;
  }
}

}  // namespace gp

#endif
