#include "parquet/bounds.h"

#include <cstring>

namespace gp {
namespace {

template <class T>
int compareAs(std::string_view a, std::string_view b) {
  T x, y;
  std::memcpy(&x, a.data(), sizeof x);
  std::memcpy(&y, b.data(), sizeof y);
  return x < y ? -1 : y < x ? 1 : 0;
}

size_t characterStart(std::string_view s, size_t at) {
  while (at > 0 && (static_cast<uint8_t>(s[at]) & 0xC0) == 0x80) at--;
  return at;
}

// The next code point after the character at the end of s, in its place. False where there is none.
bool raiseCharacter(std::string& s) {
  const size_t start = characterStart(s, s.size() - 1);
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(s[start + i])); };
  uint32_t code;
  switch (s.size() - start) {
    case 1: code = at(0); break;
    case 2: code = (at(0) & 0x1F) << 6 | (at(1) & 0x3F); break;
    case 3: code = (at(0) & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F); break;
    default: code = (at(0) & 0x07) << 18 | (at(1) & 0x3F) << 12 | (at(2) & 0x3F) << 6 | (at(3) & 0x3F); break;
  }
  code++;
  if (code == 0xD800) code = 0xE000;  // surrogates are no characters
  if (code > 0x10FFFF) return false;
  s.resize(start);
  if (code < 0x80) {
    s += static_cast<char>(code);
  } else if (code < 0x800) {
    s += static_cast<char>(0xC0 | code >> 6);
    s += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    s += static_cast<char>(0xE0 | code >> 12);
    s += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    s += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    s += static_cast<char>(0xF0 | code >> 18);
    s += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    s += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    s += static_cast<char>(0x80 | (code & 0x3F));
  }
  return true;
}

// A string above every one that begins with s, no longer than it: the last character or byte that can be raised is, the rest is cut
// off. False where none can be.
bool raise(std::string& s, bool text) {
  while (!s.empty()) {
    if (text ? raiseCharacter(s) : static_cast<uint8_t>(s.back()) != 0xFF) {
      if (!text) s.back() = static_cast<char>(static_cast<uint8_t>(s.back()) + 1);
      return true;
    }
    s.resize(text ? characterStart(s, s.size() - 1) : s.size() - 1);
  }
  return false;
}

}  // namespace

int compareBounds(std::string_view a, std::string_view b, Order order) {
  switch (order) {
    case Order::kInt32: return compareAs<int32_t>(a, b);
    case Order::kUint32: return compareAs<uint32_t>(a, b);
    case Order::kInt64: return compareAs<int64_t>(a, b);
    case Order::kFloat: return compareAs<float>(a, b);
    case Order::kDouble: return compareAs<double>(a, b);
    case Order::kBoolean: return compareAs<uint8_t>(a, b);
    case Order::kSignedBytes: {
      const auto x = static_cast<int8_t>(a[0]), y = static_cast<int8_t>(b[0]);
      if (x != y) return x < y ? -1 : 1;
      return a.compare(b);
    }
    case Order::kBytes: break;
  }
  return a.compare(b);  // char_traits<char> compares as unsigned bytes
}

void Bounds::widen(const Bounds& other, Order order) {
  if (!other.known) return;
  if (!known) {
    *this = other;
    return;
  }
  if (compareBounds(other.min, min, order) < 0) {
    min = other.min;
    minExact = other.minExact;
  }
  if (compareBounds(other.max, max, order) > 0) {
    max = other.max;
    maxExact = other.maxExact;
  }
}

Bounds cutBounds(std::string_view min, std::string_view max, size_t longest, bool text) {
  Bounds out;
  out.known = true;
  out.minExact = min.size() <= longest;
  out.min = min.substr(0, out.minExact ? min.size() : text ? characterStart(min, longest) : longest);
  out.maxExact = max.size() <= longest;
  out.max = max.substr(0, out.maxExact ? max.size() : text ? characterStart(max, longest) : longest);
  if (!out.maxExact && !raise(out.max, text)) return {};
  return out;
}

}  // namespace gp
