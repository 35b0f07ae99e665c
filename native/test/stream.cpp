// The scanner and the row index: what PostgreSQL may send, and what it may not.
#include <cstring>
#include <memory>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

const std::vector<gp_column> kTwo = {column(GP_INT4), column(GP_TEXT)};

std::string twoRow(int v, const std::string& text) { return rowBody({int4(v), text}); }

struct Scanner {
  Scanner() {
    gp_status status;
    const gp_engine_options options{1, 0, nullptr};
    gp_engine_open("cpu", &options, &engine, &status);
    gp_stream_open(engine, &stream, &status);
  }
  ~Scanner() {
    gp_stream_close(stream);
    gp_engine_close(engine);
  }
  int scan(const std::string& bytes, size_t from, size_t to) {
    exact = std::make_unique<char[]>(to);
    std::memcpy(exact.get(), bytes.data(), to);
    return gp_stream_scan(stream, exact.get(), static_cast<int64_t>(from), static_cast<int64_t>(to), &found, &status);
  }
  gp_engine* engine = nullptr;
  gp_stream* stream = nullptr;
  std::unique_ptr<char[]> exact;
  gp_scan found{};
  gp_status status{};
};

gp_status broken(const std::string& stream) {
  const Outcome outcome = convert(kTwo, stream);
  expect(outcome.code, static_cast<int>(GP_PROTOCOL), "code");
  return outcome.status;
}

}  // namespace

TEST("a stream cut at every byte is found whole, header and trailer included") {
  const std::string bytes = copyStream({{int4(1), "one"}, {int4(2), std::string(300, 'x')}, {Field(), Field()}}) + message('c', "");
  for (size_t cut = 0; cut <= bytes.size(); cut++) {
    Scanner s;
    expect(s.scan(bytes, 0, cut), static_cast<int>(GP_OK), "first part");
    const int64_t rows = s.found.rows, end = s.found.end;
    holds(end <= static_cast<int64_t>(cut), "end is not beyond what was scanned");
    expect(s.scan(bytes, static_cast<size_t>(end), bytes.size()), static_cast<int>(GP_OK), "second part");
    expect(rows + s.found.rows, 3, "rows");
    expect(s.found.trailer, 1, "trailer");
    expect(s.found.stop, 'c', "stop");
    expect(s.found.end, static_cast<int64_t>(bytes.size() - 5), "end");
  }
}

TEST("need is the whole message, or 0 while its header is incomplete") {
  const std::string bytes = copyStream({{int4(1), std::string(100, 'a')}, {int4(2), "b"}});
  Scanner s;
  const size_t first = 5 + 19 + 2 + 8 + 4 + 100;
  for (size_t cut = 0; cut < first; cut++) {
    Scanner t;
    expect(t.scan(bytes, 0, cut), static_cast<int>(GP_OK), "scan");
    expect(t.found.need, cut < 5 ? 0 : static_cast<int64_t>(first), "need after " + std::to_string(cut));
    expect(t.found.rows, 0, "rows");
  }
  expect(s.scan(bytes, 0, first), static_cast<int>(GP_OK), "scan");
  expect(s.found.rows, 1, "rows");
  expect(s.found.need, 0, "need");
}

TEST("notices between rows stop the scan and rows go on behind them") {
  const std::string one = message('d', copyHeader() + twoRow(1, "a")), notice = message('N', "SNOTICE"), two = message('d', twoRow(2, "b"));
  const std::string bytes = one + notice + two;
  Scanner s;
  s.scan(bytes, 0, bytes.size());
  expect(s.found.stop, 'N', "stop");
  expect(s.found.need, static_cast<int64_t>(notice.size()), "need");
  expect(s.found.rows, 1, "rows");
  s.scan(bytes, one.size() + notice.size(), bytes.size());
  expect(s.found.rows, 1, "rows behind the notice");
  expect(s.found.end, static_cast<int64_t>(bytes.size()), "end");
}

TEST("a header extension is skipped") {
  const std::string header = std::string("PGCOPY\n\xFF\r\n\0", 11) + int4(0) + int4(7) + "1234567";
  const Outcome outcome = convert(kTwo, message('d', header + twoRow(5, "x")) + message('d', int2(-1)));
  expect(outcome.code, static_cast<int>(GP_OK), "code");
  expect(*readFile(outcome.image).columns[0].values[0], std::string("\5\0\0\0", 4), "value");
}

TEST("a header in a message of its own is allowed") {
  const Outcome outcome = convert(kTwo, message('d', copyHeader()) + message('d', twoRow(5, "x")) + message('d', int2(-1)));
  expect(outcome.code, static_cast<int>(GP_OK), "code");
  expect(outcome.rows, 1, "rows");
}

TEST("a wrong signature is refused") {
  contains(broken(message('d', "PGCOPX\n\xFF\r\n" + std::string(9, '\0') + twoRow(1, "a"))).message, "signature");
}

TEST("critical header flags are refused") {
  contains(broken(message('d', std::string("PGCOPY\n\xFF\r\n\0", 11) + int4(1 << 16) + int4(0) + twoRow(1, "a"))).message, "flags");
}

TEST("an extension past its message is refused") {
  contains(broken(message('d', std::string("PGCOPY\n\xFF\r\n\0", 11) + int4(0) + int4(100))).message, "extension");
}

TEST("a message length below 4 is refused") { contains(broken("d" + int4(3) + "abcdef").message, "length 3"); }

TEST("a negative message length is refused") {
  contains(broken(message('d', copyHeader() + twoRow(1, "a")) + "d" + int4(-7) + "abc").message, "length -7");
}

TEST("a CopyData message without a field count is refused") {
  contains(broken(message('d', copyHeader() + twoRow(1, "a")) + message('d', "x")).message, "holds no row");
}

TEST("rows behind the trailer are refused") {
  contains(broken(copyStream({{int4(1), "a"}}) + message('d', twoRow(2, "b"))).message, "trailer");
}

TEST("a row with another field count names the row") {
  const gp_status status = broken(message('d', copyHeader() + twoRow(1, "a")) + message('d', rowBody({int4(1)})));
  expect(status.row, 1, "row");
  contains(status.message, "1 fields, the schema 2");
}

TEST("a field that runs past its row names row and column") {
  const gp_status status =
      broken(message('d', copyHeader() + twoRow(1, "a")) + message('d', int2(2) + int4(4) + int4(9) + int4(50) + "short"));
  expect(status.row, 1, "row");
  expect(status.column, 1, "column");
  contains(status.message, "past the end");
}

TEST("a row that ends before a field names the column") {
  const gp_status status = broken(message('d', copyHeader() + int2(2) + int4(4) + int4(9)));
  expect(status.column, 1, "column");
  contains(status.message, "ends before");
}

TEST("bytes behind the last field are refused") {
  contains(broken(message('d', copyHeader() + twoRow(1, "a") + "zz")).message, "2 bytes stand behind");
}

TEST("a malformed row is found at any place among rows that are decoded side by side") {
  const std::string fields = int4(4) + int4(9) + int4(1) + "a";
  struct Case {
    std::string body, part;
    int column;
  };
  const Case cases[] = {
      {int2(1) + fields, "1 fields, the schema 2", -1},
      {int2(3) + fields, "3 fields, the schema 2", -1},
      {int2(2) + fields + "zz", "2 bytes stand behind", -1},
      {int2(2) + int4(4) + int4(9), "ends before", 1},
      {int2(2) + int4(4) + int4(9) + int4(50) + "short", "past the end", 1},
  };
  for (const Case& c : cases) {
    for (int at = 0; at < 9; at++) {
      std::string bytes = message('d', copyHeader());
      for (int row = 0; row < 9; row++) bytes += message('d', row == at ? c.body : twoRow(row, "a"));
      const gp_status status = broken(bytes);
      contains(status.message, c.part);
      expect(status.row, at, "row of \"" + c.part + "\"");
      expect(status.column, c.column, "column of \"" + c.part + "\"");
    }
  }
}

TEST("a stream that is reset begins anew, and counts rows from there") {
  const std::string rows = copyStream({{int4(1), "a"}, {int4(2), "b"}}), bad = message('d', "x");
  Scanner s;
  for (int copy = 0; copy < 2; copy++) {
    if (copy > 0) gp_stream_reset(s.stream, &s.status);
    expect(s.scan(rows, 0, rows.size()), static_cast<int>(GP_OK), "scan");
    expect(s.found.rows, 2, "rows");
    expect(s.found.trailer, 1, "trailer");
  }
  gp_stream_reset(s.stream, &s.status);
  const std::string begun = message('d', copyHeader() + twoRow(1, "a"));
  s.scan(begun, 0, begun.size());
  expect(s.scan(bad, 0, bad.size()), static_cast<int>(GP_PROTOCOL), "code");
  expect(s.status.row, 1, "the row behind the one of an earlier slot");
}

TEST("a length below -1 is refused in every kind") {
  for (int kind = GP_BOOL; kind <= GP_GEOMETRY; kind++) {
    const gp_column c = column(kind, false, kind == GP_DECIMAL ? 10 : 0, 2);
    const Outcome outcome = convert({c}, message('d', copyHeader() + int2(1) + int4(-2)));
    expect(outcome.code, static_cast<int>(GP_PROTOCOL), "code of kind " + std::to_string(kind));
    expect(outcome.status.column, 0, "column");
  }
}

TEST("a wrong length is refused in every fixed kind") {
  for (const auto& [kind, width] : std::vector<std::pair<int, size_t>>{{GP_BOOL, 1},
                                                                       {GP_INT2, 2},
                                                                       {GP_INT4, 4},
                                                                       {GP_INT8, 8},
                                                                       {GP_OID, 4},
                                                                       {GP_FLOAT4, 4},
                                                                       {GP_FLOAT8, 8},
                                                                       {GP_MONEY, 8},
                                                                       {GP_UUID, 16},
                                                                       {GP_DATE, 4},
                                                                       {GP_TIMESTAMP, 8},
                                                                       {GP_TIMESTAMPTZ, 8},
                                                                       {GP_TIME, 8},
                                                                       {GP_INTERVAL, 16},
                                                                       {GP_CHAR, 1}}) {
    for (size_t length : {size_t{0}, width - 1, width + 1, 2 * width, size_t{300}}) {
      if (length == width) continue;
      const gp_status status = refused(column(kind), std::string(length, '\1'));
      expect(status.code, static_cast<int>(GP_PROTOCOL), "code of kind " + std::to_string(kind));
      contains(status.message, "a field of " + std::to_string(length) + " bytes");
    }
  }
}

TEST("the first bad row is named, whatever its column") {
  std::vector<Row> rows(100, {int4(1), "a"});
  rows[70][0] = "xx";
  rows[40][1] = std::nullopt;
  const Outcome outcome = convert({column(GP_INT4), column(GP_TEXT, true)}, copyStream(rows));
  expect(outcome.code, static_cast<int>(GP_NULL), "code");
  expect(outcome.status.row, 40, "row");
  expect(outcome.status.column, 1, "column");
}

TEST("after an error the batch's slots still come back and later rows change nothing") {
  std::vector<Row> rows(5000, {int4(1), std::string(50, 'a')});
  rows[100][0] = "bad";
  rows[4000][0] = "worse";
  Options options;
  options.slotBytes = 4096;
  const Outcome outcome = convert(kTwo, copyStream(rows), options);
  expect(outcome.code, static_cast<int>(GP_PROTOCOL), "code");
  expect(outcome.status.row, 100, "row");
}

TEST("zero columns count their rows") {
  const File file = readBack({}, std::vector<Row>(37));
  expect(file.rows, 37, "rows");
  expect(file.columns.size(), size_t{0}, "columns");
}

TEST("no rows make a file without row groups") {
  const Outcome outcome = convert(kTwo, message('d', copyHeader() + int2(-1)));
  expect(outcome.code, static_cast<int>(GP_OK), "code");
  expect(readFile(outcome.image).columns.size(), size_t{0}, "columns");
}
