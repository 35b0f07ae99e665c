// EWKB in, ISO WKB out: dimensions, nesting, both byte orders, SRIDs, and what no PostGIS sends.
#include <cstring>

#include "test/support/harness.h"
#include "test/support/run.h"
#include "types/wkb.h"

using namespace gp::test;

namespace {

constexpr uint32_t kZ = 0x80000000, kM = 0x40000000, kSrid = 0x20000000;

std::string word(uint32_t v, bool little = true) {
  std::string s = big(v, 4);
  if (little) s = std::string(s.rbegin(), s.rend());
  return s;
}
std::string head(uint32_t type, bool little = true) { return std::string(1, little ? 1 : 0) + word(type, little); }
std::string coordinates(int count) {
  std::string s;
  for (int i = 0; i < count; i++) {
    const double v = 1.5 * i - 2;
    s.append(reinterpret_cast<const char*>(&v), 8);
  }
  return s;
}

gp_column geometry(int srid = 0) { return column(GP_GEOMETRY, false, srid); }
void becomes(const std::string& ewkb, const std::string& wkb, int srid = 0) {
  const Field field = one(geometry(srid), ewkb);
  holds(field.has_value() && *field == wkb, "ISO WKB of " + std::to_string(ewkb.size()) + " bytes");
}
void malformed(const std::string& ewkb) {
  const gp_status status = refused(geometry(), ewkb);
  expect(status.code, static_cast<int32_t>(GP_PROTOCOL), "code");
  contains(status.message, "is malformed");
}

}  // namespace

TEST("points in two, three and four dimensions, with and without an SRID") {
  for (const bool little : {true, false}) {
    for (const int srid : {0, 4326}) {
      const auto ewkb = [&](uint32_t flags, int n) {
        return head(1 | flags | (srid != 0 ? kSrid : 0), little) + (srid != 0 ? word(4326, little) : "") + coordinates(n);
      };
      becomes(ewkb(0, 2), head(1, little) + coordinates(2), srid);
      becomes(ewkb(kZ, 3), head(1001, little) + coordinates(3), srid);
      becomes(ewkb(kM, 3), head(2001, little) + coordinates(3), srid);
      becomes(ewkb(kZ | kM, 4), head(3001, little) + coordinates(4), srid);
    }
  }
}
TEST("lines, polygons and triangles keep their points") {
  becomes(head(2 | kZ) + word(3) + coordinates(9), head(1002) + word(3) + coordinates(9));
  becomes(head(8 | kM) + word(3) + coordinates(9), head(2008) + word(3) + coordinates(9));
  becomes(head(3) + word(2) + word(4) + coordinates(8) + word(4) + coordinates(8),
          head(3) + word(2) + word(4) + coordinates(8) + word(4) + coordinates(8));
  becomes(head(17 | kZ) + word(1) + word(4) + coordinates(12), head(1017) + word(1) + word(4) + coordinates(12));
  for (const uint32_t type : {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17})
    becomes(head(type | kZ) + word(0), head(1000 + type) + word(0));
}
TEST("what lies in collections is rewritten at every level, whatever its byte order") {
  const auto inner = [](bool iso) {
    const auto at = [&](uint32_t type, bool little = true) { return head(iso ? type + 1000 : type | kZ, little); };
    return at(7) + word(3) + at(1) + coordinates(3) + at(4) + word(2) + at(1) + coordinates(3) + at(1) + coordinates(3) + at(6, false) +
           word(1, false) + at(3, false) + word(1, false) + word(4, false) + coordinates(12);
  };
  becomes(head(7 | kZ | kSrid) + word(3857) + word(2) + inner(false) + head(2 | kZ) + word(0),
          head(1007) + word(2) + inner(true) + head(1002) + word(0), 3857);
}
TEST("an SRID other than the column's is refused, in every direction") {
  contains(refused(geometry(4326), head(1) + coordinates(2)).message, "a geometry with SRID 0 among those with SRID 4326");
  contains(refused(geometry(), head(1 | kSrid) + word(3857) + coordinates(2)).message, "SRID 3857 among those with SRID 0");
  expect(refused(geometry(4326), head(1) + coordinates(2)).code, static_cast<int32_t>(GP_VALUE), "code");
  expect(refused(geometry(4326), head(1) + coordinates(2)).reason, static_cast<int32_t>(GP_REASON_SRID), "reason");
}
TEST("a type that is not known is named") {
  const gp_status status = refused(geometry(), head(21 | kZ) + word(0));
  contains(status.message, "geometry type 21 is not known");
  expect(status.reason, static_cast<int32_t>(GP_REASON_GEOMETRY), "reason");
  expect(status.detail, 21, "detail");
  contains(refused(geometry(), head(7) + word(1) + head(1001) + coordinates(3)).message, "geometry type 1001");
}
TEST("what no PostGIS sends is malformed, and read no further than its end") {
  malformed("");
  malformed(std::string(4, 1));
  malformed("\2" + word(1) + coordinates(2));
  malformed(head(1 | kSrid) + "ab");
  malformed(head(1) + coordinates(1));
  malformed(head(1) + coordinates(3));
  malformed(head(2) + word(UINT32_MAX) + coordinates(2));
  malformed(head(3) + word(2) + word(1) + coordinates(2));
  malformed(head(7) + word(UINT32_MAX));
  malformed(head(7) + word(1) + head(1 | kSrid) + word(4326) + coordinates(2));
  std::string deep;
  for (int i = 0; i < 100000; i++) deep += head(7) + word(1);
  malformed(deep);
}
TEST("NULLs and dictionaries pass by") {
  const std::string point = head(1) + coordinates(2);
  std::vector<Row> rows;
  for (int i = 0; i < 3000; i++) rows.push_back({i % 3 == 0 ? Field() : Field(point)});
  const File file = readBack({geometry()}, rows);
  for (size_t i = 0; i < rows.size(); i++) holds(file.columns[0].values[i] == rows[i][0], "row " + std::to_string(i));
}
TEST("a walk that has room for fewer levels says so, and takes what it has room for") {
  const auto deep = [](int levels) {
    std::string s;
    for (int i = 0; i < levels; i++) s += head(7, false) + word(1, false);
    return s + head(1) + coordinates(2);
  };
  const auto walked = [](const std::string& ewkb) {
    int words = 0;
    const auto result = gp::walkEwkb<4>(reinterpret_cast<const uint8_t*>(ewkb.data()), static_cast<uint32_t>(ewkb.size()),
                                        [&](uint32_t, uint32_t, bool) { words++; });
    if (result.trouble == gp::Wkb::kFine) expect(result.bytes, ewkb.size(), "bytes");
    return std::make_pair(result.trouble, words);
  };
  holds(walked(deep(3)) == std::make_pair(gp::Wkb::kFine, 4), "three collections and a point");
  holds(walked(deep(4)).first == gp::Wkb::kTooDeep, "four collections");
  holds(walked(head(7) + word(0)) == std::make_pair(gp::Wkb::kFine, 1), "an empty collection");
  becomes(deep(199), deep(199));
  malformed(deep(200));
}
