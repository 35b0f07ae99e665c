// How hard zstd searches: that every effort's bytes read back, that a chunk gets the one it is worth, and that a level that was
// asked for is followed.
#include "cpu/encode/effort.h"

#include <memory>
#include <random>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

using gp::Effort;

std::string noise(size_t length, uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::string out(length, 0);
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

// 8 bytes each, of which the two or three that come first are random.
std::string prices(size_t count) {
  std::mt19937 random(2);
  std::string out;
  for (size_t i = 0; i < count; i++) {
    const uint64_t v = (1 + random() % 50) * (90000 + random() % 110000);
    out.append(reinterpret_cast<const char*>(&v), 8);
  }
  return out;
}

// Sentences of few words.
std::string sentences(size_t length) {
  const char* const words[] = {"order", "customer", "late", "delivery", "the", "was", "returned", "and", "paid", "by", "card", "account"};
  std::mt19937 random(3);
  std::string out;
  while (out.size() < length) out += words[random() % 12] + std::string(" ");
  return out;
}

size_t compressed(Effort effort, int level, const std::string& page) {
  gp::Compressor compressor;
  gp::Bytes out;
  return compressor.compress(GP_ZSTD, effort, level, reinterpret_cast<const uint8_t*>(page.data()), page.size(), out);
}

Effort chosen(const std::string& page) {
  const auto work = std::make_unique<gp::Work>();
  return gp::chooseEffort(*work, reinterpret_cast<const uint8_t*>(page.data()), page.size());
}

std::string named(Effort effort) { return "effort " + std::to_string(static_cast<int>(effort)); }

// `rows` texts, made by one function of the row's number.
template <class F>
std::vector<Row> textRows(size_t rows, F&& text) {
  std::vector<Row> out;
  for (size_t i = 0; i < rows; i++) out.push_back({Field(text(i))});
  return out;
}

size_t imageBytes(const std::vector<Row>& rows, int level) {
  Options options;
  options.codec = GP_ZSTD;
  options.level = level;
  const Outcome outcome = convert({column(GP_TEXT, true)}, copyStream(rows), options);
  expect(outcome.code, static_cast<int>(GP_OK), "the conversion");
  return outcome.image.size();
}

}  // namespace

TEST("every effort's pages read back, one after the other on one thread") {
  gp::Compressor compressor;
  for (const size_t length : {0, 1, 7, 511, 512, 513, 65535, 65536, 65537, 262145, (1 << 20) + 1, (3 << 20) + 5}) {
    for (const std::string& page : {noise(length), sentences(length).substr(0, length), std::string(length, 'x')}) {
      for (int i = 0; i <= static_cast<int>(Effort::kLevel); i++) {
        const auto effort = static_cast<Effort>(i);
        gp::Bytes out, back;
        out.append("head", 4);
        const size_t written = compressor.compress(GP_ZSTD, effort, 1 + static_cast<int>(length % 5),
                                                   reinterpret_cast<const uint8_t*>(page.data()), page.size(), out);
        expect(out.size(), written + 4, "bytes appended");
        holds(gp::decompress(GP_ZSTD, out.data() + 4, written, back.room(length + 1), length), named(effort) + " decompresses");
        holds(std::string(reinterpret_cast<const char*>(back.data()), length) == page, named(effort) + " gives the page");
      }
    }
  }
}

TEST("what holds no repetitions is not searched, text of few words is searched deeply") {
  expect(named(chosen(noise(1 << 20))), named(Effort::kLiterals), "noise");
  expect(named(chosen(prices(100000))), named(Effort::kSkim), "prices");
  expect(named(chosen(sentences(1 << 20))), named(Effort::kDeep), "sentences");
}

TEST("a chosen effort's page is no more than 2 % larger than level 3's") {
  std::string keys, mixed = sentences(1 << 19);
  for (uint64_t i = 0; i < 100000; i++) keys.append(reinterpret_cast<const char*>(&i), 8);
  for (size_t at = 40; at < mixed.size(); at += 100) mixed.replace(at, 20, noise(20, static_cast<uint32_t>(at)));
  for (const std::string& page :
       {noise(1 << 20), prices(100000), sentences(1 << 20), keys, mixed, std::string(1 << 20, 0), std::string()}) {
    const size_t asLevel3 = compressed(Effort::kLevel, 3, page), ours = compressed(chosen(page), 0, page);
    holds(ours <= asLevel3 + asLevel3 / 50 + 16, std::to_string(ours) + " bytes where level 3 has " + std::to_string(asLevel3));
  }
}

TEST("the choice depends on the page alone, not on what the thread did before") {
  const auto work = std::make_unique<gp::Work>();
  const std::string pages[] = {sentences(300000), noise(70000), prices(50000), std::string(40, 'x')};
  for (int round = 0; round < 3; round++) {
    for (const std::string& page : pages) {
      const Effort effort = gp::chooseEffort(*work, reinterpret_cast<const uint8_t*>(page.data()), page.size());
      expect(named(effort), named(chosen(page)), "a page of " + std::to_string(page.size()) + " bytes");
    }
  }
}

TEST("a level that was asked for is followed, whatever the column is worth") {
  const std::string all = sentences(3 << 20);
  const std::vector<Row> rows = textRows(30000, [&](size_t i) { return all.substr(i * 97, 60 + i % 50); });
  const size_t first = imageBytes(rows, 1), own = imageBytes(rows, 0), last = imageBytes(rows, 19);
  holds(last < own && own < first, std::to_string(last) + " < " + std::to_string(own) + " < " + std::to_string(first));
}
