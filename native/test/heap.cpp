// Heap pages made by hand, through the C ABI: what is taken, what stops a batch, and where an error is.
#include "test/support/heap.h"
#include "lz4.h"
#include "pages/page.h"
#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp;
using namespace gp::test;

namespace {

constexpr uint16_t kIn = 0x0900, kUnhinted = 0x0800;

std::string row(int32_t id, const std::string& text, uint32_t xmin = 2, uint16_t mask = kIn) {
  HeapTuple tuple;
  tuple.xmin = xmin;
  tuple.mask = mask;
  tuple.natts = 2;
  tuple.data = little(static_cast<uint32_t>(id), 4) + text;
  return tuple.bytes();
}

std::string page(uint32_t block, std::vector<std::string> tuples, uint16_t flags = 0) {
  HeapPage out;
  out.tuples = std::move(tuples);
  out.flags = flags;
  out.block = block;
  return out.bytes();
}

std::vector<gp_column> idAndText() { return {column(GP_INT4), column(GP_TEXT)}; }
std::vector<gp_attribute> itsAttributes() { return {attribute(4, 4, 0), attribute(-1, 4, 1)}; }

std::string ids(const File& file) {
  std::string out;
  for (const auto& value : file.columns.at(0).values) {
    uint32_t id = 0;
    for (size_t i = 4; i-- > 0;) id = id << 8 | static_cast<uint8_t>((*value)[i]);
    out += (out.empty() ? "" : " ") + std::to_string(static_cast<int32_t>(id));
  }
  return out;
}

void is(int32_t state, gp_page_state wanted, const char* what) { expect(state, static_cast<int32_t>(wanted), what); }

// The state of one page that nobody can take.
int32_t stateOf(const std::string& bytes, bool checksums = true) {
  HeapRun run(idAndText(), itsAttributes());
  expect(run.append(bytes, 0, false, checksums).taken, int64_t{0}, "pages taken");
  return run.states.at(0).state;
}

// Changes a page and gives it the checksum of what it holds then.
template <class Change>
std::string changed(std::string bytes, Change&& change) {
  change(bytes);
  seal(bytes, 0);
  return bytes;
}

void set(std::string& bytes, size_t at, uint64_t value, int width) { bytes.replace(at, static_cast<size_t>(width), little(value, width)); }

}  // namespace

TEST("rows of several pages come in the pages' order, in every form of varlena") {
  HeapRun run(idAndText(), itsAttributes());
  const std::string stream(4096, 'a');
  std::string packed(static_cast<size_t>(LZ4_compressBound(4096)), '\0');
  packed.resize(static_cast<size_t>(LZ4_compress_default(stream.data(), packed.data(), 4096, static_cast<int>(packed.size()))));
  const gp_pages done =
      run.append(page(0, {row(1, shortDatum("one")), row(2, longDatum("two")), row(3, shortDatum(""))}) + std::string(kPageBytes, '\0') +
                 page(2, {row(4, compressedDatum(std::string("\2b\x0F\1\xFF", 5), 274, 0)), row(5, compressedDatum(packed, 4096, 1)),
                          row(6, longDatum(std::string(3000, 'c')))}));
  expect(done.taken, int64_t{3}, "pages taken");
  expect(done.rows, int64_t{6}, "rows taken");
  is(run.states[1].state, GP_PAGE_EMPTY, "a new page");
  const File file = run.finish();
  expect(ids(file), std::string("1 2 3 4 5 6"), "ids");
  const auto& texts = file.columns.at(1).values;
  expect(*texts[1], std::string("two"), "a datum of four header bytes");
  expect(*texts[2], std::string(), "an empty text");
  expect(*texts[3], std::string(274, 'b'), "pglz");
  expect(*texts[4], stream, "lz4");
}

TEST("on an all-visible page hint bits and xmax mean nothing; elsewhere each tuple is judged") {
  const auto deleted = [](uint16_t mask) {
    HeapTuple tuple;
    tuple.xmin = 500;
    tuple.xmax = 501;
    tuple.mask = mask;
    tuple.natts = 2;
    tuple.data = little(7, 4) + shortDatum("x");
    return tuple.bytes();
  };
  HeapRun all(idAndText(), itsAttributes());
  expect(all.append(page(0, {deleted(0x0500), deleted(0)}, kAllVisible)).rows, int64_t{2}, "rows of an all-visible page");
  is(all.states[0].state, GP_PAGE_ALL_VISIBLE, "state");
  HeapRun each(idAndText(), itsAttributes());
  expect(each.append(page(0, {deleted(0x0500), deleted(0x0900), deleted(0x0200)})).rows, int64_t{1}, "rows of another page");
  is(each.states[0].state, GP_PAGE_MVCC, "state");
}

TEST("dropped attributes are walked over, short tuples have missing values or NULL, and NULLs take no place") {
  std::vector<gp_attribute> attributes{attribute(2, 2, -1), attribute(-1, 4, 1), attribute(8, 8, -1), attribute(4, 4, 0),
                                       attribute(-1, 4, 2), attribute(8, 8, 3),  attribute(-1, 4, 4)};
  const std::string text = "late", decimal = numeric("-12.5");
  attributes[4].missing = text.data();
  attributes[4].missing_bytes = 4;
  attributes[6].missing = decimal.data();
  attributes[6].missing_bytes = static_cast<int64_t>(decimal.size());
  HeapRun run({column(GP_INT4), column(GP_TEXT), column(GP_TEXT), column(GP_INT8), column(GP_DECIMAL, false, 9, 2)}, attributes);
  HeapTuple old, whole, nulls;
  old.natts = 4;
  old.data = little(9, 2) + shortDatum("abcde") + little(8, 8) + little(1, 4);  // 2 + 6 bytes, then aligned to 8
  whole.natts = 7;
  whole.data = little(9, 2) + shortDatum("abcd") + std::string(1, '\0') + little(8, 8) + little(2, 4) + shortDatum("now") + little(77, 8) +
               shortDatum(little(0x8000 | 2 << 7, 2) + little(3, 2));
  nulls.natts = 7;
  nulls.there = {false, false, false, true, false, false, false};
  nulls.data = little(3, 4);
  // every fast path needs four alike
  const std::string w = whole.bytes();
  run.append(page(0, {old.bytes(), w, w, w, w, nulls.bytes()}));
  const File file = run.finish();
  expect(ids(file), std::string("1 2 2 2 2 3"), "ids");
  expect(*file.columns[1].values[0], std::string("abcde"), "text of the old tuple");
  expect(*file.columns[1].values[4], std::string("abcd"), "text of a whole one");
  expect(*file.columns[2].values[0], text, "a missing value");
  expect(*file.columns[2].values[1], std::string("now"), "one that is there");
  holds(!file.columns[3].values[0].has_value(), "an attribute without missing value is NULL");
  expect(*file.columns[3].values[1], little(77, 8), "bigint");
  expect(*file.columns[4].values[0], little(static_cast<uint32_t>(-1250), 4), "a missing numeric");
  expect(*file.columns[4].values[1], little(300, 4), "a numeric");
  for (size_t c = 1; c < 5; c++) holds(!file.columns[c].values[5].has_value(), "NULL");
}

TEST("names, enums, addresses and \"char\" become texts") {
  std::vector<gp_attribute> attributes{attribute(64, 1, 0, GP_DISK_NAME), attribute(4, 4, 1, GP_DISK_ENUM),
                                       attribute(-1, 4, 2, GP_DISK_INET), attribute(6, 4, 3, GP_DISK_MACADDR),
                                       attribute(1, 1, 4, GP_DISK_CHAR),  attribute(8, 8, 5, GP_DISK_PG_LSN)};
  const std::string labels = little(70000, 4) + little(5, 4) + "happy" + little(300, 4) + little(3, 4) + "sad";
  attributes[1].labels = labels.data();
  attributes[1].labels_bytes = static_cast<int64_t>(labels.size());
  HeapTuple tuple;
  tuple.natts = 6;
  std::string name = "a name";
  name.resize(64);
  tuple.data = name + little(70000, 4) + shortDatum({2, 8, 10, 0, 0, 1}) + std::string(1, '\0') + std::string("\1\2\3\4\5\6", 6) +
               std::string(1, '\0') + std::string(5, '\0') + little(0x1600000001, 8);
  HeapRun run(std::vector<gp_column>(6, column(GP_TEXT)), attributes);
  const std::string good = page(0, {tuple.bytes()});
  expect(run.append(good).taken, int64_t{1}, "taken");
  HeapTuple late = tuple;
  late.data.replace(64, 4, little(70001, 4));
  expect(run.append(page(1, {tuple.bytes()}) + page(2, {late.bytes()}), 1).taken, int64_t{1}, "up to a label that is not known");
  is(run.states[1].state, GP_PAGE_UNKNOWN, "its page");
  const File file = run.finish();
  const char* wanted[] = {"a name", "happy", "10.0.0.1/8", "01:02:03:04:05:06", "", "16/1"};
  for (size_t c = 0; c < 6; c++) expect(*file.columns[c].values.at(1), std::string(wanted[c]), "column " + std::to_string(c));
}

TEST("a page that must be asked about stops the batch, and a resumed append goes on in order") {
  HeapRun run(idAndText(), itsAttributes());
  const std::string first = page(0, {row(1, shortDatum("a"))}),
                    asking = page(1, {row(2, shortDatum("b"), 700, kUnhinted), row(3, shortDatum("c"), 701, kUnhinted),
                                      row(4, shortDatum("d"), 700, kUnhinted)}),
                    later = page(2, {row(5, shortDatum("e"), 702, kUnhinted)});
  expect(run.append(first + asking + later).taken, int64_t{1}, "taken");
  is(run.states[1].state, GP_PAGE_ASK, "state");
  expect(run.asked.size(), size_t{3}, "each is asked of once, those of later pages too");
  expect(run.append(page(3, {row(6, shortDatum("f"))}), 3).taken, int64_t{0}, "what comes before the answer is not taken");
  is(run.states[0].state, GP_PAGE_MVCC, "though it could be");
  run.answer({700, 0, GP_ANSWER_COMMITTED, 0});
  run.answer({701, 0, GP_ANSWER_ABORTED, 0});
  run.xact(0, std::string(175, '\0') + std::string(1, '\x10'));  // 702 is the third of its byte
  expect(run.append(asking + later, 1, true).taken, int64_t{2}, "taken after the answers");
  expect(run.append(page(3, {row(6, shortDatum("f"))}), 3).taken, int64_t{1}, "and the rest");
  expect(ids(run.finish()), std::string("1 2 4 5 6"), "ids");
}

TEST("what the snapshot or the server leave open, and TOAST, is left to COPY") {
  HeapRun overflowed(idAndText(), itsAttributes(), 100, 1000, {}, true);
  overflowed.append(page(0, {row(1, shortDatum("a"), 500, kUnhinted)}));
  is(overflowed.states[0].state, GP_PAGE_OVERFLOWED, "an overflowed snapshot");
  HeapRun unknown(idAndText(), itsAttributes());
  unknown.answer({500, 0, GP_ANSWER_UNKNOWN, 0});
  unknown.append(page(0, {row(1, shortDatum("a"), 500, kUnhinted)}));
  is(unknown.states[0].state, GP_PAGE_UNKNOWN, "no answer");
  HeapRun toast(idAndText(), itsAttributes());
  expect(toast.append(page(0, {row(1, shortDatum("a"))}) + page(1, {row(2, toastPointer())})).taken, int64_t{1}, "taken before TOAST");
  is(toast.states[1].state, GP_PAGE_TOAST, "a value elsewhere");
  HeapRun dropped({column(GP_INT4)}, {attribute(4, 4, 0), attribute(-1, 4, -1)});
  expect(dropped.append(page(0, {row(1, toastPointer())})).taken, int64_t{1}, "a dropped column's does not matter");
}

TEST("a torn page is to be read again") {
  const std::string good = page(0, {row(1, shortDatum("a"))});
  std::string flipped = good;
  flipped[8000] ^= 1;
  is(stateOf(flipped), GP_PAGE_TORN, "one bit");
  is(stateOf(page(1, {row(1, shortDatum("a"))})), GP_PAGE_TORN, "a page at the wrong block");
  is(stateOf(std::string(4096, '\0') + good.substr(4096)), GP_PAGE_TORN, "its first half zero");
  HeapRun run(idAndText(), itsAttributes());
  expect(run.append(flipped, 0, false, false).taken, int64_t{1}, "a cluster without checksums cannot know");
}

TEST("no byte of a page is trusted") {
  const std::string good = page(0, {row(1, shortDatum("a"))});
  const size_t tuple = kPageBytes - 32;
  const auto damaged = [&](const char* what, auto&& change) { is(stateOf(changed(good, change)), GP_PAGE_DAMAGED, what); };
  damaged("page size", [](std::string& p) { set(p, 18, 4096 | 4, 2); });
  damaged("flags", [](std::string& p) { set(p, 10, 8, 2); });
  damaged("lower within the header", [](std::string& p) { set(p, 12, 20, 2); });
  damaged("lower above upper", [](std::string& p) { set(p, 12, 8190, 2); });
  damaged("special beyond the page", [](std::string& p) { set(p, 16, 8200, 2); });
  damaged("a tuple below upper", [](std::string& p) { set(p, 24, 4096 | 1 << 15 | 32 << 17, 4); });
  damaged("a tuple beyond the page", [&](std::string& p) { set(p, 24, tuple | 1 << 15 | uint64_t{40} << 17, 4); });
  damaged("a tuple at an odd place", [&](std::string& p) { set(p, 24, (tuple + 4) | 1 << 15 | uint64_t{25} << 17, 4); });
  damaged("a tuple without its header", [&](std::string& p) { set(p, 24, tuple | 1 << 15 | uint64_t{22} << 17, 4); });
  damaged("data before the header's end", [&](std::string& p) { set(p, tuple + 22, 16, 1); });
  damaged("data beyond the tuple", [&](std::string& p) { set(p, tuple + 22, 248, 1); });
  damaged("more attributes than the relation", [&](std::string& p) { set(p, tuple + 18, 3, 2); });
  damaged("a short text beyond the tuple", [&](std::string& p) { set(p, tuple + 28, 0xFF, 1); });
  damaged("a short tag that is none", [&](std::string& p) { set(p, tuple + 28, 0x0201, 2); });
  damaged("the tuple ends before its attributes", [&](std::string& p) { set(p, 24, tuple | 1 << 15 | uint64_t{26} << 17, 4); });
  const auto text = [](const std::string& datum) { return page(0, {row(1, datum)}); };
  is(stateOf(text(little(3 << 2, 4))), GP_PAGE_DAMAGED, "a length below its own header");
  is(stateOf(text(little(uint64_t{1} << 29, 4))), GP_PAGE_DAMAGED, "a long text beyond the tuple");
  is(stateOf(text(compressedDatum("\2a", 100, 0))), GP_PAGE_DAMAGED, "pglz that ends early");
  is(stateOf(text(compressedDatum("\2a", 1 << 29, 0))), GP_PAGE_DAMAGED, "a raw size that no stream of this length has");
  is(stateOf(text(compressedDatum("\xFF\xFF", 100, 1))), GP_PAGE_DAMAGED, "lz4 that is none");
  is(stateOf(text(compressedDatum("aaaa", 4, 2))), GP_PAGE_DAMAGED, "an unknown method");
}

TEST("more tuples than a page can hold, all at one place, are damage") {
  std::string p = page(0, {row(1, shortDatum("a"))});
  const size_t tuple = kPageBytes - 32;
  for (size_t i = 0; i < 300; i++) set(p, 24 + 4 * i, tuple | 1 << 15 | uint64_t{30} << 17, 4);
  set(p, 12, 24 + 1200, 2);
  seal(p, 0);
  is(stateOf(p), GP_PAGE_DAMAGED, "300 line pointers");
}

TEST("an error says which tuple of which block it is") {
  HeapRun run({column(GP_DATE)}, {attribute(4, 4, 0)});
  const auto day = [](int32_t days) {
    HeapTuple tuple;
    tuple.data = little(static_cast<uint32_t>(days), 4);
    return tuple.bytes();
  };
  HeapTuple dead;
  dead.mask = 0x0200;
  dead.data = little(0, 4);
  run.append(page(41, {day(0), day(1)}) + page(42, {day(2), dead.bytes(), day(INT32_MAX)}), 41);
  expect(run.append(page(43, {day(3)}), 43).taken, int64_t{1}, "what comes behind is not to be appended again");
  const gp_status status = run.refused();
  expect(status.code, static_cast<int>(GP_VALUE), "code");
  expect(status.row, int64_t{3}, "row");
  expect(status.block, int64_t{42}, "block");
  expect(status.item, 3, "item");
  HeapRun text({column(GP_TEXT)}, [] {
    gp_attribute a = attribute(-1, 4, 0);
    a.check_utf8 = 1;
    return std::vector<gp_attribute>{a};
  }());
  HeapTuple tuple;
  tuple.data = shortDatum("\xE9t\xE9");
  text.append(page(5, {tuple.bytes()}), 5);
  const gp_status invalid = text.refused();
  expect(invalid.reason, static_cast<int>(GP_REASON_UTF8), "reason");
  expect(invalid.block, int64_t{5}, "block of the text");
}

TEST("layouts that do not fit the schema are refused") {
  const auto refusal = [](std::vector<gp_column> columns, const std::vector<gp_attribute>& attributes) {
    try {
      HeapRun run(std::move(columns), attributes);
    } catch (const Failed& failed) {
      return std::string(failed.what());
    }
    return std::string("opened");
  };
  contains(refusal({column(GP_INT4)}, {attribute(8, 8, 0)}), "length and form");
  contains(refusal({column(GP_JSONB)}, {attribute(-1, 4, 0)}), "length and form");
  contains(refusal({column(GP_TEXT)}, {attribute(4, 4, 0)}), "length and form");
  contains(refusal({column(GP_INT4)}, {}), "no attribute");
  contains(refusal({column(GP_INT4)}, {attribute(4, 4, 0), attribute(4, 4, 0)}), "two attributes");
  contains(refusal({column(GP_INT4)}, {attribute(4, 3, 0)}), "align");
  contains(refusal({column(GP_INT4)}, {attribute(4, 4, 1)}), "none of the schema's");
}
