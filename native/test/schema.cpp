// What a schema says of its files.
#include <string>
#include <vector>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

TEST("a schema's description is the footer of its file without rows, whatever room there is for it") {
  const std::vector<gp_column> columns = {child(-1, "id", column(GP_INT8, true)), child(-1, "price", column(GP_DECIMAL, false, 20, 2)),
                                          child(-1, "tags", column(GP_LIST, false, 1)), child(2, "element", column(GP_TEXT)),
                                          child(-1, "since", column(GP_TIMESTAMPTZ))};
  const std::string image = convert(columns, copyStream({})).image;
  uint32_t length = 0;
  for (size_t i = 0; i < 4; i++) length |= uint32_t{static_cast<uint8_t>(image[image.size() - 8 + i])} << 8 * i;
  const std::string footer = image.substr(image.size() - 8 - length, length);

  gp_status status;
  gp_engine* engine;
  gp_schema* schema;
  const gp_engine_options options{1, 0, nullptr};
  gp_writer_options writer{};
  writer.created_by = "test";
  gp_engine_open("cpu", &options, &engine, &status);
  gp_schema_open(engine, columns.data(), static_cast<int32_t>(columns.size()), &writer, &schema, &status);
  for (const size_t room : {size_t{0}, footer.size() - 1, footer.size(), footer.size() + 100}) {
    std::string bytes(room, '?');
    int64_t written = 0;
    expect(gp_schema_describe(schema, bytes.data(), static_cast<int64_t>(room), &written, &status), static_cast<int>(GP_OK), "code");
    expect(written, static_cast<int64_t>(footer.size()), "length");
    expect(bytes, room < footer.size() ? std::string(room, '?') : footer + std::string(room - footer.size(), '?'), "bytes");
  }
  expect(gp_schema_describe(schema, nullptr, 1, nullptr, &status), static_cast<int>(GP_USAGE), "without a length");
  gp_schema_close(schema);
  gp_engine_close(engine);
}
