// The C ABI of the CUDA library: arguments are checked here, and no exception leaves.
#include <cstdlib>
#include <cstring>

#include "cuda/engine.h"
#include "io/receiver.h"

struct gp_engine {
  gp_engine(int ordinal, int threads, const char* cpuLibrary)
      : engine(ordinal, threads, cpuLibrary), receivers([this](const gp_event& event) { engine.events.post(event); }) {}
  gp::gpu::Engine engine;
  gp::Receivers receivers;
};
struct gp_schema {
  gp::gpu::Engine& engine;
  std::shared_ptr<gp::gpu::Schema> schema;
};
struct gp_batch {
  gp::gpu::Engine& engine;
  std::shared_ptr<gp::gpu::Batch> batch;
};

#include "abi/rows.h"
#include "abi/streams.h"
#include "abi/visibility.h"

namespace {

using gp::Fault;

using gp::abi::require;

template <class F>
int32_t guarded(gp_status* status, F&& body) {
  return gp::abi::guarded<GP_DEVICE>(status, std::forward<F>(body));
}

// K of "cuda:K".
int ordinalOf(const char* device) {
  char* end = nullptr;
  require(std::strncmp(device, "cuda:", 5) == 0 && device[5] >= '0' && device[5] <= '9', "device must be \"cuda:K\"");
  const long ordinal = std::strtol(device + 5, &end, 10);
  require(*end == 0 && ordinal <= 1023, "device must be \"cuda:K\"");
  return static_cast<int>(ordinal);
}

}  // namespace

extern "C" {

int32_t gp_abi_version(void) { return GP_ABI_VERSION; }

int32_t gp_describe(char* text, int64_t capacity, gp_status* status) {
  return guarded(status, [&] {
    require(text != nullptr && capacity > 0, "text is missing");
    const std::string json = std::string("{\"version\":\"") + GPUPARSER_VERSION + "\",\"abi\":" + std::to_string(GP_ABI_VERSION) +
                             ",\"cudf\":\"" + GPUPARSER_CUDF_VERSION + "\",\"devices\":" + gp::gpu::describeDevices() + "}";
    require(json.size() < static_cast<size_t>(capacity), "capacity is too small");
    std::memcpy(text, json.c_str(), json.size() + 1);
  });
}

int32_t gp_engine_open(const char* device, const gp_engine_options* options, gp_engine** engine, gp_status* status) {
  return guarded(status, [&] {
    require(device != nullptr && engine != nullptr, "device or engine is missing");
    *engine = nullptr;
    const int threads = options == nullptr ? 0 : options->threads;
    require(threads >= 0 && threads <= 4096, "threads must be 0 to 4096");
    *engine = new gp_engine(ordinalOf(device), threads, options == nullptr ? nullptr : options->cpu_library);
  });
}

int32_t gp_engine_await(gp_engine* engine, gp_status* status) {
  return guarded(status, [&] {
    require(engine != nullptr, "engine is missing");
    engine->engine.await();
  });
}

void gp_engine_close(gp_engine* engine) { delete engine; }

int32_t gp_schema_open(gp_engine* engine, const gp_column* columns, int32_t count, const gp_writer_options* options, gp_schema** schema,
                       gp_status* status) {
  return guarded(status, [&] {
    require(engine != nullptr && options != nullptr && schema != nullptr, "engine, options or schema is missing");
    *schema = nullptr;
    *schema = new gp_schema{engine->engine, engine->engine.openSchema(columns, count, *options)};
  });
}

int32_t gp_schema_describe(gp_schema* schema, void* bytes, int64_t capacity, int64_t* length, gp_status* status) {
  return guarded(status, [&] {
    require(schema != nullptr, "schema is missing");
    schema->schema->cpu->describe(bytes, capacity, length);
  });
}

void gp_schema_close(gp_schema* schema) { delete schema; }

int32_t gp_memory_alloc(gp_engine* engine, int64_t bytes, void** memory, gp_status* status) {
  return guarded(status, [&] {
    require(memory != nullptr && bytes >= 0, "memory is missing, or bytes negative");
    *memory = nullptr;
    if (engine == nullptr) {
      *memory = gp::abi::plainMemory(static_cast<size_t>(bytes));
      return;
    }
    gp::gpu::Card& card = engine->engine.await();
    card.device.use();
    *memory = card.pinned.take(static_cast<size_t>(bytes));
  });
}

void gp_memory_free(gp_engine* engine, void* memory) {
  if (engine == nullptr) return std::free(memory);
  if (memory != nullptr) engine->engine.card().pinned.give(memory);
}

int32_t gp_batch_open(gp_schema* schema, int64_t id, gp_batch** batch, gp_status* status) {
  return guarded(status, [&] {
    require(schema != nullptr && batch != nullptr, "schema or batch is missing");
    *batch = nullptr;
    *batch = new gp_batch{schema->engine, std::make_shared<gp::gpu::Batch>(schema->schema, id)};
  });
}

int32_t gp_batch_append(gp_batch* batch, gp_stream* stream, const void* slot, int64_t slot_id, gp_status* status) {
  return guarded(status, [&] {
    require(batch != nullptr && stream != nullptr && slot != nullptr, "batch, stream or slot is missing");
    batch->engine.append(batch->batch, stream->stream.take(), static_cast<const uint8_t*>(slot), slot_id);
    stream->stream.recycle(batch->engine.spareRows());
  });
}

int32_t gp_batch_append_rows(gp_batch* batch, const void* memory, int64_t bytes, const uint32_t* starts, const uint32_t* ends,
                             int64_t count, int64_t slot_id, gp_status* status) {
  return guarded(status, [&] {
    require(batch != nullptr && memory != nullptr, "batch or memory is missing");
    batch->engine.append(batch->batch, gp::abi::rowsInMemory(bytes, starts, ends, count), static_cast<const uint8_t*>(memory), slot_id);
  });
}

// Pages are the CPU engine's for now: without a layout none can be appended.
int32_t gp_layout_open(gp_schema*, const gp_attribute*, int32_t, gp_layout** layout, gp_status* status) {
  return guarded(status, [&] {
    if (layout != nullptr) *layout = nullptr;
    throw Fault{GP_USAGE, -1, -1, "the CUDA engine takes no pages"};
  });
}

void gp_layout_close(gp_layout*) {}

int32_t gp_batch_append_pages(gp_batch*, gp_layout*, gp_visibility*, const void*, const uint32_t*, int64_t, int32_t, int32_t, gp_pages*,
                              gp_page*, gp_asked*, int64_t, int64_t, gp_status* status) {
  return guarded(status, [] { throw Fault{GP_USAGE, -1, -1, "the CUDA engine takes no pages"}; });
}

int32_t gp_batch_finish(gp_batch* batch, gp_status* status) {
  return guarded(status, [&] {
    require(batch != nullptr, "batch is missing");
    batch->engine.finish(batch->batch);
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
  batch->batch->closed = true;
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
  if (engine != nullptr && image != nullptr) engine->engine.card().pinned.give(image);
}

}  // extern "C"
