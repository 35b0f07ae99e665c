// A small Parquet reader of its own: every page of an image is decoded, and every claim of the metadata is held against the values.
#ifndef GPUPARSER_TEST_READER_H
#define GPUPARSER_TEST_READER_H

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gp::test {

// A Thrift value: a number, bytes, a list or a struct.
struct Thing {
  int64_t number = 0;
  std::string bytes;
  std::vector<Thing> list;
  std::map<int, Thing> fields;

  bool has(int id) const { return fields.count(id) > 0; }
  const Thing& at(int id) const { return fields.at(id); }
};

struct ColumnRead {
  std::string path;
  bool dictionary = false;
  int codec = 0;
  int encoding = 0;  // of the data pages
  size_t pages = 0;
  bool columnIndex = false;
  Thing statistics;
  Thing metadata;
  std::vector<size_t> pageBytes;                   // uncompressed
  std::vector<std::optional<std::string>> values;  // plain-encoded bytes, BYTE_ARRAY without its length
  std::vector<uint32_t> definitions, repetitions;  // of each value
};

struct File {
  Thing footer;
  int64_t rows = 0;
  std::vector<ColumnRead> columns;
};

// Throws Failed where anything does not fit together.
File readFile(const std::string& image);

}  // namespace gp::test

#endif
