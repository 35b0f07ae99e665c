// Heap pages in memory -> Parquet images. Prints one "key value" a line; --stages adds cycles per row of what comes before the columns.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "bench/lineitem.h"
#include "bench/lineitem_pages.h"
#include "pages/reader.h"
#include "pages/visibility_data.h"

namespace {

using namespace gp;
using bench::Slot;

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

void check(int32_t code, const gp_status& status) {
  if (code != GP_OK) die(status.message);
}

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// This thread's processor time.
double busySeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

constexpr size_t kSlotPages = 128, kBatchSlots = 64;

struct Totals {
  double wall = 0, decode = 0, encode = 0;
  int64_t rows = 0, bytes = 0;
};

// Slots pass through a ring, as they do behind a socket: the engine reads bytes that were written a moment before.
Totals runOnce(gp_engine* engine, const std::vector<uint8_t>& pages, const gp_writer_options& writer) {
  gp_status status;
  const std::vector<gp_column> columns = bench::lineitemColumns();
  const std::vector<gp_attribute> attributes = bench::lineitemAttributes();
  gp_schema* schema;
  check(gp_schema_open(engine, columns.data(), static_cast<int32_t>(columns.size()), &writer, &schema, &status), status);
  gp_layout* layout;
  check(gp_layout_open(schema, attributes.data(), static_cast<int32_t>(attributes.size()), &layout, &status), status);
  gp_visibility* visibility;
  check(gp_visibility_open(1000, 1000, nullptr, 0, 0, &visibility, &status), status);
  struct Place {
    void* memory;
    gp_pages result;
    gp_page states[kSlotPages];
  };
  std::vector<Place> ring(8);
  std::vector<size_t> free;
  for (size_t i = 0; i < ring.size(); i++) {
    check(gp_memory_alloc(engine, kSlotPages * kPageBytes, &ring[i].memory, &status), status);
    free.push_back(i);
  }
  Totals totals;
  std::vector<gp_batch*> batches;
  size_t images = 0;
  const auto drain = [&] {
    gp_event events[16];
    int32_t count;
    check(gp_wait(engine, events, 16, -1, &count, &status), status);
    for (int32_t i = 0; i < count; i++) {
      const gp_event& event = events[i];
      if (event.type == GP_EVENT_SLOT) {
        free.push_back(static_cast<size_t>(event.id));
        continue;
      }
      gp_batch* batch = batches[static_cast<size_t>(event.id)];
      if (event.code != GP_OK) {
        gp_batch_status(batch, &status);
        die(status.message);
      }
      totals.rows += event.rows;
      totals.bytes += event.bytes;
      totals.decode += static_cast<double>(event.decode_ns) * 1e-9;
      totals.encode += static_cast<double>(event.encode_ns) * 1e-9;
      gp_image_free(engine, event.image);
      gp_batch_close(batch);
      images++;
    }
  };
  const double start = seconds();
  const size_t total = pages.size() / kPageBytes;
  for (size_t at = 0; at < total; at += kSlotPages) {
    while (free.empty()) drain();
    const size_t slot = free.back(), count = std::min(kSlotPages, total - at);
    free.pop_back();
    std::memcpy(ring[slot].memory, pages.data() + at * kPageBytes, count * kPageBytes);
    if (at % (kSlotPages * kBatchSlots) == 0) {
      gp_batch* batch;
      check(gp_batch_open(schema, static_cast<int64_t>(batches.size()), &batch, &status), status);
      batches.push_back(batch);
    }
    uint32_t blocks[kSlotPages];
    for (size_t i = 0; i < count; i++) blocks[i] = static_cast<uint32_t>(at + i);
    Place& place = ring[slot];
    check(gp_batch_append_pages(batches.back(), layout, visibility, place.memory, blocks, static_cast<int64_t>(count), 1, 0, &place.result,
                                place.states, nullptr, 0, static_cast<int64_t>(slot), &status),
          status);
    if ((at + kSlotPages) % (kSlotPages * kBatchSlots) == 0 || at + count == total) check(gp_batch_finish(batches.back(), &status), status);
  }
  while (images < batches.size() || free.size() < ring.size()) drain();
  totals.wall = seconds() - start;
  for (const Place& place : ring) gp_memory_free(engine, place.memory);
  gp_layout_close(layout);
  gp_visibility_close(visibility);
  gp_schema_close(schema);
  return totals;
}

// What comes before the columns, by hand on this thread: the same slot again and again, in cache as behind a socket.
void printStages(const std::vector<uint8_t>& pages, const gp_writer_options& writer) {
  const std::vector<gp_column> columns = bench::lineitemColumns();
  const std::vector<gp_attribute> attributes = bench::lineitemAttributes();
  const SchemaPlan schema = planSchema(columns.data(), static_cast<int32_t>(columns.size()), writer);
  const Layout layout = planLayout(schema, attributes.data(), static_cast<int32_t>(attributes.size()));
  VisibilityData data(1000, 1000, {}, false);
  const std::shared_ptr<const VisibilityState> state = data.now();
  const Visibility visibility = state->view();
  const size_t count = std::min(kSlotPages, pages.size() / kPageBytes);
  std::vector<gp_page> states(count);
  std::vector<uint32_t> blocks(count);
  for (size_t i = 0; i < count; i++) blocks[i] = static_cast<uint32_t>(i);
  PageScratch scratch;
  Buffer<gp_asked> asked;
  size_t rows = 0, sink = 0;
  const auto read = [&](bool checksums) {
    rows = 0;
    PageReader reader(layout, visibility, {pages.data(), blocks.data(), count, checksums, states.data()}, scratch, asked);
    while (reader.next(1024)) rows += reader.rows();
  };
  const auto stage = [&](const char* name, auto&& work) {
    constexpr int passes = 200;
    work();
    const double start = busySeconds();
    for (int i = 0; i < passes; i++) work();
    std::printf("stage %-20s %.1f ns/row\n", name, (busySeconds() - start) / passes / static_cast<double>(rows) * 1e9);
  };
  read(false);
  stage("checksum", [&] {
    for (size_t i = 0; i < count; i++) sink += pageChecksum(pages.data() + i * kPageBytes, blocks[i]);
  });
  stage("judge", [&] {
    for (size_t i = 0; i < count; i++) {
      scratch.tuples.clear();
      judgePage(
          pages.data() + i * kPageBytes, 0, blocks[i], false, visibility, [&](const Tuple& tuple) { scratch.tuples.push(tuple); },
          [](const Question&) {});
      sink += scratch.tuples.size();
    }
  });
  stage("judge and index", [&] { read(false); });
  stage("all before columns", [&] { read(true); });
  std::printf("sink %zu\n", sink);
}

}  // namespace

int main(int argc, char** argv) {
  size_t rows = 2000000;
  int threads = 1, repeat = 3;
  bool stages = false;
  for (int i = 1; i < argc; i++) {
    const std::string name = argv[i];
    if (name == "--stages") {
      stages = true;
      continue;
    }
    if (i + 1 == argc) die("a value is missing behind " + name);
    const char* value = argv[++i];
    if (name == "--rows") rows = std::strtoull(value, nullptr, 10);
    else if (name == "--threads") threads = std::atoi(value);
    else if (name == "--repeat") repeat = std::atoi(value);
    else die("unknown option " + name);
  }
  gp_writer_options writer{};
  writer.codec = GP_SNAPPY;
  writer.dictionary = 1;
  writer.created_by = "gpuparser version 0.1.0 (build bench)";
  bench::Lineitem source(42);
  std::vector<Slot> slots;
  Slot slot;
  for (size_t i = 0; i < rows; i++) {
    source.next(slot);
    if (slot.size() > (1 << 20) - 512 || i + 1 == rows) {
      slots.push_back(slot);
      slot.clear();
    }
  }
  const std::vector<uint8_t> pages = bench::pagesOf(slots);
  slots.clear();
  std::printf("rows %zu\npages %zu\nbytes_per_row %.1f\n", rows, pages.size() / kPageBytes,
              static_cast<double>(pages.size()) / static_cast<double>(rows));
  gp_status status;
  gp_engine* engine;
  const gp_engine_options options{threads, 0, nullptr};
  check(gp_engine_open("cpu", &options, &engine, &status), status);
  for (int r = 0; r < repeat; r++) {
    const Totals t = runOnce(engine, pages, writer);
    const double busy = t.decode + t.encode;
    std::printf("run %d wall_s %.4f rows_per_s %.0f rows_per_s_per_core %.0f decode_s %.4f encode_s %.4f bytes_per_row %.2f\n", r, t.wall,
                static_cast<double>(t.rows) / t.wall, static_cast<double>(t.rows) / busy, t.decode, t.encode,
                static_cast<double>(t.bytes) / static_cast<double>(t.rows));
  }
  gp_engine_close(engine);
  if (stages) printStages(pages, writer);
  return 0;
}
