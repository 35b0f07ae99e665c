// COPY bytes in memory -> Parquet images. Prints one "key value" a line; --stages adds cycles per stage, --dump FILE keeps an image.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "bench/lineitem.h"
#include "bench/stages.h"

namespace {

using gp::bench::Slot;

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

void check(int32_t code, const gp_status& status) {
  if (code != GP_OK) die(status.message);
}

// This thread's processor time.
double busySeconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Options {
  size_t rows = 2000000;
  int codec = GP_SNAPPY;
  int level = 0;
  int threads = 1;
  int repeat = 3;
  bool stages = false;
  const char* dump = nullptr;
  const char* copy = nullptr;
};

Options parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; i++) {
    const std::string name = argv[i];
    if (name == "--stages") {
      o.stages = true;
      continue;
    }
    if (i + 1 == argc) die("a value is missing behind " + name);
    const char* value = argv[++i];
    if (name == "--rows") o.rows = std::strtoull(value, nullptr, 10);
    else if (name == "--threads") o.threads = std::atoi(value);
    else if (name == "--repeat") o.repeat = std::atoi(value);
    else if (name == "--level") o.level = std::atoi(value);
    else if (name == "--dump") o.dump = value;
    else if (name == "--copy") o.copy = value;
    else if (name == "--codec") {
      const std::string codec = value;
      o.codec = codec == "none" ? GP_NONE : codec == "snappy" ? GP_SNAPPY : codec == "zstd" ? GP_ZSTD : codec == "lz4" ? GP_LZ4_RAW : -1;
      if (o.codec < 0) die("unknown codec " + codec);
    } else {
      die("unknown option " + name);
    }
  }
  return o;
}

void save(const char* path, const void* bytes, size_t length, const char* mode) {
  std::FILE* file = std::fopen(path, mode);
  if (file == nullptr || std::fwrite(bytes, 1, length, file) != length || std::fclose(file) != 0) die(std::string("cannot write ") + path);
}

struct Totals {
  double wall = 0, scan = 0, decode = 0, encode = 0;
  int64_t rows = 0, bytes = 0;
};

// Slots pass through a ring, as they do behind a socket: the engine reads bytes that were written a moment before.
Totals runOnce(gp_engine* engine, const std::vector<Slot>& slots, const std::vector<gp_column>& columns, const gp_writer_options& writer,
               int ringSlots, const char* dump) {
  gp_status status;
  gp_schema* schema;
  check(gp_schema_open(engine, columns.data(), static_cast<int32_t>(columns.size()), &writer, &schema, &status), status);
  gp_stream* stream;
  check(gp_stream_open(engine, &stream, &status), status);
  std::vector<void*> ring(static_cast<size_t>(ringSlots));
  std::vector<size_t> free;
  for (size_t i = 0; i < ring.size(); i++) {
    check(gp_memory_alloc(engine, 1 << 20, &ring[i], &status), status);
    std::memset(ring[i], 0, 1 << 20);
    free.push_back(i);
  }
  Totals totals;
  std::vector<gp_batch*> batches;
  size_t images = 0;
  const auto drain = [&](int timeout) {
    gp_event events[16];
    int32_t count;
    check(gp_wait(engine, events, 16, timeout, &count, &status), status);
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
      if (dump != nullptr && event.id == 0) save(dump, event.image, static_cast<size_t>(event.bytes), "wb");
      gp_image_free(engine, event.image);
      gp_batch_close(batch);
      images++;
    }
  };
  const double start = seconds();
  size_t inBatch = 0;
  for (const Slot& slot : slots) {
    while (free.empty()) drain(-1);
    const size_t at = free.back();
    free.pop_back();
    std::memcpy(ring[at], slot.data(), slot.size());
    if (inBatch == 0) {
      gp_batch* batch;
      check(gp_batch_open(schema, static_cast<int64_t>(batches.size()), &batch, &status), status);
      batches.push_back(batch);
    }
    const double before = busySeconds();
    for (size_t from = 0; from < slot.size();) {  // a socket read at a time
      gp_scan scan;
      const size_t to = std::min(slot.size(), from + (256 << 10));
      check(gp_stream_scan(stream, ring[at], static_cast<int64_t>(from), static_cast<int64_t>(to), &scan, &status), status);
      if (scan.end == static_cast<int64_t>(from) && to == slot.size()) die("the scanner stands still");
      from = to == slot.size() ? to : static_cast<size_t>(scan.end);
    }
    totals.scan += busySeconds() - before;
    check(gp_batch_append(batches.back(), stream, ring[at], static_cast<int64_t>(at), &status), status);
    if (++inBatch == 64 || &slot == &slots.back()) {
      check(gp_batch_finish(batches.back(), &status), status);
      inBatch = 0;
    }
  }
  while (images < batches.size() || free.size() < ring.size()) drain(-1);
  totals.wall = seconds() - start;
  for (void* memory : ring) gp_memory_free(engine, memory);
  gp_stream_close(stream);
  gp_schema_close(schema);
  return totals;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const std::vector<gp_column> columns = gp::bench::lineitemColumns();
  gp_writer_options writer{};
  writer.codec = options.codec;
  writer.level = options.level;
  writer.dictionary = 1;
  writer.created_by = "gpuparser version 0.1.0 (build bench)";

  gp::bench::Lineitem source(42);
  std::vector<Slot> slots;
  Slot slot;
  size_t input = 0;
  for (size_t i = 0; i < options.rows; i++) {
    source.next(slot);
    if (slot.size() > (1 << 20) - 512 || i + 1 == options.rows) {
      input += slot.size();
      slots.push_back(slot);
      slot.clear();
    }
  }
  if (options.copy != nullptr) {
    save(options.copy, "", 0, "wb");
    for (const Slot& s : slots) save(options.copy, s.data(), s.size(), "ab");
  }
  std::printf("rows %zu\ninput_bytes %zu\n", options.rows, input);

  gp_status status;
  gp_engine* engine;
  const gp_engine_options engineOptions{options.threads, 0, nullptr};
  check(gp_engine_open("cpu", &engineOptions, &engine, &status), status);
  for (int r = 0; r < options.repeat; r++) {
    const Totals t = runOnce(engine, slots, columns, writer, 4 * options.threads + 4, r == 0 ? options.dump : nullptr);
    const double busy = t.scan + t.decode + t.encode;
    std::printf("run %d wall_s %.4f rows_per_s %.0f rows_per_s_per_core %.0f scan_s %.4f decode_s %.4f encode_s %.4f bytes_per_row %.2f\n",
                r, t.wall, static_cast<double>(t.rows) / t.wall, static_cast<double>(t.rows) / busy, t.scan, t.decode, t.encode,
                static_cast<double>(t.bytes) / static_cast<double>(t.rows));
  }
  gp_engine_close(engine);
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak_kib %ld\n", usage.ru_maxrss);
  if (options.stages) gp::bench::printStages(slots, columns, writer);
  return 0;
}
