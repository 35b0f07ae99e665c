// The C ABI: arguments are checked here, and no exception leaves.
#include <thread>

#include "cpu/batch.h"
#include "io/receiver.h"
#include "parquet/footer.h"

struct gp_engine {
  explicit gp_engine(int threads) : engine(threads), receivers([this](const gp_event& event) { engine.events.post(event); }) {}
  gp::Engine engine;
  gp::Receivers receivers;
};
struct gp_schema {
  gp::Engine& engine;
  std::shared_ptr<gp::SchemaState> state;
};
struct gp_batch {
  std::shared_ptr<gp::Batch> batch;
};

struct gp_layout {
  std::shared_ptr<gp::SchemaState> schema;
  std::shared_ptr<const gp::Layout> layout;
};

#include "abi/rows.h"
#include "abi/streams.h"
#include "abi/visibility.h"

namespace {

using gp::Fault;

using gp::abi::require;

template <class F>
int32_t guarded(gp_status* status, F&& body) {
  return gp::abi::guarded<GP_INTERNAL>(status, std::forward<F>(body));
}

std::string cpuFeatures() {
  std::string out;
#if defined(__x86_64__)
  const auto add = [&](bool there, const char* name) {
    if (there) out += out.empty() ? std::string("\"") + name + "\"" : std::string(",\"") + name + "\"";
  };
  __builtin_cpu_init();
  add(__builtin_cpu_supports("sse4.2"), "sse4.2");
  add(__builtin_cpu_supports("avx2"), "avx2");
  add(__builtin_cpu_supports("bmi2"), "bmi2");
  add(__builtin_cpu_supports("avx512vl"), "avx512vl");
#elif defined(__aarch64__)
  out = "\"neon\"";
#endif
  return out;
}

int threadsOf(const gp_engine_options* options) {
  if (options != nullptr && options->threads > 0) return options->threads;
  const unsigned cores = std::thread::hardware_concurrency();
  return cores == 0 ? 1 : static_cast<int>(cores);
}

}  // namespace

extern "C" {

int32_t gp_abi_version(void) { return GP_ABI_VERSION; }

int32_t gp_describe(char* text, int64_t capacity, gp_status* status) {
  return guarded(status, [&] {
    require(text != nullptr && capacity > 0, "text is missing");
    const std::string json = std::string("{\"version\":\"") + GPUPARSER_VERSION + "\",\"abi\":" + std::to_string(GP_ABI_VERSION) +
                             ",\"codecs\":{\"snappy\":\"" + gp::codecVersion(GP_SNAPPY) + "\",\"zstd\":\"" + gp::codecVersion(GP_ZSTD) +
                             "\",\"lz4\":\"" + gp::codecVersion(GP_LZ4_RAW) + "\"},\"cpu\":[" + cpuFeatures() +
                             "],\"devices\":[{\"name\":\"cuda\",\"reason\":\"this build has no CUDA engine\"}]}";
    require(json.size() < static_cast<size_t>(capacity), "capacity is too small");
    std::memcpy(text, json.c_str(), json.size() + 1);
  });
}

int32_t gp_engine_open(const char* device, const gp_engine_options* options, gp_engine** engine, gp_status* status) {
  return guarded(status, [&] {
    require(device != nullptr && engine != nullptr, "device or engine is missing");
    *engine = nullptr;
    if (std::strncmp(device, "cuda", 4) == 0) throw Fault{GP_DEVICE, -1, -1, "this build has no CUDA engine"};
    require(std::strcmp(device, "cpu") == 0, "device must be \"cpu\" or \"cuda:K\"");
    require(options == nullptr || (options->threads >= 0 && options->threads <= 4096), "threads must be 0 to 4096");
    try {
      *engine = new gp_engine(threadsOf(options));
    } catch (const std::system_error& error) {
      throw Fault{GP_MEMORY, -1, -1, std::string("threads cannot be started: ") + error.what()};
    }
  });
}

int32_t gp_engine_await(gp_engine* engine, gp_status* status) {
  return guarded(status, [&] { require(engine != nullptr, "engine is missing"); });
}

void gp_engine_close(gp_engine* engine) { delete engine; }

int32_t gp_schema_open(gp_engine* engine, const gp_column* columns, int32_t count, const gp_writer_options* options, gp_schema** schema,
                       gp_status* status) {
  return guarded(status, [&] {
    require(engine != nullptr && options != nullptr && schema != nullptr, "engine, options or schema is missing");
    *schema = nullptr;
    auto state = std::make_shared<gp::SchemaState>(gp::planSchema(columns, count, *options));
    *schema = new gp_schema{engine->engine, std::move(state)};
  });
}

int32_t gp_schema_describe(gp_schema* schema, void* bytes, int64_t capacity, int64_t* length, gp_status* status) {
  return guarded(status, [&] {
    require(schema != nullptr && length != nullptr, "schema or length is missing");
    require(capacity >= 0 && (capacity == 0 || bytes != nullptr), "bytes is missing, or capacity negative");
    gp::Bytes out;
    gp::writeFooter(schema->state->plan, {}, 0, out);
    *length = static_cast<int64_t>(out.size());
    if (*length <= capacity) std::memcpy(bytes, out.data(), out.size());
  });
}

void gp_schema_close(gp_schema* schema) { delete schema; }

int32_t gp_memory_alloc(gp_engine*, int64_t bytes, void** memory, gp_status* status) {
  return guarded(status, [&] {
    require(memory != nullptr && bytes >= 0, "memory is missing, or bytes negative");
    *memory = gp::abi::plainMemory(static_cast<size_t>(bytes));
  });
}

void gp_memory_free(gp_engine*, void* memory) { std::free(memory); }

int32_t gp_batch_open(gp_schema* schema, int64_t id, gp_batch** batch, gp_status* status) {
  return guarded(status, [&] {
    require(schema != nullptr && batch != nullptr, "schema or batch is missing");
    *batch = nullptr;
    auto made = std::make_shared<gp::Batch>(schema->engine, schema->state, id);
    *batch = new gp_batch{std::move(made)};
  });
}

int32_t gp_batch_append(gp_batch* batch, gp_stream* stream, const void* slot, int64_t slot_id, gp_status* status) {
  return guarded(status, [&] {
    require(batch != nullptr && stream != nullptr && slot != nullptr, "batch, stream or slot is missing");
    gp::RowSet used;
    const bool reused = batch->batch->reuse(used);
    batch->batch->append(stream->stream.take(), static_cast<const uint8_t*>(slot), slot_id);
    if (reused) stream->stream.recycle(std::move(used));
  });
}

int32_t gp_batch_append_rows(gp_batch* batch, const void* memory, int64_t bytes, const uint32_t* starts, const uint32_t* ends,
                             int64_t count, int64_t slot_id, gp_status* status) {
  return guarded(status, [&] {
    require(batch != nullptr && memory != nullptr, "batch or memory is missing");
    batch->batch->append(gp::abi::rowsInMemory(bytes, starts, ends, count), static_cast<const uint8_t*>(memory), slot_id);
  });
}

int32_t gp_layout_open(gp_schema* schema, const gp_attribute* attributes, int32_t count, gp_layout** layout, gp_status* status) {
  return guarded(status, [&] {
    require(schema != nullptr && layout != nullptr && (count == 0 || attributes != nullptr), "schema, attributes or layout is missing");
    *layout = nullptr;
    auto planned = std::make_shared<const gp::Layout>(gp::planLayout(schema->state->plan, attributes, count));
    *layout = new gp_layout{schema->state, std::move(planned)};
  });
}

void gp_layout_close(gp_layout* layout) { delete layout; }

int32_t gp_batch_append_pages(gp_batch* batch, gp_layout* layout, gp_visibility* visibility, const void* memory, const uint32_t* blocks,
                              int64_t count, int32_t checksums, int32_t resume, gp_pages* result, gp_page* pages, gp_asked* asked,
                              int64_t capacity, int64_t slot_id, gp_status* status) {
  return guarded(status, [&] {
    require(batch != nullptr && layout != nullptr && visibility != nullptr && result != nullptr, "an object or result is missing");
    require(count >= 0 && count <= gp::kMostPages, "count must be 0 to 524287");
    require(count == 0 || (memory != nullptr && blocks != nullptr && pages != nullptr), "memory, blocks or pages is missing");
    require(capacity >= 0 && (capacity == 0 || asked != nullptr), "asked is missing, or capacity negative");
    require(layout->layout->schema == &batch->batch->plan(), "the layout is another schema's");
    *result = {};
    gp::PageAppend append;
    append.layout = layout->layout;
    append.visibility = visibility->data.now();
    append.blocks.append(blocks, static_cast<size_t>(count));
    append.checksums = checksums != 0;
    append.resume = resume != 0;
    append.result = result;
    append.pages = pages;
    append.asked = asked;
    append.capacity = capacity;
    batch->batch->append(std::move(append), static_cast<const uint8_t*>(memory), slot_id);
  });
}

int32_t gp_batch_finish(gp_batch* batch, gp_status* status) {
  return guarded(status, [&] {
    require(batch != nullptr, "batch is missing");
    batch->batch->finish();
  });
}

int32_t gp_batch_status(gp_batch* batch, gp_status* status) {
  return guarded(nullptr, [&] {
    require(batch != nullptr && status != nullptr, "batch or status is missing");
    batch->batch->status(status);
  });
}

void gp_batch_close(gp_batch* batch) {
  if (batch == nullptr) return;
  batch->batch->close();
  delete batch;
}

int32_t gp_wait(gp_engine* engine, gp_event* events, int32_t capacity, int32_t timeout_ms, int32_t* count, gp_status* status) {
  return guarded(status, [&] {
    require(engine != nullptr && events != nullptr && capacity > 0 && count != nullptr,
            "engine, events or count is missing, or capacity is 0");
    *count = engine->engine.events.wait(events, capacity, timeout_ms);
  });
}

void gp_wake(gp_engine* engine) {
  if (engine != nullptr) engine->engine.events.wake();
}

void gp_image_free(gp_engine* engine, void* image) {
  if (engine != nullptr && image != nullptr) engine->engine.images.give(image);
}

}  // extern "C"
