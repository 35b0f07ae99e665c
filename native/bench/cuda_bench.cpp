// Speed of the CUDA engine: COPY bytes in host memory -> page-locked ring -> images in page-locked memory, through the door alone.
// usage: cuda-bench LIBRARY [--rows N] [--batch N] [--codec none|snappy|zstd|lz4] [--feeders N] [--encoders N] [--page KIB] [--dictionary 0|1] [--slot KIB] [--ring MIB] [--seconds S] [--device cuda:K]...
// Several devices run at once, each with feeders of its own. Prints one line of JSON.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "bench/lineitem.h"

namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

struct Door {
  decltype(&gp_engine_open) engineOpen;
  decltype(&gp_engine_close) engineClose;
  decltype(&gp_schema_open) schemaOpen;
  decltype(&gp_schema_close) schemaClose;
  decltype(&gp_memory_alloc) memoryAlloc;
  decltype(&gp_memory_free) memoryFree;
  decltype(&gp_stream_open) streamOpen;
  decltype(&gp_stream_close) streamClose;
  decltype(&gp_stream_reset) streamReset;
  decltype(&gp_stream_scan) streamScan;
  decltype(&gp_batch_open) batchOpen;
  decltype(&gp_batch_append) batchAppend;
  decltype(&gp_batch_finish) batchFinish;
  decltype(&gp_batch_status) batchStatus;
  decltype(&gp_batch_close) batchClose;
  decltype(&gp_wait) wait;
  decltype(&gp_image_free) imageFree;
};
Door door;

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "cuda-bench: %s\n", message.c_str());
  std::exit(1);
}
void check(int32_t code, const gp_status& status) {
  if (code != GP_OK) die(status.message);
}

void load(const char* path) {
  void* library = dlopen(path, RTLD_NOW);
  if (library == nullptr) die(dlerror());
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    if (function == nullptr) die(std::string("no ") + name);
  };
  find(door.engineOpen, "gp_engine_open");
  find(door.engineClose, "gp_engine_close");
  find(door.schemaOpen, "gp_schema_open");
  find(door.schemaClose, "gp_schema_close");
  find(door.memoryAlloc, "gp_memory_alloc");
  find(door.memoryFree, "gp_memory_free");
  find(door.streamOpen, "gp_stream_open");
  find(door.streamClose, "gp_stream_close");
  find(door.streamReset, "gp_stream_reset");
  find(door.streamScan, "gp_stream_scan");
  find(door.batchOpen, "gp_batch_open");
  find(door.batchAppend, "gp_batch_append");
  find(door.batchFinish, "gp_batch_finish");
  find(door.batchStatus, "gp_batch_status");
  find(door.batchClose, "gp_batch_close");
  find(door.wait, "gp_wait");
  find(door.imageFree, "gp_image_free");
}

struct Options {
  int64_t rows = 8'000'000;
  int64_t batch = 1'000'000;
  int codec = GP_SNAPPY;
  std::string codecName = "snappy";
  int feeders = 12;
  int encoders = 0;
  int64_t page = 0;
  int dictionary = 1;
  // As in an export of 16 connections. A ring that the processor's cache holds costs no memory's time: two GPUs beside each other ran
  // at 192 M rows/s through 512 MiB each, at 256 to 270 through 64.
  size_t slot = 1 << 20;
  size_t ring = 64 << 20;
  double seconds = 3;
  std::vector<std::string> devices;
};

// COPY bytes of whole slots, each a copy of its own stream's beginning.
struct Source {
  std::vector<std::vector<uint8_t>> slots;
  std::vector<int64_t> rows;
};

class Device {
 public:
  Device(const Options& options, const Source& source, std::string name) : options_(options), source_(source), name_(std::move(name)) {
    gp_status status;
    const gp_engine_options engineOptions{options.encoders, 0, nullptr};
    const auto begun = Clock::now();
    check(door.engineOpen(name_.c_str(), &engineOptions, &engine_, &status), status);
    openSeconds = since(begun);
    const std::vector<gp_column> columns = gp::bench::lineitemColumns();
    const gp_writer_options writer{options.codec, 0, options.page, 0, options.dictionary, "gpuparser version 0 (build bench)"};
    check(door.schemaOpen(engine_, columns.data(), static_cast<int32_t>(columns.size()), &writer, &schema_, &status), status);
    for (size_t used = 0; used + options.slot <= options.ring; used += options.slot) {
      void* memory;
      check(door.memoryAlloc(engine_, static_cast<int64_t>(options.slot), &memory, &status), status);
      all_.push_back(memory);
      free_.push_back(static_cast<int64_t>(all_.size() - 1));
    }
    setupSeconds = since(begun);
  }
  ~Device() {
    for (void* memory : all_) door.memoryFree(engine_, memory);
    door.schemaClose(schema_);
    door.engineClose(engine_);
  }

  // Feeds for `seconds`, then lets the rest drain. What was done in a middle stretch is what counts.
  void run(double seconds) {
    stop_ = false;
    feeding_ = options_.feeders;
    begun_ = Clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < options_.feeders; i++) threads.emplace_back([this, i] { feed(i); });
    std::thread waiter([this] { await(); });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop_ = true;
    freed_.notify_all();
    for (std::thread& thread : threads) thread.join();
    waiter.join();
  }

  double openSeconds = 0, setupSeconds = 0, firstImage = 0;
  // Of every image: when it was ready, in seconds since the start, and its rows.
  std::vector<std::pair<double, int64_t>> images;
  int64_t imageBytes = 0, inputBytes = 0, rows = 0, decodeNs = 0, encodeNs = 0;

 private:
  void feed(int index) {
    gp_status status;
    gp_stream* stream;
    check(door.streamOpen(engine_, &stream, &status), status);
    size_t next = static_cast<size_t>(index) * source_.slots.size() / static_cast<size_t>(options_.feeders);
    while (!stop_) {
      gp_batch* batch;
      {
        // the batches under way bound the device's memory
        std::unique_lock guard(mutex_);
        freed_.wait(guard, [&] { return stop_ || open_ < 4 + options_.feeders; });
        open_++;
      }
      const int64_t id = nextBatch_++;
      check(door.batchOpen(schema_, id, &batch, &status), status);
      {
        const std::lock_guard guard(mutex_);
        if (batches_.size() <= static_cast<size_t>(id)) batches_.resize(static_cast<size_t>(id) + 64);
        batches_[static_cast<size_t>(id)] = batch;
      }
      for (int64_t rows = 0; rows < options_.batch; next = (next + 1) % source_.slots.size()) {
        int64_t slot;
        {
          std::unique_lock guard(mutex_);
          freed_.wait(guard, [&] { return !free_.empty(); });
          slot = free_.front();
          free_.pop_front();
        }
        const std::vector<uint8_t>& bytes = source_.slots[next];
        std::memcpy(all_[static_cast<size_t>(slot)], bytes.data(), bytes.size());
        gp_scan scan;
        check(door.streamReset(stream, &status), status);
        check(door.streamScan(stream, all_[static_cast<size_t>(slot)], 0, static_cast<int64_t>(bytes.size()), &scan, &status), status);
        check(door.batchAppend(batch, stream, all_[static_cast<size_t>(slot)], slot, &status), status);
        rows += scan.rows;
      }
      check(door.batchFinish(batch, &status), status);
    }
    door.streamClose(stream);
    const std::lock_guard guard(mutex_);
    feeding_--;
  }

  void await() {
    while (true) {
      gp_event events[64];
      int32_t count = 0;
      gp_status status;
      check(door.wait(engine_, events, 64, 100, &count, &status), status);
      std::unique_lock guard(mutex_);
      for (int i = 0; i < count; i++) {
        const gp_event& event = events[i];
        if (event.type == GP_EVENT_SLOT) {
          free_.push_back(event.id);
          continue;
        }
        gp_batch* batch = batches_[static_cast<size_t>(event.id)];
        door.batchStatus(batch, &status);
        if (event.code != GP_OK || status.message[0] != 0) die(status.message);
        if (images.empty()) firstImage = since(begun_);
        images.emplace_back(since(begun_), event.rows);
        imageBytes += event.bytes;
        inputBytes += event.input_bytes;
        rows += event.rows;
        decodeNs += event.decode_ns;
        encodeNs += event.encode_ns;
        door.imageFree(engine_, event.image);
        door.batchClose(batch);
        open_--;
      }
      const bool done = feeding_ == 0 && open_ == 0;
      guard.unlock();
      if (count > 0) freed_.notify_all();
      if (done) return;
    }
  }

  const Options& options_;
  const Source& source_;
  const std::string name_;
  gp_engine* engine_ = nullptr;
  gp_schema* schema_ = nullptr;
  std::vector<void*> all_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::deque<int64_t> free_;
  std::vector<gp_batch*> batches_;
  std::atomic<int64_t> nextBatch_{0};
  std::atomic<bool> stop_{false};
  int open_ = 0;
  int feeding_ = 0;
  Clock::time_point begun_;
};

// Rows a second between the end of the first fifth of the time and the moment the feeding stopped.
double rate(const Device& device, double seconds) {
  const double from = seconds / 5;
  int64_t rows = 0;
  double first = -1, last = -1;
  for (const auto& [at, count] : device.images) {
    if (at < from || at > seconds) continue;
    if (first < 0) {
      first = at;  // the rows of this one were made before
    } else {
      rows += count;
      last = at;
    }
  }
  return last > first ? static_cast<double>(rows) / (last - first) : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) die("usage: cuda-bench LIBRARY [options]");
  Options options;
  for (int i = 2; i < argc; i++) {
    const std::string name = argv[i];
    if (i + 1 == argc) die(name + " needs a value");
    const char* value = argv[++i];
    if (name == "--rows") options.rows = std::atoll(value);
    else if (name == "--batch") options.batch = std::atoll(value);
    else if (name == "--feeders") options.feeders = std::atoi(value);
    else if (name == "--encoders") options.encoders = std::atoi(value);
    else if (name == "--page") options.page = std::atoll(value) << 10;
    else if (name == "--dictionary") options.dictionary = std::atoi(value);
    else if (name == "--slot") options.slot = static_cast<size_t>(std::atoll(value)) << 10;
    else if (name == "--ring") options.ring = static_cast<size_t>(std::atoll(value)) << 20;
    else if (name == "--seconds") options.seconds = std::atof(value);
    else if (name == "--device") options.devices.push_back(value);
    else if (name == "--codec") {
      options.codecName = value;
      options.codec = options.codecName == "none"     ? GP_NONE
                      : options.codecName == "snappy" ? GP_SNAPPY
                      : options.codecName == "zstd"   ? GP_ZSTD
                                                      : GP_LZ4_RAW;
    } else die("unknown option " + name);
  }
  if (options.devices.empty()) options.devices.push_back("cuda:0");

  Source source;
  {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    std::vector<Source> parts(cores);
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < cores; t++) {
      threads.emplace_back([&, t] {
        const int64_t rows = options.rows / cores;
        int64_t made = 0;
        for (uint64_t seed = t * 100000; made < rows; seed++) {
          gp::bench::Lineitem table(seed + 1);
          std::vector<uint8_t> slot;
          slot.reserve(options.slot);
          int64_t inSlot = 0;
          while (slot.size() + 512 < options.slot) {
            table.next(slot);
            inSlot++;
          }
          made += inSlot;
          parts[t].slots.push_back(std::move(slot));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (Source& part : parts) std::move(part.slots.begin(), part.slots.end(), std::back_inserter(source.slots));
  }

  load(argv[1]);
  std::vector<std::unique_ptr<Device>> devices;
  for (const std::string& name : options.devices) devices.push_back(std::make_unique<Device>(options, source, name));
  std::vector<std::thread> threads;
  for (const auto& device : devices) threads.emplace_back([&] { device->run(options.seconds); });
  for (std::thread& thread : threads) thread.join();

  double total = 0;
  for (const auto& device : devices) {
    const double rowsPerSecond = rate(*device, options.seconds);
    total += rowsPerSecond;
    std::printf(
        "{\"device\":\"%s\",\"codec\":\"%s\",\"batchRows\":%lld,\"feeders\":%d,\"encoders\":%d,\"pageKiB\":%lld,\"slotKiB\":%zu,\"rows\":%"
        "lld,\"images\":%zu,\"millionRowsPerSecond\":%.1f,\"inputGBPerSecond\":%.1f,\"outputBytesPerRow\":%.1f,"
        "\"decodeMsPerBatch\":%.2f,\"encodeMsPerBatch\":%.2f,\"openSeconds\":%.2f,\"setupSeconds\":%.2f,\"firstImageSeconds\":%.3f}\n",
        options.devices[static_cast<size_t>(&device - devices.data())].c_str(), options.codecName.c_str(),
        static_cast<long long>(options.batch), options.feeders, options.encoders, static_cast<long long>(options.page >> 10),
        options.slot >> 10, static_cast<long long>(device->rows), device->images.size(), rowsPerSecond / 1e6,
        rowsPerSecond * static_cast<double>(device->inputBytes) / static_cast<double>(device->rows) / 1e9,
        static_cast<double>(device->imageBytes) / static_cast<double>(device->rows),
        static_cast<double>(device->decodeNs) / 1e6 / static_cast<double>(device->images.size()),
        static_cast<double>(device->encodeNs) / 1e6 / static_cast<double>(device->images.size()), device->openSeconds, device->setupSeconds,
        device->firstImage);
  }
  if (devices.size() > 1) std::printf("{\"devices\":%zu,\"millionRowsPerSecond\":%.1f}\n", devices.size(), total / 1e6);
}
