#include "cpu/encode/chunk.h"

#include "base/fault.h"
#include "cpu/encode/crc.h"
#include "cpu/encode/effort.h"
#include "cpu/encode/hybrid.h"
#include "parquet/thrift.h"

namespace gp {
namespace {

void pageHeader(Bytes& out, const PageInfo& info, parquet::PageType type, parquet::Encoding encoding) {
  Thrift t(out);
  t.element();
  t.i32(1, type);
  t.i32(2, static_cast<int32_t>(info.plainBytes));
  t.i32(3, static_cast<int32_t>(info.storedBytes));
  t.i32(4, static_cast<int32_t>(info.crc));
  if (type == parquet::kDictionaryPage) {
    t.begin(7);
    t.i32(1, info.values);
    t.i32(2, encoding);
    t.end();
  } else {
    t.begin(5);
    t.i32(1, info.values);
    t.i32(2, encoding);
    t.i32(3, parquet::kRle);
    t.i32(4, parquet::kRle);
    t.end();
  }
  t.end();
}

}  // namespace

Effort Chunk::effortFor(Work& work, const uint8_t* page, size_t length, parquet::PageType type, parquet::Encoding how) {
  if (!adapts(writer)) return Effort::kLevel;
  // A dictionary's bytes say nothing of the pages of indices behind it, one stream of bytes nothing of the next.
  if (type == parquet::kDictionaryPage) return chooseEffort(work, page, length);
  if (how == parquet::kByteStreamSplit) return Effort::kDeep;
  if (effort_ == Effort::kLevel) effort_ = chooseEffort(work, page, length);
  return effort_;
}

void Chunk::store(Work& work, const uint8_t* page, size_t length, parquet::PageType type, parquet::Encoding how, PageInfo& info) {
  if (length > INT32_MAX)
    throw Fault{GP_LIMIT, -1, -1,
                "column \"" + leaf.name + "\": a page of " + std::to_string(length) + " bytes, Parquet's limit is 2147483647"};
  info.plainBytes = info.storedBytes = length;
  if (codec != GP_NONE) {
    const Effort effort = effortFor(work, page, length, type, how);
    work.compressed.clear();
    info.storedBytes = work.compressor.compress(codec, effort, writer.level, page, length, work.compressed);
    if (info.storedBytes > INT32_MAX)
      throw Fault{GP_LIMIT, -1, -1, "column \"" + leaf.name + "\": a compressed page over 2147483647 bytes"};
    page = work.compressed.data();
  }
  info.crc = crc32(page, info.storedBytes);
  info.offset = bytes.size();
  pageHeader(bytes, info, type, how);
  info.headerBytes = bytes.size() - info.offset;
  bytes.append(page, info.storedBytes);
  work.compressed.clearBeyond(kKeptBytes);
}

void Chunk::dictionaryPage(Work& work, const uint8_t* values, size_t length, size_t entries) {
  hasDictionary = true;
  dictionary = {};
  dictionary.values = static_cast<int32_t>(entries);
  store(work, values, length, parquet::kDictionaryPage, parquet::kPlain, dictionary);
}

void Chunk::indexPage(Work& work, uint8_t* values, size_t length, const LevelSlice& slice, Bounds bounds, int64_t textBytes) {
  encoding = parquet::kRleDictionary;
  dataPage(work, values, length, slice, std::move(bounds), textBytes);
}

void Chunk::chooseEncoding(Work& work, const PlainValues& sample) {
  if (hasRivals(leaf)) encoding = rateEncodings(work, leaf, writer, sample).encoding;
  chosen_ = true;
}

void Chunk::valuePage(Work& work, Bytes& page, size_t count, const LevelSlice& slice, Bounds bounds, int64_t textBytes) {
  const PlainValues plain{page.data() + kHead, page.size() - kHead, count};
  if (writer.everyEncoding && !chosen_) chooseEncoding(work, firstValues(leaf, plain));
  if (encoding == parquet::kPlain) {
    return dataPage(work, page.data() + kHead, plain.length, slice, std::move(bounds), textBytes);
  }
  work.encoded.clear();
  work.encoded.room(kHead);
  work.encoded.setSize(kHead);
  encodeAs(encoding, leaf, plain, work.encoded);
  dataPage(work, work.encoded.data() + kHead, work.encoded.size() - kHead, slice, std::move(bounds), textBytes);
  work.encoded.clearBeyond(kKeptBytes);
}

// Leaves the page's encoded levels in work.page.
void Chunk::levelsOf(Work& work, const LevelSlice& slice, PageInfo& info) const {
  const size_t rows = slice.to - slice.from;
  work.page.clear();
  if (leaf.nested) {
    const LevelPage& page = nested.page(pages.size());
    if (page.entries != rows) throw Fault{GP_INTERNAL, -1, -1, "column \"" + leaf.name + "\": a page and its levels differ in length"};
    info.rows = static_cast<int64_t>(page.rows);
    info.nulls = static_cast<int64_t>(page.entries - page.values);
    info.repetitions = page.repetitions;
    info.definitions = page.definitions;
    work.page.append(nested.encoded(page), page.bytes);
    return;
  }
  uint32_t levels = 0;
  work.page.append(&levels, 4);
  if (slice.nulls == 0) {
    encodeOnes(rows, work.page);
  } else if (slice.nulls == rows) {
    encodeZeros(rows, work.page);
  } else {
    encodeLevels(slice.levels->bits() + slice.from / 8, rows, work.page);
  }
  levels = static_cast<uint32_t>(work.page.size() - 4);
  std::memcpy(work.page.data(), &levels, 4);
}

void Chunk::dataPage(Work& work, uint8_t* values, size_t length, const LevelSlice& slice, Bounds bounds, int64_t textBytes) {
  const size_t rows = slice.to - slice.from;
  PageInfo info;
  info.values = static_cast<int32_t>(rows);
  info.rows = static_cast<int64_t>(rows);
  info.nulls = static_cast<int64_t>(slice.nulls);
  info.textBytes = textBytes;
  info.bounds = std::move(bounds);
  if (leaf.optional) {
    levelsOf(work, slice, info);
    if (work.page.size() <= kHead) {
      std::memcpy(values - work.page.size(), work.page.data(), work.page.size());
      values -= work.page.size();
      length += work.page.size();
    } else {
      work.page.append(values, length);
      values = work.page.data();
      length = work.page.size();
    }
  }
  store(work, values, length, parquet::kDataPage, encoding, info);
  pages.push_back(std::move(info));
  work.page.clearBeyond(kKeptBytes);
}

void Chunk::settle() {
  ascending = order.ascending();
  descending = order.descending();
  if (leaf.bloom) bloom_.write(bloomFilter);
  if (codec == GP_NONE) return;
  size_t plain = hasDictionary ? dictionary.plainBytes : 0, stored = hasDictionary ? dictionary.storedBytes : 0;
  for (const PageInfo& page : pages) {
    plain += page.plainBytes;
    stored += page.storedBytes;
  }
  if (stored < plain) return;
  Bytes packed, plainPage;
  packed.swap(bytes);
  bytes.reserve(packed.size());
  const auto unpack = [&](PageInfo& page, parquet::PageType type, parquet::Encoding how) {
    const uint8_t* from = packed.data() + page.offset + page.headerBytes;
    plainPage.clear();
    if (!decompress(codec, from, page.storedBytes, plainPage.room(page.plainBytes), page.plainBytes)) {
      throw Fault{GP_INTERNAL, -1, -1, "column \"" + leaf.name + "\": a compressed page does not read back"};
    }
    page.storedBytes = page.plainBytes;
    page.crc = crc32(plainPage.data(), page.plainBytes);
    page.offset = bytes.size();
    pageHeader(bytes, page, type, how);
    page.headerBytes = bytes.size() - page.offset;
    bytes.append(plainPage.data(), page.plainBytes);
  };
  if (hasDictionary) unpack(dictionary, parquet::kDictionaryPage, parquet::kPlain);
  for (PageInfo& page : pages) unpack(page, parquet::kDataPage, encoding);
  codec = GP_NONE;
}

void Chunk::reset() {
  codec = writer.codec;
  bytes.recycle();
  hasDictionary = chosen_ = false;
  encoding = parquet::kPlain;
  effort_ = Effort::kLevel;
  pages.clear();
  order.restart();
  bloom_.clear();
  bloomFilter.clearBeyond(kKeptBytes);
  nested.clear();
}

}  // namespace gp
