#include "test/support/values.h"

#include <cstdint>
#include <cstring>

#include "test/support/harness.h"

namespace gp::test {
namespace {

uint64_t varint(const std::string& page, size_t& at) {
  uint64_t v = 0;
  for (int shift = 0;; shift += 7) {
    holds(at < page.size(), "a number does not run past the page");
    const auto b = static_cast<uint8_t>(page[at++]);
    v |= static_cast<uint64_t>(b & 0x7F) << shift;
    if (b < 0x80) return v;
  }
}

uint64_t zigzag(const std::string& page, size_t& at) {
  const uint64_t v = varint(page, at);
  return v >> 1 ^ (~(v & 1) + 1);
}

std::vector<uint64_t> numbers(const std::string& page, size_t& at, size_t width, size_t count) {
  const uint64_t block = varint(page, at), miniblocks = varint(page, at), total = varint(page, at);
  holds(block % 128 == 0 && block / miniblocks % 32 == 0, "blocks are multiples of 128 values, miniblocks of 32");
  expect(total, static_cast<uint64_t>(count), "values of a delta page");
  std::vector<uint64_t> out;
  uint64_t value = zigzag(page, at);
  if (count > 0) out.push_back(value);
  while (out.size() < count) {
    const uint64_t least = zigzag(page, at);
    holds(at + miniblocks <= page.size(), "bit widths lie in the page");
    const std::string widths = page.substr(at, miniblocks);
    at += miniblocks;
    for (size_t m = 0; m < miniblocks && out.size() < count; m++) {
      const auto bits = static_cast<uint8_t>(widths[m]);
      holds(bits <= width * 8, "a bit width is at most the type's");
      const size_t values = block / miniblocks;
      holds(at + bits * values / 8 <= page.size(), "a miniblock lies in the page");
      for (size_t i = 0; i < values; i++) {
        uint64_t difference = 0;
        for (size_t b = 0; b < bits; b++) {
          const size_t bit = i * bits + b;
          difference |= static_cast<uint64_t>(static_cast<uint8_t>(page[at + bit / 8]) >> bit % 8 & 1) << b;
        }
        value += least + difference;
        if (out.size() < count) out.push_back(value);
      }
      at += bits * values / 8;
    }
  }
  return out;
}

std::string take(const std::string& page, size_t& at, size_t length) {
  holds(length <= page.size() - at, "a value lies in the page");
  at += length;
  return page.substr(at - length, length);
}

}  // namespace

std::vector<std::string> deltaValues(const std::string& page, size_t& at, size_t width, size_t count) {
  std::vector<std::string> out;
  for (const uint64_t v : numbers(page, at, width, count)) out.emplace_back(reinterpret_cast<const char*>(&v), width);
  return out;
}

std::vector<std::string> deltaLengthValues(const std::string& page, size_t& at, size_t count) {
  std::vector<std::string> out;
  for (const uint64_t length : numbers(page, at, 4, count)) out.push_back(take(page, at, static_cast<uint32_t>(length)));
  return out;
}

std::vector<std::string> deltaBytesValues(const std::string& page, size_t& at, size_t count) {
  const std::vector<uint64_t> shared = numbers(page, at, 4, count);
  std::vector<std::string> out = deltaLengthValues(page, at, count);
  for (size_t i = 0; i < count; i++) {
    const auto prefix = static_cast<uint32_t>(shared[i]);
    if (prefix == 0) continue;
    holds(i > 0 && prefix <= out[i - 1].size(), "a prefix is the value's before");
    out[i] = out[i - 1].substr(0, prefix) + out[i];
  }
  return out;
}

std::vector<std::string> splitValues(const std::string& page, size_t& at, size_t width, size_t count) {
  const std::string bytes = take(page, at, width * count);
  std::vector<std::string> out(count, std::string(width, 0));
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < width; k++) out[i][k] = bytes[k * count + i];
  }
  return out;
}

}  // namespace gp::test
