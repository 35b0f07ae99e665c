// The checksum of pages: by multiplication and by tables, at every length and alignment.
#include "cpu/encode/crc.h"

#include <random>
#include <vector>

#include "test/support/harness.h"

using namespace gp::test;

TEST("the checksum of the check string is the catalogue's") {
  const auto* digits = reinterpret_cast<const uint8_t*>("123456789");
  expect(gp::crc32(digits, 9), 0xCBF43926u, "CRC-32 of 123456789");
  expect(gp::crc32ByTables(digits, 9), 0xCBF43926u, "by tables");
  expect(gp::crc32(digits, 0), 0u, "of nothing");
}

TEST("both ways agree at every length and alignment") {
  std::mt19937 random(3);
  std::vector<uint8_t> bytes(4096 + 64);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random());
  for (size_t length = 0; length < 600; length++) {
    for (const size_t at : {0, 1, 7, 13}) {
      expect(gp::crc32(bytes.data() + at, length), gp::crc32ByTables(bytes.data() + at, length), "length " + std::to_string(length));
    }
  }
  for (const size_t length : {1023, 1024, 1025, 4095, 4096, 4097})
    expect(gp::crc32(bytes.data() + 3, length), gp::crc32ByTables(bytes.data() + 3, length), "length " + std::to_string(length));
}
