// Nested kinds: wire bytes in, rows as Parquet's readers put them together out. Malformed bytes are refused with their row.
#include "test/support/nested.h"
#include "test/support/harness.h"
#include "test/support/records.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

using Columns = std::vector<gp_column>;

gp_column list(int dimensions = 1, bool required = false) { return column(GP_LIST, required, dimensions); }

Columns listOf(const gp_column& element, bool required = false) { return {list(1, required), child(0, "element", element)}; }

// The one field's text in each row, in every codec, with and without dictionary.
void become(const Columns& columns, const std::vector<std::pair<Field, std::string>>& values) {
  std::vector<Row> rows;
  for (const auto& [wire, text] : values) rows.push_back({wire});
  for (const int codec : {GP_NONE, GP_SNAPPY, GP_ZSTD, GP_LZ4_RAW}) {
    for (const bool dictionary : {false, true}) {
      Options options;
      options.codec = codec;
      options.dictionary = dictionary;
      const std::vector<std::string> read = records(readBack(columns, rows, options));
      for (size_t i = 0; i < values.size(); i++) expect(read[i], "{c0: " + values[i].second + "}", "row " + std::to_string(i));
    }
  }
}

// The second of three rows has this field: it is refused with code, row and column.
gp_status refusedAs(int code, const Columns& columns, const Field& fine, const Field& bad, int atColumn, const std::string& part) {
  const Outcome outcome = convert(columns, copyStream({{fine}, {bad}, {fine}}));
  expect(outcome.code, code, part);
  expect(outcome.status.row, 1, "row: " + part);
  expect(outcome.status.column, atColumn, "column: " + part);
  contains(outcome.status.message, part);
  return outcome.status;
}

}  // namespace

TEST("a NULL array, an empty array and NULL elements are three different things") {
  become(listOf(column(GP_INT4)), {{array({int4(1), Field(), int4(-3)}), "[1, null, -3]"},
                                   {Field(), "null"},
                                   {array(std::vector<Field>{}), "[]"},
                                   {array({Field()}), "[null]"},
                                   {array({int4(7)}), "[7]"}});
}

TEST("arrays of every kind hold what the kind holds alone") {
  for (int kind = GP_BOOL; kind <= GP_CHAR; kind++) {
    const gp_column element = column(kind, false, kind == GP_DECIMAL ? 20 : 0, 2);
    const std::string wire = kind == GP_BOOL                                                              ? std::string(1, 1)
                             : kind == GP_INT2                                                            ? int2(-5)
                             : kind == GP_INT4 || kind == GP_OID || kind == GP_DATE                       ? int4(77)
                             : kind == GP_FLOAT4                                                          ? float4(1.5F)
                             : kind == GP_FLOAT8                                                          ? float8(-2.25)
                             : kind == GP_DECIMAL || kind == GP_NUMERIC_DOUBLE || kind == GP_NUMERIC_TEXT ? numeric("12.50")
                             : kind == GP_UUID                                                            ? std::string(16, 'u')
                             : kind == GP_INTERVAL                                                        ? int8(1) + int4(2) + int4(3)
                             : kind == GP_JSONB                                                           ? "\1{}"
                             : kind == GP_TEXT || kind == GP_BYTEA                                        ? "text"
                             : kind == GP_CHAR                                                            ? "c"
                                                                                                          : int8(1000000);
    const std::string alone = records(readBack({element}, {{wire}}))[0].substr(5);
    const std::string text = alone.substr(0, alone.size() - 1);
    become(listOf(element), {{array({wire, Field(), wire}), "[" + text + ", null, " + text + "]"}, {Field(), "null"}});
  }
}

TEST("a required array has no level for NULL, and refuses one") {
  become(listOf(column(GP_INT8), true), {{array({int8(1)}), "[1]"}, {array(std::vector<Field>{}), "[]"}});
  refusedAs(GP_NULL, listOf(column(GP_INT8), true), array({int8(1)}), Field(), 0, "NULL in a required column");
}

TEST("lists follow the three-level standard") {
  const File file = readBack(listOf(column(GP_TEXT), true), {{array({"a"})}});
  const std::vector<Thing>& s = file.footer.at(2).list;
  expect(s[1].at(3).number, 0, "the list is required");
  expect(s[1].at(6).number, 3, "ConvertedType LIST");
  holds(s[1].at(10).has(3), "LogicalType LIST");
  expect(s[2].at(4).bytes, std::string("list"), "repeated group");
  expect(s[2].at(3).number, 2, "repeated");
  expect(s[3].at(4).bytes, std::string("element"), "element");
  expect(s[3].at(3).number, 1, "elements are optional");
}

TEST("arrays of other dimensions and lower bounds are refused, with their shape") {
  const Columns columns = listOf(column(GP_INT4));
  const std::string fine = array({int4(1)});
  const gp_status two = refusedAs(GP_VALUE, columns, fine, array({2, 1}, {int4(1), int4(2)}), 0, "an array of 2 dimensions, [1:2][1:1]");
  expect(two.reason, static_cast<int32_t>(GP_REASON_DIMENSIONS), "reason");
  expect(two.detail, 2, "detail");
  const gp_status low = refusedAs(GP_VALUE, columns, fine, array({2}, {int4(1), int4(2)}, {-3}), 0, "an array of 1 dimension, [-3:-2]");
  expect(low.reason, static_cast<int32_t>(GP_REASON_LOWER_BOUND), "reason");
}

TEST("declared dimensions become lists of lists") {
  const Columns columns = {list(3), child(0, "element", column(GP_INT4))};
  become(columns, {{array({1, 2, 3}, {int4(1), int4(2), Field(), int4(4), int4(5), int4(6)}), "[[[1, 2, null], [4, 5, 6]]]"},
                   {array(std::vector<Field>{}), "[]"},
                   {Field(), "null"},
                   {array({2, 1, 1}, {int4(1), int4(2)}), "[[[1]], [[2]]]"},
                   {array({2, 2, 2}, {int4(1), int4(2), int4(3), int4(4), int4(5), int4(6), int4(7), int4(8)}),
                    "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]"}});
  refusedAs(GP_VALUE, columns, Field(), array({int4(1)}), 0, "where the column's have 3");
}

TEST("a NULL composite is not a composite of NULLs") {
  const Columns columns = {column(GP_STRUCT), child(0, "a", column(GP_INT4)), child(0, "b", column(GP_TEXT))};
  become(columns, {{record({int4(1), "x"}), "{a: 1, b: \"x\"}"},
                   {Field(), "null"},
                   {record({Field(), Field()}), "{a: null, b: null}"},
                   {record({Field(), ""}), "{a: null, b: \"\"}"}});
}

TEST("arrays of composites that hold arrays of composites") {
  const Columns columns = {list(),
                           child(0, "element", column(GP_STRUCT)),
                           child(1, "id", column(GP_INT4)),
                           child(1, "tags", list()),
                           child(3, "element", column(GP_STRUCT)),
                           child(4, "k", column(GP_TEXT)),
                           child(4, "v", column(GP_BOOL))};
  const auto tag = [](const Field& k, const Field& v) { return record({k, v}); };
  become(columns, {{array({record({int4(1), array({tag("a", std::string(1, 1)), Field(), tag(Field(), Field())})}), Field(),
                           record({Field(), array(std::vector<Field>{})}), record({int4(4), Field()})}),
                    "[{id: 1, tags: [{k: \"a\", v: true}, null, {k: null, v: null}]}, null, {id: null, tags: []}, {id: 4, tags: null}]"},
                   {array(std::vector<Field>{}), "[]"},
                   {Field(), "null"},
                   {array({record({int4(2), array({tag("b", std::string(1, 0))})})}), "[{id: 2, tags: [{k: \"b\", v: false}]}]"}});
}

TEST("hstore becomes a map with optional values") {
  const Columns columns = {column(GP_MAP), child(0, "key", column(GP_TEXT, true)), child(0, "value", column(GP_TEXT))};
  become(columns, {{hstore({{"a", "1"}, {"b", Field()}, {"", ""}}),
                    "[{key: \"a\", value: \"1\"}, {key: \"b\", value: null}, {key: \"\", value: \"\"}]"},
                   {hstore({}), "[]"},
                   {Field(), "null"}});
  const std::vector<Thing> s = readBack(columns, {{Field()}}).footer.at(2).list;
  expect(s[1].at(6).number, 1, "ConvertedType MAP");
  holds(s[1].at(10).has(2), "LogicalType MAP");
  expect(s[2].at(4).bytes, std::string("key_value"), "repeated group");
  expect(s[3].at(3).number, 0, "keys are required");
}

TEST("ranges: infinite bounds are NULL, and an empty range has none") {
  Columns columns = {column(GP_RANGE), child(0, "lower", column(GP_INT4)), child(0, "upper", column(GP_INT4))};
  become(columns, {{range(0x02, {int4(1), int4(5)}), "{lower: 1, upper: 5, lower_inc: true, upper_inc: false, empty: false}"},
                   {range(0x01, {}), "{lower: null, upper: null, lower_inc: false, upper_inc: false, empty: true}"},
                   {range(0x18, {}), "{lower: null, upper: null, lower_inc: false, upper_inc: false, empty: false}"},
                   {range(0x08 | 0x04, {int4(9)}), "{lower: null, upper: 9, lower_inc: false, upper_inc: true, empty: false}"},
                   {Field(), "null"}});
  columns[0].required = 1;
  become(columns, {{range(0x12, {int4(3)}), "{lower: 3, upper: null, lower_inc: true, upper_inc: false, empty: false}"}});
}

TEST("multiranges are lists of ranges") {
  const Columns columns = {column(GP_MULTIRANGE), child(0, "element", column(GP_RANGE)), child(1, "lower", column(GP_DATE)),
                           child(1, "upper", column(GP_DATE))};
  const std::string one = range(0x02, {int4(-10957), int4(-10956)});
  become(columns, {{multirange({one, range(0x12, {int4(0)})}),
                    "[{lower: 0, upper: 1, lower_inc: true, upper_inc: false, empty: false}, "
                    "{lower: 10957, upper: null, lower_inc: true, upper_inc: false, empty: false}]"},
                   {multirange({}), "[]"},
                   {Field(), "null"}});
}

TEST("pgvector's vector and halfvec are lists of floats") {
  become({column(GP_VECTOR)}, {{vectorOf({1, -0.5F, 0.1F}), "[1, -0.5, 0.100000001]"}, {Field(), "null"}, {vectorOf({}), "[]"}});
  // 1, -2, the largest, the smallest normal and subnormal, both zeros, infinity
  become({column(GP_HALFVEC)}, {{halfvec({0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x8000, 0x0000, 0xFC00, 0x03FF}),
                                 "[1, -2, 65504, 6.10351562e-05, 5.96046448e-08, -0, 0, -inf, 6.09755516e-05]"}});
  const Columns inside = {list(), child(0, "element", column(GP_VECTOR))};
  become(inside, {{array({vectorOf({1}), Field(), vectorOf({2, 3})}), "[[1], null, [2, 3]]"}});
}

TEST("policies reach inside arrays and composites") {
  const gp_column date = withPolicy(column(GP_DATE), GP_POLICY_ERROR, GP_POLICY_NULL);
  become(listOf(date), {{array({int4(INT32_MAX), int4(0)}), "[null, 10957]"}});
  const gp_column decimal = withPolicy(column(GP_DECIMAL, false, 9, 2), GP_POLICY_NULL, GP_POLICY_SATURATE);
  const Columns columns = {list(), child(0, "element", column(GP_STRUCT)), child(1, "d", decimal)};
  become(columns, {{array({record({numeric("NaN")}), record({numeric("Infinity")})}), "[{d: null}, {d: 999999999}]"}});
  refusedAs(GP_VALUE, listOf(column(GP_DATE)), array({int4(0)}), array({int4(0), int4(INT32_MIN)}), 1, "date -infinity");
}

TEST("the earliest row's fault wins, whichever member it is in") {
  const Columns columns = {column(GP_STRUCT), child(0, "a", column(GP_DATE)), child(0, "b", list()), child(2, "element", column(GP_DATE))};
  const Field fine = record({int4(1), array({int4(1)})});
  const Outcome outcome = convert(
      columns, copyStream({{fine}, {record({int4(1), array({int4(1), int4(INT32_MAX)})})}, {record({int4(INT32_MAX), Field()})}, {fine}}));
  expect(outcome.status.row, 1, "row");
  expect(outcome.status.column, 3, "column");
}

TEST("faults behind a large array name its row") {
  std::vector<Field> many(5000, int4(1));
  const Columns columns = listOf(column(GP_DATE));
  many.back() = int4(INT32_MAX);
  refusedAs(GP_VALUE, columns, array(std::vector<Field>(3000, int4(1))), array(many), 1, "date infinity");
}

TEST("malformed arrays are refused") {
  const Columns columns = listOf(column(GP_INT4));
  const std::string fine = array({int4(1)});
  const auto refuse = [&](const std::string& bad) {
    refusedAs(GP_PROTOCOL, columns, fine, bad, 0, "an array of " + std::to_string(bad.size()) + " bytes is malformed");
  };
  refuse("");
  refuse(fine.substr(0, 11));
  refuse(fine.substr(0, 19));                                                           // the header alone, cut
  refuse(fine + "x");                                                                   // bytes behind the last element
  refuse(fine.substr(0, fine.size() - 1));                                              // the last element runs past the end
  refuse(int4(7) + int4(0) + int4(23) + std::string(56, 0));                            // dimensions
  refuse(int4(-1) + int4(0) + int4(23));                                                // dimensions
  refuse(int4(1) + int4(2) + int4(23) + int4(1) + int4(1) + element(int4(1)));          // flags
  refuse(int4(1) + int4(0) + int4(23) + int4(0) + int4(1));                             // no element in a dimension
  refuse(int4(1) + int4(0) + int4(23) + int4(INT32_MAX) + int4(1) + element(int4(1)));  // more elements than bytes
  refuse(int4(6) + int4(0) + int4(23) + [] {
    std::string sizes;
    for (int d = 0; d < 6; d++) sizes += int4(65536) + int4(1);
    return sizes;
  }() + element(int4(1)));                                              // a product beyond 64 bits
  refuse(int4(1) + int4(0) + int4(23) + int4(1) + int4(1) + int4(-2));  // a negative length
  refuse(int4(0) + int4(0) + int4(23) + "x");
  refusedAs(GP_PROTOCOL, columns, fine, array({int8(1)}), 1, "a field of 8 bytes");
}

TEST("malformed composites are refused") {
  const Columns columns = {column(GP_STRUCT), child(0, "a", column(GP_INT4)), child(0, "b", column(GP_TEXT))};
  const std::string fine = record({int4(1), "x"});
  refusedAs(GP_PROTOCOL, columns, fine, record({int4(1)}), 0, "has 1 members, its type 2");
  for (const std::string& bad :
       {std::string(), fine.substr(0, 3), fine.substr(0, 6), fine.substr(0, 10), fine.substr(0, fine.size() - 1), fine + "y"}) {
    refusedAs(GP_PROTOCOL, columns, fine, bad, 0, "a composite value of");
  }
}

TEST("malformed hstores, ranges, multiranges and vectors are refused") {
  const Columns map = {column(GP_MAP), child(0, "key", column(GP_TEXT, true)), child(0, "value", column(GP_TEXT))};
  for (const std::string& bad : {std::string("abc"), int4(-1), int4(1), int4(1) + int4(-1) + int4(-1), hstore({{"a", "b"}}) + "c",
                                 int4(1) + element("a") + int4(-2), int4(INT32_MAX)}) {
    refusedAs(GP_PROTOCOL, map, Field(), bad, 0, "an hstore of");
  }
  const Columns ranges = {column(GP_RANGE), child(0, "lower", column(GP_INT4)), child(0, "upper", column(GP_INT4))};
  for (const std::string& bad : {std::string(), std::string(1, 0), range(0, {int4(1)}), range(1, {int4(1)}), range(0x10, {int4(1)}) + "z",
                                 std::string(1, 0x10) + int4(-1)}) {
    refusedAs(GP_PROTOCOL, ranges, Field(), bad, 0, "a range of");
  }
  refusedAs(GP_PROTOCOL, ranges, Field(), range(0x10, {int8(1)}), 1, "a field of 8 bytes");
  const Columns multi = {column(GP_MULTIRANGE), child(0, "element", column(GP_RANGE)), child(1, "lower", column(GP_INT4)),
                         child(1, "upper", column(GP_INT4))};
  for (const std::string& bad : {std::string("ab"), int4(1), int4(1) + int4(-1), multirange({}) + "x"}) {
    refusedAs(GP_PROTOCOL, multi, Field(), bad, 0, "a multirange of");
  }
  refusedAs(GP_PROTOCOL, multi, Field(), multirange({std::string()}), 1, "a range of 0 bytes");
  for (const std::string& bad : {std::string(), int2(1) + int2(0), vectorOf({1}) + "x", int2(-1) + int2(0)}) {
    refusedAs(GP_PROTOCOL, {column(GP_VECTOR)}, Field(), bad, 0, "a vector of");
  }
}

TEST("a bad nested schema is refused with the column") {
  const auto refuse = [](const Columns& columns, const std::string& part) {
    bool thrown = false;
    try {
      convert(columns, "");
    } catch (const Failed& failed) {
      thrown = true;
      contains(failed.what(), part);
    }
    holds(thrown, "refused: " + part);
  };
  refuse({list()}, "a list has one child");
  refuse({column(GP_STRUCT)}, "a struct has children");
  refuse({list(0), child(0, "element", column(GP_INT4))}, "dimensions must be 1 to 6");
  refuse({column(GP_INT4), child(0, "x", column(GP_INT4))}, "only nested kinds have children");
  refuse({child(0, "x", column(GP_INT4))}, "parent must be");
  refuse({column(GP_MAP), child(0, "key", column(GP_TEXT)), child(0, "value", column(GP_TEXT))}, "a map's key is required");
  refuse({column(GP_RANGE), child(0, "lower", column(GP_INT4)), child(0, "upper", column(GP_INT8))}, "a range's bounds are of one kind");
  refuse({column(GP_MULTIRANGE), child(0, "element", column(GP_INT4))}, "a multirange's child is a range");
  Columns deep;
  for (int i = 0; i < 130; i++) deep.push_back(i == 0 ? list() : child(i - 1, "element", list()));
  deep.push_back(child(129, "element", column(GP_INT4)));
  refuse(deep, "nested too deep");
}
