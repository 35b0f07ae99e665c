#include "test/support/reader.h"

#include <algorithm>
#include <cstring>

#include "cpu/encode/codec.h"
#include "cpu/encode/crc.h"
#include "parquet/bounds.h"
#include "test/support/harness.h"
#include "test/support/values.h"

namespace gp::test {
namespace {

class Input {
 public:
  Input(const std::string& bytes, size_t at, size_t end) : bytes_(bytes), at_(at), end_(end) {
    holds(at <= end && end <= bytes.size(), "a structure lies inside the file");
  }
  size_t position() const { return at_; }
  uint8_t byte() {
    holds(at_ < end_, "a structure does not run past its end");
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  uint64_t varint() {
    uint64_t v = 0;
    for (int shift = 0;; shift += 7) {
      const uint8_t b = byte();
      v |= static_cast<uint64_t>(b & 0x7F) << shift;
      if (b < 0x80) return v;
    }
  }
  int64_t zigzag() {
    const uint64_t v = varint();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  std::string take(size_t n) {
    holds(n <= end_ - at_, "bytes do not run past their end");
    at_ += n;
    return bytes_.substr(at_ - n, n);
  }
  template <class F>
  auto decode(F&& decoder) {
    return decoder(bytes_, at_);
  }
  Thing value(int type) {
    Thing out;
    switch (type) {
      case 1: out.number = 1; break;
      case 2: break;
      case 3: out.number = static_cast<int8_t>(byte()); break;
      case 4:
      case 5:
      case 6: out.number = zigzag(); break;
      case 8: out.bytes = take(varint()); break;
      case 9: {
        const uint8_t head = byte();
        const size_t count = head >> 4 == 15 ? varint() : head >> 4;
        for (size_t i = 0; i < count; i++) {
          if ((head & 15) <= 2) {
            out.list.push_back({});
            out.list.back().number = byte() == 1;
          } else {
            out.list.push_back(value(head & 15));
          }
        }
        break;
      }
      case 12: {
        int id = 0;
        while (const uint8_t head = byte()) {
          id = head >> 4 != 0 ? id + (head >> 4) : static_cast<int>(zigzag());
          out.fields[id] = value(head & 15);
        }
        break;
      }
      default: throw Failed("Thrift type " + std::to_string(type));
    }
    return out;
  }

 private:
  const std::string& bytes_;
  size_t at_, end_;
};

std::vector<uint32_t> hybrid(Input& in, int width, size_t count) {
  std::vector<uint32_t> out;
  while (out.size() < count) {
    const uint64_t head = in.varint();
    if (head & 1) {
      const std::string packed = in.take((head >> 1) * static_cast<size_t>(width));
      for (size_t i = 0; i < (head >> 1) * 8; i++) {
        uint32_t v = 0;
        for (int b = 0; b < width; b++) {
          const size_t bit = i * static_cast<size_t>(width) + static_cast<size_t>(b);
          v |= static_cast<uint32_t>(static_cast<uint8_t>(packed[bit / 8]) >> bit % 8 & 1) << b;
        }
        if (out.size() < count) out.push_back(v);
      }
    } else {
      uint32_t v = 0;
      for (int b = 0; b < (width + 7) / 8; b++) v |= static_cast<uint32_t>(in.byte()) << (8 * b);
      holds((head >> 1) > 0 && out.size() + (head >> 1) <= count, "a run stays within its page");
      out.insert(out.end(), head >> 1, v);
    }
  }
  return out;
}

struct Leaf {
  std::string path;
  int physical = 0;
  int maxDefinition = 0;
  int maxRepetition = 0;
  Order order = Order::kBytes;
};

Order orderOf(const Thing& element) {
  const int64_t physical = element.at(1).number;
  if (physical == 0) return Order::kBoolean;
  if (physical == 4) return Order::kFloat;
  if (physical == 5) return Order::kDouble;
  if (physical == 2) return Order::kInt64;
  if (physical == 7) return element.has(7) ? Order::kSignedBytes : Order::kBytes;
  if (physical == 6) return Order::kBytes;
  const bool isUnsigned = element.has(10) && element.at(10).has(10) && element.at(10).at(10).at(2).number == 0;
  return isUnsigned ? Order::kUint32 : Order::kInt32;
}

std::vector<Leaf> leavesOf(const Thing& footer) {
  std::vector<Leaf> out;
  const std::vector<Thing>& elements = footer.at(2).list;
  size_t next = 1;
  const auto take = [&](const auto& self, const std::string& above, int definition, int repetition) -> void {
    const Thing& e = elements.at(next++);
    const std::string path = above.empty() ? e.at(4).bytes : above + "." + e.at(4).bytes;
    definition += e.at(3).number != 0;
    repetition += e.at(3).number == 2;
    if (!e.has(5)) {
      out.push_back({path, static_cast<int>(e.at(1).number), definition, repetition, orderOf(e)});
      return;
    }
    for (int64_t m = e.at(5).number; m > 0; m--) self(self, path, definition, repetition);
  };
  while (next < elements.size()) take(take, "", 0, 0);
  return out;
}

int bitsFor(int most) {
  int bits = 0;
  while (most >> bits != 0) bits++;
  return bits;
}

// A section of levels as a V1 page begins with it.
std::vector<uint32_t> levelsOf(Input& in, int most, size_t count) {
  if (most == 0) return std::vector<uint32_t>(count, 0);
  const std::string four = in.take(4);
  uint32_t length;
  std::memcpy(&length, four.data(), 4);
  const size_t from = in.position();
  std::vector<uint32_t> levels = hybrid(in, bitsFor(most), count);
  expect(in.position() - from, static_cast<size_t>(length), "length of the levels");
  for (const uint32_t level : levels) holds(level <= static_cast<uint32_t>(most), "no level is above the highest");
  return levels;
}

void checkHistogram(const std::vector<Thing>& histogram, size_t at, int most, const std::vector<uint32_t>& levels, size_t from, size_t to) {
  std::vector<int64_t> wanted(static_cast<size_t>(most) + 1);
  for (size_t i = from; i < to; i++) wanted[levels[i]]++;
  for (size_t i = 0; i < wanted.size(); i++) expect(histogram.at(at + i).number, wanted[i], "level histogram");
}

std::vector<std::string> plainValues(Input& in, int physical, size_t count) {
  std::vector<std::string> out;
  if (physical == 0) {
    const std::string bits = in.take((count + 7) / 8);
    for (size_t i = 0; i < count; i++) out.push_back(std::string(1, static_cast<char>(static_cast<uint8_t>(bits[i / 8]) >> i % 8 & 1)));
    return out;
  }
  constexpr size_t widths[] = {0, 4, 8, 12, 4, 8, 0, 16};
  for (size_t i = 0; i < count; i++) {
    size_t length = widths[physical];
    if (physical == 6) {
      const std::string four = in.take(4);
      uint32_t v;
      std::memcpy(&v, four.data(), 4);
      length = v;
    }
    out.push_back(in.take(length));
  }
  return out;
}

std::vector<std::string> pageValues(Input& in, int encoding, int physical, size_t count) {
  if (encoding == 0) return plainValues(in, physical, count);
  const size_t width = physical == 1 || physical == 4 ? 4 : 8;
  return in.decode([&](const std::string& page, size_t& at) {
    switch (encoding) {
      case 5: return deltaValues(page, at, width, count);
      case 6: return deltaLengthValues(page, at, count);
      case 7: return deltaBytesValues(page, at, count);
      case 9: return splitValues(page, at, width, count);
      default: throw Failed("encoding " + std::to_string(encoding));
    }
  });
}

bool isNaN(const std::string& v, Order order) {
  if (order == Order::kFloat) {
    float f;
    std::memcpy(&f, v.data(), 4);
    return f != f;
  }
  if (order == Order::kDouble) {
    double f;
    std::memcpy(&f, v.data(), 8);
    return f != f;
  }
  return false;
}

using Values = std::vector<std::optional<std::string>>;

// min and max bound the values [from, to); exact ones are among them.
void checkBounds(const Values& values, size_t from, size_t to, const std::string& min, const std::string& max, Order order, bool exact) {
  bool minSeen = false, maxSeen = false;
  for (size_t i = from; i < to; i++) {
    if (!values[i]) continue;
    holds(!isNaN(*values[i], order), "no bounds beside a NaN");
    const int low = compareBounds(*values[i], min, order), high = compareBounds(*values[i], max, order);
    holds(low >= 0, "no value is below its minimum");
    holds(high <= 0, "no value is above its maximum");
    minSeen = minSeen || low == 0;
    maxSeen = maxSeen || high == 0;
  }
  if (exact) holds(minSeen && maxSeen, "exact bounds are values");
}

ColumnRead readColumn(const std::string& image, const Thing& chunk, const Leaf& leaf, size_t rows) {
  ColumnRead out;
  out.path = leaf.path;
  const Thing& meta = chunk.at(3);
  out.metadata = meta;
  out.codec = static_cast<int>(meta.at(4).number);
  const int codec = out.codec == 0 ? GP_NONE : out.codec == 1 ? GP_SNAPPY : out.codec == 6 ? GP_ZSTD : GP_LZ4_RAW;
  out.dictionary = meta.has(11);
  std::string path;
  for (const Thing& part : meta.at(3).list) path += (path.empty() ? "" : ".") + part.bytes;
  expect(path, leaf.path, "path_in_schema");
  expect(meta.at(1).number, leaf.physical, "physical type");

  size_t at = static_cast<size_t>(out.dictionary ? meta.at(11).number : meta.at(9).number);
  const size_t end = at + static_cast<size_t>(meta.at(7).number);
  size_t plainTotal = 0, dataPages = 0, nullTotal = 0, rowsSeen = 0;
  std::vector<std::string> entries;
  struct Page {
    size_t offset, bytes, first, firstRow, nulls;
  };
  std::vector<Page> pages;
  while (at < end) {
    Input header(image, at, end);
    const Thing page = header.value(12);
    const auto plainBytes = static_cast<size_t>(page.at(2).number), stored = static_cast<size_t>(page.at(3).number);
    std::string body = header.take(stored);
    expect(static_cast<uint32_t>(page.at(4).number), crc32ByTables(reinterpret_cast<const uint8_t*>(body.data()), stored),
           "checksum of a page");
    if (codec != GP_NONE) {
      std::string plain(plainBytes, 0);
      holds(decompress(codec, reinterpret_cast<const uint8_t*>(body.data()), stored, reinterpret_cast<uint8_t*>(plain.data()), plainBytes),
            "a page decompresses");
      body = plain;
    }
    expect(body.size(), plainBytes, "uncompressed_page_size");
    plainTotal += header.position() - stored - at + plainBytes;
    Input in(body, 0, body.size());
    if (page.at(1).number == 2) {
      holds(out.dictionary && pages.empty(), "one dictionary page, in front");
      expect(static_cast<int64_t>(at), meta.at(11).number, "dictionary_page_offset");
      entries = plainValues(in, leaf.physical, static_cast<size_t>(page.at(7).at(1).number));
    } else {
      const Thing& data = page.at(5);
      const auto count = static_cast<size_t>(data.at(1).number);
      if (pages.empty()) expect(static_cast<int64_t>(at), meta.at(9).number, "data_page_offset");
      const std::vector<uint32_t> repetitions = levelsOf(in, leaf.maxRepetition, count);
      const std::vector<uint32_t> levels = levelsOf(in, leaf.maxDefinition, count);
      const auto highest = static_cast<uint32_t>(leaf.maxDefinition);
      size_t held = 0;
      for (const uint32_t level : levels) held += level == highest;
      std::vector<std::string> values;
      if (data.at(2).number == 8) {
        holds(out.dictionary, "indices need a dictionary");
        const int width = in.byte();
        holds(width >= 1 && width <= 32, "the bit width is 1 to 32");
        for (const uint32_t index : hybrid(in, width, held)) values.push_back(entries.at(index));
      } else {
        holds(!out.dictionary, "no page of values behind a dictionary");
        values = pageValues(in, static_cast<int>(data.at(2).number), leaf.physical, held);
      }
      holds(pages.empty() || data.at(2).number == out.encoding, "all data pages have one encoding");
      out.encoding = static_cast<int>(data.at(2).number);
      expect(in.position(), body.size(), "bytes of a page");
      holds(count > 0 && repetitions[0] == 0, "a page begins where a row does");
      pages.push_back({at, header.position() - at, out.values.size(), rowsSeen, count - held});
      for (const uint32_t repetition : repetitions) rowsSeen += repetition == 0;
      out.definitions.insert(out.definitions.end(), levels.begin(), levels.end());
      out.repetitions.insert(out.repetitions.end(), repetitions.begin(), repetitions.end());
      nullTotal += count - held;
      size_t next = 0;
      for (const uint32_t level : levels) {
        if (level == highest) {
          out.values.push_back(values[next++]);
        } else {
          out.values.push_back(std::nullopt);
        }
      }
      out.pageBytes.push_back(body.size());
      dataPages++;
    }
    at = header.position();
  }
  expect(at, end, "total_compressed_size");
  expect(static_cast<int64_t>(plainTotal) - meta.at(6).number < 64, true, "total_uncompressed_size");
  expect(rowsSeen, rows, "rows of the chunk");
  const size_t values = out.values.size();
  expect(meta.at(5).number, static_cast<int64_t>(values), "num_values");
  out.pages = dataPages;

  out.statistics = meta.at(12);
  expect(out.statistics.at(3).number, static_cast<int64_t>(nullTotal), "null_count");
  if (out.statistics.has(5)) {
    checkBounds(out.values, 0, values, out.statistics.at(6).bytes, out.statistics.at(5).bytes, leaf.order,
                out.statistics.at(7).number && out.statistics.at(8).number);
  } else {
    const auto some = [&](auto&& is) { return std::any_of(out.values.begin(), out.values.end(), is); };
    const bool nan = some([&](const auto& v) { return v && isNaN(*v, leaf.order); });
    holds(leaf.physical == 6 || nan || !some([](const auto& v) { return v.has_value(); }), "bounds are missing only where there are none");
  }
  const std::vector<Thing>& encodings = meta.at(13).list;
  expect(encodings.back().at(3).number, static_cast<int64_t>(dataPages), "data pages in encoding_stats");
  expect(encodings.back().at(2).number, static_cast<int64_t>(out.encoding), "their encoding in encoding_stats");
  const std::vector<Thing>& named = meta.at(2).list;
  holds(std::any_of(named.begin(), named.end(), [&](const Thing& e) { return e.number == out.encoding; }),
        "the data pages' encoding is among the chunk's");
  int64_t textBytes = 0;
  for (const auto& v : out.values) textBytes += v ? static_cast<int64_t>(v->size()) : 0;
  if (leaf.physical == 6) expect(meta.at(16).at(1).number, textBytes, "unencoded_byte_array_data_bytes");
  if (leaf.maxDefinition > 0) checkHistogram(meta.at(16).at(3).list, 0, leaf.maxDefinition, out.definitions, 0, values);
  if (leaf.maxRepetition > 0) checkHistogram(meta.at(16).at(2).list, 0, leaf.maxRepetition, out.repetitions, 0, values);

  const auto offsetAt = static_cast<size_t>(chunk.at(4).number);
  Input offsets(image, offsetAt, offsetAt + static_cast<size_t>(chunk.at(5).number));
  const Thing offsetIndex = offsets.value(12);
  expect(offsetIndex.at(1).list.size(), pages.size(), "pages in the offset index");
  for (size_t i = 0; i < pages.size(); i++) {
    const Thing& place = offsetIndex.at(1).list[i];
    expect(place.at(1).number, static_cast<int64_t>(pages[i].offset), "page offset");
    expect(place.at(2).number, static_cast<int64_t>(pages[i].bytes), "page size");
    expect(place.at(3).number, static_cast<int64_t>(pages[i].firstRow), "first row");
  }
  out.columnIndex = chunk.has(6);
  if (!out.columnIndex) return out;
  const auto columnAt = static_cast<size_t>(chunk.at(6).number);
  Input columns(image, columnAt, columnAt + static_cast<size_t>(chunk.at(7).number));
  const Thing index = columns.value(12);
  expect(index.at(1).list.size(), pages.size(), "pages in the column index");
  const Thing* before = nullptr;
  for (size_t i = 0; i < pages.size(); i++) {
    const size_t first = pages[i].first, to = i + 1 < pages.size() ? pages[i + 1].first : values;
    const bool allNull = pages[i].nulls == to - first;
    expect(index.at(1).list[i].number, static_cast<int64_t>(allNull), "null_pages");
    expect(index.at(5).list[i].number, static_cast<int64_t>(pages[i].nulls), "null_counts");
    const auto histogram = [&](int id, int most, const std::vector<uint32_t>& levels) {
      if (most == 0) return;
      expect(index.at(id).list.size(), pages.size() * static_cast<size_t>(most + 1), "level histograms of the pages");
      checkHistogram(index.at(id).list, i * static_cast<size_t>(most + 1), most, levels, first, to);
    };
    histogram(6, leaf.maxRepetition, out.repetitions);
    histogram(7, leaf.maxDefinition, out.definitions);
    if (allNull) continue;
    checkBounds(out.values, first, to, index.at(2).list[i].bytes, index.at(3).list[i].bytes, leaf.order, false);
    if (before != nullptr && index.at(4).number == 1)
      holds(compareBounds(before->bytes, index.at(2).list[i].bytes, leaf.order) <= 0, "ascending pages ascend");
    if (before != nullptr && index.at(4).number == 2)
      holds(compareBounds(before->bytes, index.at(2).list[i].bytes, leaf.order) >= 0, "descending pages descend");
    before = &index.at(2).list[i];
  }
  return out;
}

}  // namespace

File readFile(const std::string& image) {
  holds(image.size() >= 12 && image.compare(0, 4, "PAR1") == 0 && image.compare(image.size() - 4, 4, "PAR1") == 0,
        "the magic numbers are there");
  uint32_t length;
  std::memcpy(&length, image.data() + image.size() - 8, 4);
  holds(length <= image.size() - 12, "the footer's length fits");
  Input in(image, image.size() - 8 - length, image.size() - 8);
  File file;
  file.footer = in.value(12);
  expect(in.position(), image.size() - 8, "bytes of the footer");
  file.rows = file.footer.at(3).number;
  const std::vector<Leaf> leaves = leavesOf(file.footer);
  expect(file.footer.at(7).list.size(), leaves.size(), "column orders");
  if (file.footer.at(4).list.empty()) {
    expect(file.rows, 0, "rows without a row group");
    return file;
  }
  const Thing& group = file.footer.at(4).list.at(0);
  expect(group.at(3).number, file.rows, "rows of the row group");
  expect(group.at(1).list.size(), leaves.size(), "chunks of the row group");
  for (size_t i = 0; i < leaves.size(); i++)
    file.columns.push_back(readColumn(image, group.at(1).list[i], leaves[i], static_cast<size_t>(file.rows)));
  return file;
}

}  // namespace gp::test
