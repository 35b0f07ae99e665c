// Many batches on many threads: every slot and every batch comes back once, and images do not depend on timing.
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

void fine(int code, const gp_status& status) { holds(code == GP_OK, status.message); }

struct Bench {
  explicit Bench(int threads) {
    const gp_engine_options options{threads, 0, nullptr};
    fine(gp_engine_open("cpu", &options, &engine, &status), status);
    columns = {column(GP_INT4), column(GP_TEXT)};
    columns[0].name = "a";
    columns[1].name = "b";
    gp_writer_options writer{};
    writer.codec = GP_SNAPPY;
    writer.dictionary = 1;
    fine(gp_schema_open(engine, columns.data(), 2, &writer, &schema, &status), status);
  }
  ~Bench() {
    if (schema != nullptr) gp_schema_close(schema);
    gp_engine_close(engine);
  }
  gp_engine* engine = nullptr;
  gp_schema* schema = nullptr;
  std::vector<gp_column> columns;
  gp_status status{};
};

std::vector<std::string> slotsOf(int seed, int slots) {
  std::vector<std::string> out;
  for (int s = 0; s < slots; s++) {
    std::string bytes;
    for (int i = 0; i < 500; i++) {
      const std::string head = s == 0 && i == 0 ? copyHeader() : "";
      bytes += message('d', head + rowBody({int4(seed * 1000 + s * 7 + i % 90), "row " + std::to_string(i * seed % 300)}));
    }
    out.push_back(bytes);
  }
  return out;
}

}  // namespace

TEST("interleaved batches on several threads give one image each, equal for equal bytes") {
  Bench bench(4);
  constexpr int batches = 24, slots = 6;
  std::vector<std::vector<std::string>> data;
  std::vector<gp_batch*> open;
  std::vector<gp_stream*> streams;
  for (int b = 0; b < batches; b++) {
    data.push_back(slotsOf(b % 3, slots));
    gp_batch* batch;
    fine(gp_batch_open(bench.schema, b, &batch, &bench.status), bench.status);
    open.push_back(batch);
    gp_stream* stream;
    fine(gp_stream_open(bench.engine, &stream, &bench.status), bench.status);
    streams.push_back(stream);
  }
  for (int s = 0; s < slots; s++) {
    for (size_t b = 0; b < batches; b++) {
      const std::string& slot = data[b][static_cast<size_t>(s)];
      gp_scan scan;
      fine(gp_stream_scan(streams[b], slot.data(), 0, static_cast<int64_t>(slot.size()), &scan, &bench.status), bench.status);
      expect(scan.rows, 500, "rows of a slot");
      fine(gp_batch_append(open[b], streams[b], slot.data(), static_cast<int64_t>(b) * 100 + s, &bench.status), bench.status);
    }
  }
  for (gp_batch* batch : open) fine(gp_batch_finish(batch, &bench.status), bench.status);
  std::map<int64_t, int> seen;
  std::map<int64_t, std::string> images;
  while (images.size() < batches || seen.size() < batches * slots) {
    gp_event events[8];
    int32_t count;
    fine(gp_wait(bench.engine, events, 8, 60000, &count, &bench.status), bench.status);
    holds(count > 0, "events come");
    for (int i = 0; i < count; i++) {
      if (events[i].type == GP_EVENT_SLOT) {
        expect(++seen[events[i].id], 1, "a slot comes back once");
        continue;
      }
      expect(events[i].code, static_cast<int32_t>(GP_OK), "code");
      expect(events[i].rows, 500 * slots, "rows");
      for (int s = 0; s < slots; s++) expect(seen[events[i].id * 100 + s], 1, "slots before their batch");
      images[events[i].id].assign(static_cast<const char*>(events[i].image), static_cast<size_t>(events[i].bytes));
      gp_image_free(bench.engine, events[i].image);
    }
  }
  for (const auto& [id, image] : images) {
    holds(image == images[id % 3], "equal bytes give equal images");
    readFile(image);
  }
  for (gp_batch* batch : open) gp_batch_close(batch);
  for (gp_stream* stream : streams) gp_stream_close(stream);
}

TEST("a closed batch gives its slots back and no image") {
  Bench bench(2);
  const std::vector<std::string> slots = slotsOf(1, 8);
  for (int round = 0; round < 20; round++) {
    gp_batch* batch;
    fine(gp_batch_open(bench.schema, 1, &batch, &bench.status), bench.status);
    gp_stream* stream;
    fine(gp_stream_open(bench.engine, &stream, &bench.status), bench.status);
    for (size_t s = 0; s < slots.size(); s++) {
      gp_scan scan;
      fine(gp_stream_scan(stream, slots[s].data(), 0, static_cast<int64_t>(slots[s].size()), &scan, &bench.status), bench.status);
      fine(gp_batch_append(batch, stream, slots[s].data(), static_cast<int64_t>(s), &bench.status), bench.status);
    }
    gp_batch_close(batch);
    for (size_t back = 0; back < slots.size();) {
      gp_event event;
      int32_t count;
      fine(gp_wait(bench.engine, &event, 1, 60000, &count, &bench.status), bench.status);
      expect(count, 1, "events");
      expect(event.type, static_cast<int32_t>(GP_EVENT_SLOT), "type");
      back++;
    }
    gp_stream_close(stream);
  }
}

TEST("wake ends a wait, and a wait without events ends by its time") {
  Bench bench(1);
  gp_event event;
  int32_t count = 9;
  fine(gp_wait(bench.engine, &event, 1, 1, &count, &bench.status), bench.status);
  expect(count, 0, "events");
  std::thread waker([&] { gp_wake(bench.engine); });
  fine(gp_wait(bench.engine, &event, 1, -1, &count, &bench.status), bench.status);
  expect(count, 0, "events");
  waker.join();
}

TEST("engines open and close while idle and right after work") {
  for (int i = 0; i < 20; i++) Bench bench(3);
  for (int i = 0; i < 20; i++) {
    const std::vector<std::string> slots = slotsOf(2, 1);  // the engine may read it until it is closed
    Bench bench(3);
    gp_batch* batch;
    fine(gp_batch_open(bench.schema, 1, &batch, &bench.status), bench.status);
    gp_stream* stream;
    fine(gp_stream_open(bench.engine, &stream, &bench.status), bench.status);
    gp_scan scan;
    fine(gp_stream_scan(stream, slots[0].data(), 0, static_cast<int64_t>(slots[0].size()), &scan, &bench.status), bench.status);
    fine(gp_batch_append(batch, stream, slots[0].data(), 0, &bench.status), bench.status);
    gp_batch_close(batch);
    gp_stream_close(stream);
  }
}

TEST("misuse is refused, not obeyed") {
  Bench bench(1);
  gp_engine* none;
  expect(gp_engine_open("tpu", nullptr, &none, &bench.status), static_cast<int32_t>(GP_USAGE), "device");
  expect(gp_engine_open("cuda:0", nullptr, &none, &bench.status), static_cast<int32_t>(GP_DEVICE), "no CUDA here");
  gp_batch* batch;
  fine(gp_batch_open(bench.schema, 1, &batch, &bench.status), bench.status);
  fine(gp_batch_finish(batch, &bench.status), bench.status);
  expect(gp_batch_finish(batch, &bench.status), static_cast<int32_t>(GP_USAGE), "finish twice");
  gp_batch_close(batch);
  char text[2048];
  fine(gp_describe(text, sizeof text, &bench.status), bench.status);
  contains(text, "\"snappy\":\"1.3.1\"");
}
