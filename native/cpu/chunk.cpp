#include "cpu/chunk.h"

#include "cpu/fault.h"
#include "cpu/hybrid.h"
#include "parquet/thrift.h"

namespace gp {
namespace {

void pageHeader(Bytes& out, const PageInfo& info, parquet::PageType type, parquet::Encoding encoding) {
  Thrift t(out);
  t.element();
  t.i32(1, type);
  t.i32(2, static_cast<int32_t>(info.plainBytes));
  t.i32(3, static_cast<int32_t>(info.storedBytes));
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

void Chunk::store(Work& work, const uint8_t* page, size_t length, parquet::PageType type, parquet::Encoding encoding, PageInfo& info) {
  if (length > INT32_MAX)
    throw Fault{GP_LIMIT, -1, -1,
                "column \"" + leaf.name + "\": a page of " + std::to_string(length) + " bytes, Parquet's limit is 2147483647"};
  info.plainBytes = info.storedBytes = length;
  if (codec != GP_NONE) {
    work.compressed.clear();
    info.storedBytes = work.compressor.compress(codec, writer.level, page, length, work.compressed);
    if (info.storedBytes > INT32_MAX)
      throw Fault{GP_LIMIT, -1, -1, "column \"" + leaf.name + "\": a compressed page over 2147483647 bytes"};
    page = work.compressed.data();
  }
  info.offset = bytes.size();
  pageHeader(bytes, info, type, encoding);
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

void Chunk::dataPage(Work& work, uint8_t* values, size_t length, const LevelSlice& slice, parquet::Encoding encoding, Bounds bounds,
                     int64_t textBytes) {
  const size_t rows = slice.to - slice.from;
  PageInfo info;
  info.values = static_cast<int32_t>(rows);
  info.nulls = static_cast<int64_t>(slice.nulls);
  info.textBytes = textBytes;
  info.bounds = std::move(bounds);
  if (leaf.optional) {
    work.page.clear();
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
  if (codec == GP_NONE) return;
  size_t plain = hasDictionary ? dictionary.plainBytes : 0, stored = hasDictionary ? dictionary.storedBytes : 0;
  for (const PageInfo& page : pages) {
    plain += page.plainBytes;
    stored += page.storedBytes;
  }
  if (stored < plain) return;
  Bytes packed;
  packed.swap(bytes);
  bytes.reserve(packed.size());
  const auto unpack = [&](PageInfo& page, parquet::PageType type, parquet::Encoding encoding) {
    const uint8_t* from = packed.data() + page.offset + page.headerBytes;
    const size_t compressed = page.storedBytes;
    page.offset = bytes.size();
    page.storedBytes = page.plainBytes;
    pageHeader(bytes, page, type, encoding);
    page.headerBytes = bytes.size() - page.offset;
    if (!decompress(codec, from, compressed, bytes.room(page.plainBytes), page.plainBytes)) {
      throw Fault{GP_INTERNAL, -1, -1, "column \"" + leaf.name + "\": a compressed page does not read back"};
    }
    bytes.advance(page.plainBytes);
  };
  if (hasDictionary) unpack(dictionary, parquet::kDictionaryPage, parquet::kPlain);
  for (PageInfo& page : pages) unpack(page, parquet::kDataPage, hasDictionary ? parquet::kRleDictionary : parquet::kPlain);
  codec = GP_NONE;
}

void Chunk::reset() {
  codec = writer.codec;
  bytes.clearBeyond(kKeptBytes);
  hasDictionary = false;
  pages.clear();
}

size_t Chunk::trial(Work& work, const uint8_t* values, size_t length) const {
  if (writer.codec == GP_NONE || length == 0) return length;
  work.compressed.clear();
  const size_t compressed = work.compressor.compress(writer.codec, writer.level, values, length, work.compressed);
  return compressed < length ? compressed : length;
}

}  // namespace gp
