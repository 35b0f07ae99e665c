#include "test/support/run.h"

#include <cstring>
#include <memory>

#include "test/support/harness.h"

namespace gp::test {
namespace {

constexpr const char* kNames[] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"};

void check(int code, const gp_status& status) {
  if (code != GP_OK) throw Failed(std::string("call failed: ") + status.message);
}

gp_engine* sharedEngine() {
  static const auto engine = [] {
    gp_engine* made;
    gp_status status;
    const gp_engine_options options{2, 0, nullptr};
    check(gp_engine_open("cpu", &options, &made, &status), status);
    return std::unique_ptr<gp_engine, void (*)(gp_engine*)>(made, gp_engine_close);
  }();
  return engine.get();
}

}  // namespace

gp_column column(int kind, bool required, int precision, int scale) {
  gp_column c{};
  c.kind = kind;
  c.required = required;
  c.precision = precision;
  c.scale = scale;
  c.logical = kind == GP_TEXT ? GP_LOGICAL_STRING : GP_LOGICAL_NONE;
  c.parent = -1;
  return c;
}

gp_column child(int parent, const char* name, gp_column c) {
  c.parent = parent;
  c.name = name;
  return c;
}

gp_column withPolicy(gp_column c, gp_policy nan, gp_policy infinity) {
  c.on_nan = nan;
  c.on_infinity = infinity;
  return c;
}

namespace {

// A batch with what it takes, until its image is there.
class Run {
 public:
  Run(const std::vector<gp_column>& given, const Options& options) {
    std::vector<gp_column> columns = given;
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (size_t i = 0; i < columns.size(); i++) {
      names.push_back(i < 10 ? kNames[i] : "c" + std::to_string(i));
      if (columns[i].name == nullptr) columns[i].name = names[i].c_str();
    }
    gp_writer_options writer{};
    writer.codec = options.codec;
    writer.level = options.level;
    writer.page_bytes = options.pageBytes;
    writer.statistics_bytes = options.boundBytes;
    writer.dictionary = options.dictionary;
    writer.created_by = "test";
    writer.encodings = options.everyEncoding ? GP_ENCODINGS_AUTO : GP_ENCODINGS_COMPATIBLE;
    gp_schema* schema;
    check(gp_schema_open(engine, columns.data(), static_cast<int32_t>(columns.size()), &writer, &schema, &status), status);
    check(gp_batch_open(schema, 7, &batch, &status), status);
    gp_schema_close(schema);
  }
  ~Run() { gp_batch_close(batch); }

  // Into what it has so far: an error of the scanner stays.
  void finish(Outcome& outcome) {
    check(gp_batch_finish(batch, &status), status);
    size_t returned = 0;
    bool ended = false;
    while (!ended || returned < appended) {
      gp_event event;
      int32_t count = 0;
      check(gp_wait(engine, &event, 1, 60000, &count, &status), status);
      holds(count == 1, "an event comes within a minute");
      if (event.type == GP_EVENT_SLOT) {
        holds(!ended, "slots come back before the batch's event");
        returned++;
        continue;
      }
      ended = true;
      expect(event.id, 7, "id of the batch's event");
      outcome.rows = event.rows;
      if (event.code == GP_OK) {
        outcome.image.assign(static_cast<const char*>(event.image), static_cast<size_t>(event.bytes));
        gp_image_free(engine, event.image);
      } else if (outcome.code == GP_OK) {
        outcome.code = event.code;
        gp_batch_status(batch, &outcome.status);
        expect(outcome.status.code, event.code, "code of the batch's status");
      }
    }
  }

  gp_engine* const engine = sharedEngine();
  gp_status status{};
  gp_batch* batch = nullptr;
  size_t appended = 0;
};

// Exactly as long as its bytes: an overrun is the sanitizer's to find.
std::unique_ptr<char[]> exactly(const std::string& bytes) {
  auto out = std::make_unique<char[]>(bytes.size());
  std::memcpy(out.get(), bytes.data(), bytes.size());
  return out;
}

// The rows of slots that were scanned, from memory: all at once, the last one first in it.
Outcome convertRows(const std::vector<gp_column>& columns, const std::vector<std::string>& rows, const Options& options) {
  std::string memory(8, 'x');
  std::vector<uint32_t> starts(rows.size()), ends(rows.size());
  for (size_t i = rows.size(); i-- > 0;) {
    starts[i] = static_cast<uint32_t>(memory.size());
    memory += rows[i];
    ends[i] = static_cast<uint32_t>(memory.size());
  }
  const std::unique_ptr<char[]> exact = exactly(memory);
  Run run(columns, options);
  check(gp_batch_append_rows(run.batch, exact.get(), static_cast<int64_t>(memory.size()), starts.data(), ends.data(),
                             static_cast<int64_t>(rows.size()), 1, &run.status),
        run.status);
  run.appended = 1;
  Outcome outcome;
  run.finish(outcome);
  return outcome;
}

uint32_t wordAt(const std::string& bytes, size_t at) {
  uint32_t word = 0;
  for (size_t i = 0; i < 4; i++) word = word << 8 | static_cast<uint8_t>(bytes[at + i]);
  return word;
}

// What the CopyData messages hold, the first one without the COPY header.
std::vector<std::string> rowsOf(const std::string& stream, size_t end) {
  std::vector<std::string> rows;
  bool first = true;
  for (size_t at = 0; at < end;) {
    const size_t next = at + 1 + wordAt(stream, at + 1), header = first ? 19 + wordAt(stream, at + 5 + 15) : 0;
    const std::string row = stream.substr(at + 5 + header, next - at - 5 - header);
    if (!row.empty() && row != std::string(2, '\xFF')) rows.push_back(row);
    first = false;
    at = next;
  }
  return rows;
}

}  // namespace

Outcome convert(const std::vector<gp_column>& columns, const std::string& stream, const Options& options) {
  Run run(columns, options);
  gp_stream* scanner;
  check(gp_stream_open(run.engine, &scanner, &run.status), run.status);
  check(gp_stream_reset(scanner, &run.status), run.status);
  Outcome outcome;
  std::vector<std::unique_ptr<char[]>> slots;
  size_t at = 0;
  while (at < stream.size() && outcome.code == GP_OK) {
    size_t end = at;
    while (end < stream.size()) {
      const uint32_t length = stream.size() - end >= 5 ? wordAt(stream, end + 1) : 0;
      const size_t next = std::min<size_t>(stream.size(), end + 1 + length);
      if (end > at && next - at > options.slotBytes) break;
      if (next == end) break;
      end = next;
    }
    slots.push_back(exactly(stream.substr(at, end - at)));
    const char* slot = slots.back().get();
    gp_scan scan{};
    outcome.code = gp_stream_scan(scanner, slot, 0, static_cast<int64_t>(end - at), &scan, &outcome.status);
    if (outcome.code != GP_OK) break;
    check(gp_batch_append(run.batch, scanner, slot, static_cast<int64_t>(slots.size()), &run.status), run.status);
    run.appended++;
    if (scan.end == 0) break;
    at += static_cast<size_t>(scan.end);
    if (scan.stop != 0) break;
  }
  const bool scanned = outcome.code == GP_OK;
  run.finish(outcome);
  gp_stream_close(scanner);
  if (!scanned) return outcome;
  const Outcome fromRows = convertRows(columns, rowsOf(stream, at), options);
  expect(fromRows.code, outcome.code, "code of the same rows from memory");
  holds(fromRows.image == outcome.image, "the same rows from memory make the same image");
  if (outcome.code == GP_OK) return outcome;
  expect(fromRows.status.row, outcome.status.row, "faulty row of the same rows from memory");
  expect(fromRows.status.reason, outcome.status.reason, "reason of the same rows from memory");
  expect(fromRows.status.column, outcome.status.column, "faulty column of the same rows from memory");
  expect(std::string(fromRows.status.message), std::string(outcome.status.message), "message about the same rows from memory");
  return outcome;
}

File readBack(const std::vector<gp_column>& columns, const std::vector<Row>& rows, const Options& options) {
  const Outcome outcome = convert(columns, copyStream(rows), options);
  if (outcome.code != GP_OK) throw Failed(std::string("conversion failed: ") + outcome.status.message);
  expect(outcome.rows, static_cast<int64_t>(rows.size()), "rows of the batch");
  File file = readFile(outcome.image);
  expect(file.rows, static_cast<int64_t>(rows.size()), "rows of the file");
  return file;
}

Field one(const gp_column& c, const Field& field) { return readBack({c}, {{field}}).columns.at(0).values.at(0); }

gp_status refused(const gp_column& c, const Field& field) {
  const Outcome outcome = convert({c}, copyStream({{field}}));
  holds(outcome.code != GP_OK, "the value is refused");
  return outcome.status;
}

}  // namespace gp::test
