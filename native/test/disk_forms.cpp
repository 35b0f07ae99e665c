// Values as pages hold them: numerics give what they give on the wire, compressed ones decompress or are refused, addresses are written
// as the server writes them.
#include <cstring>
#include <tuple>

#include "lz4.h"
#include "pages/pglz.h"
#include "pages/text.h"
#include "test/support/harness.h"
#include "test/support/heap.h"
#include "test/support/run.h"
#include "types/disk_numeric.h"

using namespace gp;
using namespace gp::test;

namespace {

const uint8_t* bytesOf(const std::string& field) { return reinterpret_cast<const uint8_t*>(field.data()); }

// A numeric of the wire in one of the forms that pages have; short is used where it fits, as the server does.
std::string stored(const std::string& text, bool shortForm) {
  const std::string wire = numeric(text);
  NumericHeader h{};
  const Trouble trouble = numericHeader(bytesOf(wire), static_cast<uint32_t>(wire.size()), h);
  if (trouble != kFine) return little(h.sign, 2);
  std::string out = shortForm ? little(0x8000u | (h.sign ? 0x2000u : 0) | static_cast<uint32_t>(h.scale) << 7 | (h.weight & 0x7F), 2)
                              : little(static_cast<uint32_t>(h.sign | h.scale), 2) + little(static_cast<uint16_t>(h.weight), 2);
  for (int i = 0; i < h.digits; i++) out += little(WireNumeric::digit(h, i), 2);
  return out;
}

std::string pglz(const std::string& in, uint32_t raw) {
  std::string out(raw, '?');
  if (!decompressPglz(bytesOf(in), static_cast<uint32_t>(in.size()), reinterpret_cast<uint8_t*>(out.data()), raw)) return "refused";
  return out;
}

std::string inet(const std::string& bytes) {
  char text[kMostText];
  const int length = inetText(bytesOf(bytes), static_cast<uint32_t>(bytes.size()), text);
  return length < 0 ? "refused" : std::string(text, static_cast<size_t>(length));
}

std::string v6(std::initializer_list<int> groups, int bits) {
  std::string out{3, static_cast<char>(bits)};
  for (const int group : groups) out += big(static_cast<uint64_t>(group), 2);
  return out;
}

}  // namespace

TEST("numerics of both forms give the wire's text, integer and double") {
  for (const char* text :
       {"0", "0.00", "1", "-1", "12.5", "-0.00012345", "9999", "10000", "123456789012345678", "-99999999.99", "0.0000000000000001",
        "1234567890123456789012345678.0123456789", "100000000000000000000", "NaN", "Infinity", "-Infinity"}) {
    for (const bool shortForm : {true, false}) {
      const std::string wire = numeric(text), field = std::string(8, 'x') + stored(text, shortForm);
      const uint8_t* disk = bytesOf(field) + 8;
      const auto length = static_cast<uint32_t>(field.size() - 8);
      NumericHeader a{}, b{};
      const Trouble trouble = numericHeader(bytesOf(wire), static_cast<uint32_t>(wire.size()), a);
      expect(static_cast<int>(DiskNumeric::header(disk, length, b)), static_cast<int>(trouble), text);
      if (trouble != kFine) continue;
      char one[128], other[128];
      const uint32_t written = numericText(a, one);
      expect(std::string(other, numericText<DiskNumeric>(b, other)), std::string(one, written), "text");
      for (const auto& [precision, scale] : {std::pair{9, 2}, std::pair{18, 5}, std::pair{38, 10}}) {
        i128 v = 0, w = 0;
        const Trouble wanted = numericToInt128(bytesOf(wire), static_cast<uint32_t>(wire.size()), precision, scale, v);
        expect(static_cast<int>(numericToInt128<DiskNumeric>(disk, length, precision, scale, w)), static_cast<int>(wanted), text);
        holds(v == w, std::string("integer of ") + text);
        DecimalPlan plan;
        planDecimal(precision, scale, plan);
        int64_t fast;
        if (DiskNumeric::toInt64(disk, length, plan, fast)) {
          holds(wanted == kFine && v == fast, std::string("fast integer of ") + text);
        } else {
          const bool plain = shortForm && length <= 10 && wanted == kFine && precision <= 18;
          holds(!plain, std::string("the fast path takes ") + text);
        }
      }
    }
  }
}

TEST("numerics that end early, or hold a digit above 9999, are malformed") {
  NumericHeader h{};
  for (const std::string& field :
       {std::string(), std::string("\x80"), std::string("\0\0", 2), std::string("\0\x80\1", 3), std::string("\0\xE0", 2)}) {
    expect(static_cast<int>(DiskNumeric::header(bytesOf(field), static_cast<uint32_t>(field.size()), h)), static_cast<int>(kMalformed),
           "header of " + std::to_string(field.size()) + " bytes");
  }
  const std::string field = std::string(8, 'x') + little(0x8000, 2) + little(10000, 2);
  DecimalPlan plan;
  planDecimal(9, 2, plan);
  int64_t out;
  holds(!DiskNumeric::toInt64(bytesOf(field) + 8, 4, plan, out), "10000 is no digit");
  i128 v = 0;
  expect(static_cast<int>(numericToInt128<DiskNumeric>(bytesOf(field) + 8, 4, 9, 2, v)), static_cast<int>(kMalformed), "slow");
}

TEST("pglz: literals, matches that overlap, long ones, and the last cut by the raw size") {
  expect(pglz(std::string("\0abcdefgh", 9), 8), std::string("abcdefgh"), "literals");
  expect(pglz(std::string("\2a\x03\1", 4), 7), std::string("aaaaaaa"), "a match of 6, one byte back");
  expect(pglz(std::string("\2a\x0F\1\5", 5), 24), std::string(24, 'a'), "a match of 18 and 5 more");
  expect(pglz(std::string("\2a\x0F\1\xFF", 5), 20), std::string(20, 'a'), "cut");
  expect(pglz("", 0), std::string(), "nothing");
}

TEST("pglz that reaches before its start, ends early or makes another length is refused") {
  for (const auto& [in, raw] : std::vector<std::pair<std::string, uint32_t>>{{std::string("\1\x03\1", 3), 6},
                                                                             {std::string("\2a\x03\2", 4), 7},
                                                                             {std::string("\2a\x03\0", 4), 7},
                                                                             {std::string("\2a\x03", 3), 7},
                                                                             {std::string("\2a\x0F\1", 4), 20},
                                                                             {std::string("\0abc", 4), 4},
                                                                             {std::string("\0abc", 4), 2},
                                                                             {std::string(), 1}}) {
    expect(pglz(in, raw), std::string("refused"), "stream of " + std::to_string(in.size()) + " to " + std::to_string(raw));
  }
}

TEST("inet and cidr are written as a cast to text writes them") {
  expect(inet({2, 24, '\xC0', '\xA8', 1, 5}), std::string("192.168.1.5/24"), "v4");
  expect(inet({2, 32, 0, 0, 0, 0}), std::string("0.0.0.0/32"), "all bits are shown too");
  expect(inet(v6({0, 0, 0, 0, 0, 0, 0, 0}, 128)), std::string("::/128"), "all zero");
  expect(inet(v6({0, 0, 0, 0, 0, 0, 0, 1}, 128)), std::string("::1/128"), "loopback");
  expect(inet(v6({0, 0, 0, 0, 0, 0xFFFF, 0x0102, 0x0304}, 128)), std::string("::ffff:1.2.3.4/128"), "mapped");
  expect(inet(v6({0, 0, 0, 0, 0, 0, 0x0102, 0x0304}, 96)), std::string("::1.2.3.4/96"), "compatible");
  expect(inet(v6({0x2001, 0, 0, 1, 0, 0, 0, 1}, 64)), std::string("2001:0:0:1::1/64"), "the longest run");
  expect(inet(v6({1, 0, 0, 2, 0, 0, 3, 4}, 128)), std::string("1::2:0:0:3:4/128"), "the first of two");
  expect(inet(v6({1, 0, 2, 3, 4, 5, 6, 7}, 128)), std::string("1:0:2:3:4:5:6:7/128"), "one zero is no run");
  expect(inet(v6({1, 2, 3, 4, 5, 6, 0, 0}, 128)), std::string("1:2:3:4:5:6::/128"), "at the end");
  for (const std::string& bad : {std::string{2, 33, 0, 0, 0, 0}, std::string{4, 8, 0, 0, 0, 0}, std::string{2, 8, 0}, std::string{2}})
    expect(inet(bad), std::string("refused"), "no address");
}

TEST("macaddr and pg_lsn") {
  char text[kMostText];
  const std::string mac{8, 0, 0x2B, 1, 2, '\xFF'};
  expect(std::string(text, static_cast<size_t>(macaddrText(bytesOf(mac), 6, text))), std::string("08:00:2b:01:02:ff"), "macaddr");
  expect(std::string(text, static_cast<size_t>(lsnText(bytesOf(little(0x16B374D848, 8)), text))), std::string("16/B374D848"), "lsn");
  expect(std::string(text, static_cast<size_t>(lsnText(bytesOf(little(0, 8)), text))), std::string("0/0"), "no lsn");
}
