// The hybrid encoding and levels, decoded bit by bit.
#include "cpu/encode/hybrid.h"
#include "cpu/encode/levels.h"

#include <random>

#include "test/support/harness.h"

using namespace gp::test;

namespace {

uint64_t varint(const gp::Bytes& in, size_t& at) {
  uint64_t v = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t b = in[at++];
    v |= static_cast<uint64_t>(b & 0x7F) << shift;
    if (b < 0x80) return v;
  }
}

std::vector<uint32_t> decode(const gp::Bytes& in, int width, size_t count) {
  std::vector<uint32_t> out;
  size_t at = 0;
  while (at < in.size()) {
    holds(out.size() < count, "no run behind the last value");
    const uint64_t head = varint(in, at);
    if (head & 1) {
      for (size_t i = 0; i < (head >> 1) * 8; i++) {
        uint32_t v = 0;
        for (int b = 0; b < width; b++) {
          const size_t bit = i * static_cast<size_t>(width) + static_cast<size_t>(b);
          v |= static_cast<uint32_t>(in[at + bit / 8] >> bit % 8 & 1) << b;
        }
        out.push_back(v);
      }
      at += (head >> 1) * static_cast<size_t>(width);
    } else {
      uint32_t v = 0;
      for (int b = 0; b < (width + 7) / 8; b++) v |= static_cast<uint32_t>(in[at++]) << (8 * b);
      out.insert(out.end(), head >> 1, v);
    }
  }
  expect(at, in.size(), "bytes read");
  holds(out.size() >= count && out.size() < count + 8, "padding is below a group");
  out.resize(count);
  return out;
}

template <class T>
void roundTrip(const std::vector<T>& values, int width) {
  gp::Bytes out;
  gp::encodeHybrid(values.data(), values.size(), width, out);
  const std::vector<uint32_t> got = decode(out, width, values.size());
  for (size_t i = 0; i < values.size(); i++)
    expect(got[i], static_cast<uint32_t>(values[i]), "value " + std::to_string(i) + " of width " + std::to_string(width));
  holds(out.size() <= values.size() * static_cast<size_t>(width) / 8 + static_cast<size_t>(width) + 16, "no longer than packed");
}

}  // namespace

TEST("every width, with runs of every length, reads back") {
  std::mt19937 random(3);
  for (int width = 1; width <= 32; width++) {
    const uint64_t limit = width == 32 ? UINT32_MAX : (uint64_t{1} << width) - 1;
    for (const size_t count : {0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 5001}) {
      for (int runs = 0; runs < 3; runs++) {
        std::vector<uint32_t> wide;
        while (wide.size() < count) {
          const auto v = static_cast<uint32_t>(random() & limit);
          const size_t n = runs == 0 ? 1 : runs == 1 ? 1 + random() % 40 : 1 + random() % 3000;
          for (size_t i = 0; i < n && wide.size() < count; i++) wide.push_back(v);
        }
        roundTrip(wide, width);
        if (width <= 16) roundTrip(std::vector<uint16_t>(wide.begin(), wide.end()), width);
      }
    }
  }
}

TEST("a constant column is one run") {
  gp::Bytes out;
  const std::vector<uint16_t> values(1000000, 5);
  gp::encodeHybrid(values.data(), values.size(), 3, out);
  holds(out.size() <= 5, "a few bytes");
}

TEST("bit widths") {
  expect(gp::bitWidth(1), 1, "one entry");
  expect(gp::bitWidth(2), 1, "two");
  expect(gp::bitWidth(3), 2, "three");
  expect(gp::bitWidth(256), 8, "256");
  expect(gp::bitWidth(257), 9, "257");
}

TEST("levels appended in pieces of any length read back") {
  std::mt19937 random(5);
  for (int round = 0; round < 200; round++) {
    gp::Levels levels;
    std::vector<uint8_t> wanted;
    while (wanted.size() < 3000) {
      const size_t n = random() % 150;
      if (random() % 2) {
        levels.appendOnes(n);
        wanted.insert(wanted.end(), n, 1);
      } else {
        std::vector<uint8_t> some(n);
        const uint32_t mode = random() % 3;
        for (auto& v : some) v = mode == 0 ? 0 : mode == 1 ? 1 : random() % 2;
        levels.append(some.data(), n);
        wanted.insert(wanted.end(), some.begin(), some.end());
      }
    }
    size_t nulls = 0;
    for (size_t i = 0; i < wanted.size(); i++) {
      expect(levels.at(i), wanted[i] == 1, "level " + std::to_string(i));
      nulls += wanted[i] == 0;
    }
    expect(levels.nulls(), nulls, "nulls");
    const size_t from = random() % 100 * 8;
    size_t ones = 0;
    for (size_t i = from; i < 2500; i++) ones += wanted[i];
    expect(levels.count(from, 2500), ones, "values among some rows");
    gp::Bytes out;
    gp::encodeLevels(levels.bits(), wanted.size(), out);
    const std::vector<uint32_t> got = decode(out, 1, wanted.size());
    for (size_t i = 0; i < wanted.size(); i++) expect(got[i], static_cast<uint32_t>(wanted[i]), "level " + std::to_string(i));
  }
}
