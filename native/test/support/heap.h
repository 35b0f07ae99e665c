// Heap pages by hand, and what the engine makes of them.
#ifndef GPUPARSER_TEST_HEAP_H
#define GPUPARSER_TEST_HEAP_H

#include <memory>
#include <string>
#include <vector>

#include "include/gpuparser.h"
#include "test/support/copy.h"
#include "test/support/reader.h"

namespace gp::test {

std::string little(uint64_t value, int bytes);
// Varlena datums: with one byte of header, and with four behind the padding to `at`'s next multiple of 4.
std::string shortDatum(const std::string& bytes);
std::string longDatum(const std::string& bytes, size_t at = 0);
// Compressed in line: method 0 pglz, 1 lz4.
std::string compressedDatum(const std::string& stream, uint32_t raw, int method);
std::string toastPointer();

struct HeapTuple {
  uint32_t xmin = 2, xmax = 0, xvac = 0;
  uint16_t mask = 0x0900;   // xmin committed, xmax invalid
  std::vector<bool> there;  // attributes that are not NULL; empty: all
  uint16_t natts = 1;
  std::string data;

  std::string bytes() const;
};

struct HeapPage {
  std::vector<std::string> tuples;
  uint16_t flags = 0;
  uint32_t block = 0;

  std::string bytes() const;  // with its checksum
};
// The checksum of what a page holds now.
void seal(std::string& page, uint32_t block);

gp_attribute attribute(int32_t length, int32_t align, int32_t column, int32_t form = GP_DISK_PLAIN);

// A batch of pages, one append at a time.
class HeapRun {
 public:
  HeapRun(std::vector<gp_column> columns, const std::vector<gp_attribute>& attributes, uint32_t xmin = 1000, uint32_t xmax = 1000,
          std::vector<uint32_t> running = {}, bool overflowed = false);
  HeapRun(const HeapRun&) = delete;
  HeapRun& operator=(const HeapRun&) = delete;

  gp_pages append(const std::string& pages, uint32_t firstBlock = 0, bool resume = false, bool checksums = true);
  void answer(const gp_asked& answer);
  void xact(int file, const std::string& bytes);
  File finish();        // of a batch that must convert
  gp_status refused();  // the error of one that must not

  std::vector<gp_page> states;  // of the last append
  std::vector<gp_asked> asked;

 private:
  int32_t end(std::string& image);

  template <class T>
  using Owned = std::unique_ptr<T, void (*)(T*)>;

  // closed from the last to the first
  Owned<gp_engine> engine_{nullptr, gp_engine_close};
  Owned<gp_schema> schema_{nullptr, gp_schema_close};
  Owned<gp_layout> layout_{nullptr, gp_layout_close};
  Owned<gp_visibility> visibility_{nullptr, gp_visibility_close};
  Owned<gp_batch> batch_{nullptr, gp_batch_close};
};

}  // namespace gp::test

#endif
