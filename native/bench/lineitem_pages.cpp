#include "bench/lineitem_pages.h"

#include <cstring>

#include "pages/page.h"
#include "types/numeric.h"

namespace gp::bench {
namespace {

constexpr uint32_t kTupleData = 24;

// As COPY sends the columns: which are integers of 8 and 4 bytes, numerics, texts.
enum Shape : uint8_t { kInt8, kInt4, kNumeric, kText };
constexpr Shape kShapes[16] = {kInt8, kInt4, kInt4, kInt4, kNumeric, kNumeric, kNumeric, kNumeric,
                               kText, kText, kInt4, kInt4, kInt4,    kText,    kText,    kText};

class TupleWriter {
 public:
  std::vector<uint8_t> bytes;

  void begin() {
    bytes.assign(kTupleData, 0);
    const uint16_t attributes = 16, mask = 0x0902;  // varlenas, xmin committed, xmax invalid
    std::memcpy(bytes.data(), "\x03\0\0\0", 4);
    std::memcpy(bytes.data() + 18, &attributes, 2);
    std::memcpy(bytes.data() + 20, &mask, 2);
    bytes[22] = kTupleData;
  }
  void integer(const uint8_t* p, size_t width) {
    bytes.resize((bytes.size() + width - 1) / width * width);
    for (size_t i = width; i-- > 0;) bytes.push_back(p[i]);
  }
  void text(const uint8_t* p, size_t length) {  // of less than 126 bytes
    bytes.push_back(static_cast<uint8_t>((length + 1) << 1 | 1));
    bytes.insert(bytes.end(), p, p + length);
  }
  void numeric(const uint8_t* p, uint32_t length) {
    NumericHeader h{};
    numericHeader(p, length, h);
    std::vector<uint8_t> out;
    const auto put = [&](uint32_t v) { out.insert(out.end(), {static_cast<uint8_t>(v), static_cast<uint8_t>(v >> 8)}); };
    put(0x8000u | (h.sign ? 0x2000u : 0) | static_cast<uint32_t>(h.scale) << 7 | (static_cast<uint32_t>(h.weight) & 0x7F));
    for (int i = 0; i < h.digits; i++) put(WireNumeric::digit(h, i));
    text(out.data(), out.size());
  }
};

class PageWriter {
 public:
  std::vector<uint8_t> bytes;

  void add(const std::vector<uint8_t>& tuple) {
    const size_t aligned = (tuple.size() + 7) / 8 * 8;
    if (bytes.empty() || upper_ < lower_ + 4 + aligned) begin();
    upper_ -= aligned;
    uint8_t* page = bytes.data() + bytes.size() - kPageBytes;
    std::memcpy(page + upper_, tuple.data(), tuple.size());
    const auto item = static_cast<uint32_t>(upper_ | 1u << 15 | tuple.size() << 17);
    std::memcpy(page + lower_, &item, 4);
    lower_ += 4;
  }
  void end() {
    if (bytes.empty()) return;
    uint8_t* page = bytes.data() + bytes.size() - kPageBytes;
    const uint16_t head[] = {kAllVisible, static_cast<uint16_t>(lower_), static_cast<uint16_t>(upper_), kPageBytes, kPageBytes | 4};
    std::memcpy(page + 10, head, sizeof head);
    const uint16_t sum = pageChecksum(page, static_cast<uint32_t>(bytes.size() / kPageBytes - 1));
    std::memcpy(page + 8, &sum, 2);
  }

 private:
  void begin() {
    end();
    bytes.resize(bytes.size() + kPageBytes);
    lower_ = kPageHead;
    upper_ = kPageBytes;
  }
  size_t lower_ = 0, upper_ = 0;
};

}  // namespace

std::vector<gp_attribute> lineitemAttributes() {
  std::vector<gp_attribute> out;
  for (int32_t c = 0; c < 16; c++) {
    gp_attribute a{};
    a.length = kShapes[c] == kInt8 ? 8 : kShapes[c] == kInt4 ? 4 : -1;
    a.align = kShapes[c] == kInt8 ? 8 : 4;
    a.column = c;
    a.missing_bytes = -1;
    out.push_back(a);
  }
  return out;
}

std::vector<uint8_t> pagesOf(const std::vector<Slot>& slots) {
  PageWriter pages;
  TupleWriter tuple;
  bool first = true;
  for (const Slot& slot : slots) {
    for (size_t at = 0; at < slot.size(); at += 1 + load32(slot.data() + at + 1)) {
      const uint8_t* field = slot.data() + at + 5 + (first ? 19 : 0) + 2;
      first = false;
      tuple.begin();
      for (const Shape shape : kShapes) {
        const uint32_t length = load32(field);
        field += 4;
        if (shape == kNumeric) tuple.numeric(field, length);
        else if (shape == kText) tuple.text(field, length);
        else tuple.integer(field, length);
        field += length;
      }
      pages.add(tuple.bytes);
    }
  }
  pages.end();
  return std::move(pages.bytes);
}

}  // namespace gp::bench
