#include "cuda/cpu_engine.h"

#include <dlfcn.h>

#include <vector>

namespace gp::gpu {

struct CpuDoor {
  decltype(&gp_abi_version) abiVersion;
  decltype(&gp_engine_open) engineOpen;
  decltype(&gp_engine_close) engineClose;
  decltype(&gp_schema_open) schemaOpen;
  decltype(&gp_schema_describe) schemaDescribe;
  decltype(&gp_schema_close) schemaClose;
  decltype(&gp_batch_open) batchOpen;
  decltype(&gp_batch_append_rows) batchAppendRows;
  decltype(&gp_batch_finish) batchFinish;
  decltype(&gp_batch_status) batchStatus;
  decltype(&gp_batch_close) batchClose;
  decltype(&gp_wait) wait;
  decltype(&gp_image_free) imageFree;
};

namespace {

constexpr int kWaitMs = 1000;

std::string siblingPath() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&siblingPath), &info) == 0 || info.dli_fname == nullptr) return "libgpuparser.so";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "libgpuparser.so" : path.substr(0, slash + 1) + "libgpuparser.so";
}

void check(int32_t code, const gp_status& status) {
  if (code != GP_OK) throw Fault{status.code, status.column, status.row, status.message, status.reason, status.detail};
}

// Closes in reverse order what a call opened, also when it throws.
class Closer {
 public:
  ~Closer() {
    for (auto it = steps_.rbegin(); it != steps_.rend(); ++it) (*it)();
  }
  void add(std::function<void()> step) { steps_.push_back(std::move(step)); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace

CpuSchema::~CpuSchema() { door_.schemaClose(schema_); }

void CpuSchema::describe(void* bytes, int64_t capacity, int64_t* length) const {
  gp_status status;
  check(door_.schemaDescribe(schema_, bytes, capacity, length, &status), status);
}

CpuEngine::CpuEngine(int threads, const char* file) : door_(std::make_unique<CpuDoor>()) {
  const std::string path = file == nullptr ? siblingPath() : file;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Fault{GP_DEVICE, -1, -1, std::string("the CPU engine cannot be loaded: ") + dlerror()};
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    if (function == nullptr) throw Fault{GP_DEVICE, -1, -1, path + " has no " + name};
  };
  find(door_->abiVersion, "gp_abi_version");
  if (door_->abiVersion() != GP_ABI_VERSION) throw Fault{GP_DEVICE, -1, -1, path + " speaks another version of the interface"};
  find(door_->engineOpen, "gp_engine_open");
  find(door_->engineClose, "gp_engine_close");
  find(door_->schemaOpen, "gp_schema_open");
  find(door_->schemaDescribe, "gp_schema_describe");
  find(door_->schemaClose, "gp_schema_close");
  find(door_->batchOpen, "gp_batch_open");
  find(door_->batchAppendRows, "gp_batch_append_rows");
  find(door_->batchFinish, "gp_batch_finish");
  find(door_->batchStatus, "gp_batch_status");
  find(door_->batchClose, "gp_batch_close");
  find(door_->wait, "gp_wait");
  find(door_->imageFree, "gp_image_free");
  const gp_engine_options options{threads, 0, nullptr};
  gp_status status;
  check(door_->engineOpen("cpu", &options, &engine_, &status), status);
}

CpuEngine::~CpuEngine() {
  if (engine_ != nullptr) door_->engineClose(engine_);
}

std::unique_ptr<CpuSchema> CpuEngine::openSchema(const gp_column* columns, int32_t count, const gp_writer_options& options) {
  gp_schema* schema = nullptr;
  gp_status status;
  check(door_->schemaOpen(engine_, columns, count, &options, &schema, &status), status);
  return std::make_unique<CpuSchema>(*door_, schema);
}

void CpuEngine::encode(const CpuSchema& schema, const HostRows& rows, const std::function<void(const uint8_t*, size_t)>& copyTo) {
  const std::lock_guard guard(mutex_);
  const CpuDoor& door = *door_;
  gp_status status;
  Closer closer;
  gp_batch* batch = nullptr;
  const int64_t id = nextId_++;
  int pending = 1;  // events: the batch's, and its rows'
  bool ok = true;
  gp_event done{};
  const auto await = [&] {
    while (pending > 0) {
      gp_event events[2];
      int32_t count = 0;
      check(door.wait(engine_, events, 2, kWaitMs, &count, &status), status);
      for (int i = 0; i < count; i++) {
        pending--;
        if (events[i].type == GP_EVENT_BATCH) done = events[i];
      }
    }
  };
  check(door.batchOpen(schema.get(), id, &batch, &status), status);
  closer.add([&] { door.batchClose(batch); });
  if (rows.count > 0) {
    check(door.batchAppendRows(batch, rows.memory, static_cast<int64_t>(rows.bytes), rows.starts, rows.ends,
                               static_cast<int64_t>(rows.count), id, &status),
          status);
    pending++;
    ok = door.batchFinish(batch, &status) == GP_OK;
    if (!ok) pending--;
    await();  // the rows must outlive their use, whatever happened
    if (!ok) check(status.code, status);
  } else {
    check(door.batchFinish(batch, &status), status);
    await();
  }
  if (done.code != GP_OK) {
    door.batchStatus(batch, &status);
    check(status.code, status);
  }
  closer.add([&door, this, &done] { door.imageFree(engine_, done.image); });
  copyTo(static_cast<const uint8_t*>(done.image), static_cast<size_t>(done.bytes));
}

}  // namespace gp::gpu
