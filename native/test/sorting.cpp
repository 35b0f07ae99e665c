// sorting_columns: said of columns that were in order in all rows, of no other.
#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

// "0+ 2-": indices of the sorting columns, with their direction.
std::string sortingOf(const File& file) {
  const Thing& group = file.footer.at(4).list.at(0);
  std::string out;
  if (!group.has(4)) return out;
  for (const Thing& column : group.at(4).list) {
    holds(column.at(3).number == 0, "nulls_first is false");
    out += (out.empty() ? "" : " ") + std::to_string(column.at(1).number) + (column.at(2).number ? "-" : "+");
  }
  return out;
}

std::string sorting(const std::vector<gp_column>& columns, const std::vector<Row>& rows) { return sortingOf(readBack(columns, rows)); }

}  // namespace

TEST("columns in order are named with their direction, others are not") {
  const std::vector<gp_column> columns = {column(GP_INT4),      column(GP_TEXT),   column(GP_INT8, true), column(GP_DECIMAL, false, 30, 2),
                                          column(GP_TIMESTAMP), column(GP_FLOAT8), column(GP_UUID),       column(GP_BOOL)};
  std::vector<Row> rows;
  for (int64_t i = 0; i < 9000; i++) {
    const std::string digits = std::to_string(100000 + i / 3);
    rows.push_back({int4(i), "key " + digits, int8(-i), numeric(std::to_string(i - 4000) + ".50"), int8(i * 1000),
                    float8(static_cast<double>(i)), big(static_cast<uint64_t>(i * 31 % 1000), 16),
                    std::string(1, static_cast<char>(i > 4000))});
  }
  expect(sorting(columns, rows), std::string("0+ 1+ 2- 3+ 4+"), "sorting columns");
  std::swap(rows[8000], rows[8999]);  // far behind, in another block than the last look
  expect(sorting(columns, rows), std::string(), "after one swap");
}

TEST("a single value out of order is found wherever it stands") {
  for (const size_t at : {0, 1, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2999}) {
    std::vector<Row> rows;
    for (int64_t i = 0; i < 3000; i++) rows.push_back({int4(i), "k" + std::to_string(1000000 + i)});
    expect(sorting({column(GP_INT4), column(GP_TEXT)}, rows), std::string("0+ 1+"), "in order");
    const int64_t wrong = at == 0 ? 5 : -5;
    rows[at] = {int4(wrong), at == 0 ? "l" : "j"};
    expect(sorting({column(GP_INT4), column(GP_TEXT)}, rows), std::string(), "row " + std::to_string(at));
  }
}

TEST("columns with NULLs, one value or one row are not named") {
  std::vector<Row> rows;
  for (int64_t i = 0; i < 100; i++) rows.push_back({i == 99 ? Field() : Field(int4(i)), int4(7), int4(i)});
  expect(sorting({column(GP_INT4), column(GP_INT4), column(GP_INT4)}, rows), std::string("2+"), "sorting columns");
  expect(sorting({column(GP_INT4)}, {{int4(1)}}), std::string(), "one row");
}

TEST("text is in order by its bytes, unsigned") {
  expect(sorting({column(GP_TEXT)}, {{""}, {"a"}, {"ab"}, {"b"}, {"\xC3\xA9"}}), std::string("0+"), "ascending");
  expect(sorting({column(GP_TEXT)}, {{"\xC3\xA9"}, {"b"}}), std::string("0-"), "descending");
}

TEST("a negative DECIMAL of 16 bytes is before a positive one, an unsigned OID behind") {
  expect(sorting({column(GP_DECIMAL, false, 30, 0), column(GP_OID)}, {{numeric("-5"), int4(1)}, {numeric("3"), int4(4000000000)}}),
         std::string("0+ 1+"), "ascending");
}
