// Rows from memory, without messages. That they become what the same rows of a stream do, every test says: run.h.
#include <cstring>

#include "test/support/copy.h"
#include "test/support/harness.h"

#include "include/gpuparser.h"

using namespace gp::test;

namespace {

struct Appender {
  Appender() {
    const gp_engine_options options{1, 0, nullptr};
    gp_column column{};
    column.name = "c";
    column.kind = GP_INT4;
    column.parent = -1;
    gp_writer_options writer{};
    writer.created_by = "test";
    gp_engine_open("cpu", &options, &engine, &status);
    gp_schema_open(engine, &column, 1, &writer, &schema, &status);
    gp_batch_open(schema, 0, &batch, &status);
  }
  ~Appender() {
    gp_batch_close(batch);
    gp_schema_close(schema);
    gp_engine_close(engine);
  }
  int append(const std::string& memory, std::vector<uint32_t> starts, std::vector<uint32_t> ends) {
    return gp_batch_append_rows(batch, memory.data(), static_cast<int64_t>(memory.size()), starts.data(), ends.data(),
                                static_cast<int64_t>(starts.size()), 0, &status);
  }
  gp_engine* engine = nullptr;
  gp_schema* schema = nullptr;
  gp_batch* batch = nullptr;
  gp_status status{};
};

}  // namespace

TEST("a row that is not within its memory is refused before anything is read") {
  const std::string memory = std::string(8, 'x') + rowBody({int4(1)}) + rowBody({int4(2)});
  for (const auto& [starts, ends] : std::vector<std::pair<std::vector<uint32_t>, std::vector<uint32_t>>>{
           {{7}, {18}}, {{8}, {9}}, {{18}, {8}}, {{18}, {29}}, {{8, 18}, {18, 29}}, {{0xFFFFFFFF}, {0xFFFFFFFF}}}) {
    Appender a;
    expect(a.append(memory, starts, ends), static_cast<int>(GP_USAGE), "code");
    contains(a.status.message, "a row is shorter than 2 bytes");
  }
}

TEST("arguments that are missing are refused") {
  Appender a;
  const uint32_t one = 8;
  expect(gp_batch_append_rows(a.batch, nullptr, 0, &one, &one, 0, 0, &a.status), static_cast<int>(GP_USAGE), "no memory");
  expect(gp_batch_append_rows(a.batch, "", 0, nullptr, &one, 1, 0, &a.status), static_cast<int>(GP_USAGE), "no starts");
  expect(gp_batch_append_rows(a.batch, "", 0, &one, &one, -1, 0, &a.status), static_cast<int>(GP_USAGE), "negative count");
  expect(gp_batch_append_rows(a.batch, "", int64_t{1} << 32, &one, &one, 0, 0, &a.status), static_cast<int>(GP_USAGE), "4 GiB");
  expect(gp_batch_append_rows(nullptr, "", 0, &one, &one, 0, 0, &a.status), static_cast<int>(GP_USAGE), "no batch");
}

TEST("no rows give their memory back") {
  Appender a;
  expect(a.append("", {}, {}), static_cast<int>(GP_OK), "code");
  gp_event event;
  int32_t count = 0;
  gp_wait(a.engine, &event, 1, 60000, &count, &a.status);
  expect(count, 1, "events");
  expect(event.type, static_cast<int>(GP_EVENT_SLOT), "type");
}
