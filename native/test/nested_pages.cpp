// Page and block edges of repeated leaves: pages begin where rows do, whatever the arrays' sizes.
#include <algorithm>

#include "test/support/harness.h"
#include "test/support/nested.h"
#include "test/support/records.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

struct Case {
  std::vector<Row> rows;
  std::vector<std::string> wanted;
};

const std::vector<gp_column> kColumns = {column(GP_LIST, false, 1),
                                         child(0, "element", column(GP_INT8)),
                                         column(GP_LIST, false, 1),
                                         child(2, "element", column(GP_STRUCT)),
                                         child(3, "t", column(GP_TEXT)),
                                         child(3, "b", column(GP_BOOL)),
                                         column(GP_INT4)};

Case make(const std::vector<int>& sizes) {
  Case c;
  for (size_t i = 0; i < sizes.size(); i++) {
    std::vector<Field> numbers, structs;
    std::string a = "[", b = "[";
    for (int k = 0; k < sizes[i]; k++) {
      const auto v = static_cast<int64_t>((i * 31 + static_cast<size_t>(k)) * 2654435761u % 997);
      const bool absent = (i + static_cast<size_t>(k)) % 5 == 3;
      const std::string comma = k > 0 ? ", " : "";
      numbers.push_back(absent ? Field() : Field(int8(v)));
      a += comma + (absent ? "null" : std::to_string(v));
      const std::string text = "t" + std::to_string(v % 50) + std::string(static_cast<size_t>(v % 9), 'x');
      if (k % 7 == 6) {
        structs.push_back(Field());
        b += comma + "null";
      } else {
        structs.push_back(record({absent ? Field() : Field(text), std::string(1, static_cast<char>(v & 1))}));
        b += comma + "{t: " + (absent ? "null" : "\"" + text + "\"") + ", b: " + (v & 1 ? "true" : "false") + "}";
      }
    }
    const bool none = sizes[i] < 0;
    c.rows.push_back({none ? Field() : Field(array(numbers)), none ? Field() : Field(array(structs)), int4(static_cast<int64_t>(i))});
    c.wanted.push_back("{c0: " + (none ? "null" : a + "]") + ", c2: " + (none ? "null" : b + "]") + ", c6: " + std::to_string(i) + "}");
  }
  return c;
}

void roundTrip(const std::vector<int>& sizes, const Options& options, int64_t pageLimit) {
  const Case c = make(sizes);
  const File file = readBack(kColumns, c.rows, options);
  const std::vector<std::string> read = records(file);
  for (size_t i = 0; i < c.wanted.size(); i++) expect(read[i], c.wanted[i], "row " + std::to_string(i));
  // a row is never cut: only one that is larger than a page makes a larger page
  const int largest = sizes.empty() ? 0 : *std::max_element(sizes.begin(), sizes.end());
  for (const ColumnRead& leaf : file.columns) {
    for (const size_t bytes : leaf.pageBytes) {
      holds(bytes <= std::max<size_t>({static_cast<size_t>(pageLimit), static_cast<size_t>(largest + 1) * 24, 128}),
            leaf.path + ": a page of " + std::to_string(bytes) + " bytes");
    }
  }
}

const std::vector<int> kEdges = {0, 1, 2, 3, -1, 31, 32, 33, 0, 1000, -1, -1, 1, 1023, 1024, 1025, 0, 7, 2048, 2, 63, 64, 65};

}  // namespace

TEST("arrays of every size around every edge keep every element") {
  for (const int64_t page : {0, 1, 64, 100, 1000, 5000}) {
    for (const bool dictionary : {true, false}) {
      for (const size_t slot : {size_t{1} << 20, size_t{30000}}) {
        Options options;
        options.pageBytes = page;
        options.dictionary = dictionary;
        options.slotBytes = slot;
        roundTrip(kEdges, options, page == 0 ? 1 << 20 : page);
      }
    }
  }
}

TEST("many small rows fill several pages") {
  std::vector<int> sizes;
  for (int i = 0; i < 3000; i++) sizes.push_back(static_cast<int>(static_cast<size_t>(i) * 2654435761u >> 5 & 3));
  for (const int64_t page : {300, 2000}) {
    for (const bool dictionary : {true, false}) {
      Options options;
      options.pageBytes = page;
      options.dictionary = dictionary;
      roundTrip(sizes, options, page);
      expect(readBack(kColumns, make(sizes).rows, options).columns[0].pages > 3, true, "several pages");
    }
  }
}

TEST("an array of 100,000 elements, larger than a page, keeps its neighbours apart") {
  for (const bool dictionary : {true, false}) {
    Options options;
    options.dictionary = dictionary;
    options.pageBytes = 4000;
    roundTrip({2, 100000, 3, 0, 2}, options, 4000);
  }
}

TEST("the image of nested columns does not depend on where slots end") {
  std::vector<int> sizes;
  for (int i = 0; i < 6000; i++) sizes.push_back(i % 500 == 0 ? 900 : static_cast<int>(static_cast<size_t>(i) * 2654435761u >> 7 & 7) - 1);
  const std::string stream = copyStream(make(sizes).rows);
  for (const int64_t page : {0, 3000}) {
    std::string first;
    for (const size_t slot : {1 << 20, 40000, 77777, 1 << 16}) {
      Options options;
      options.slotBytes = slot;
      options.pageBytes = page;
      const std::string image = convert(kColumns, stream, options).image;
      holds(!image.empty(), "an image is made");
      if (first.empty()) first = image;
      holds(image == first, "the image is the same");
    }
  }
}

TEST("rows without elements end pages too") {
  std::vector<Row> rows(600000, Row{Field()});
  const File file = readBack({column(GP_LIST, false, 1), child(0, "element", column(GP_INT4))}, rows);
  expect(file.columns[0].pages, size_t{3}, "pages");
}
