// The CPU engine, through the same door as every caller: it describes schemas, writes the empty images, finds the exact row of an
// error, and takes the batches that do not fit the device or its writer.
#ifndef GPUPARSER_CUDA_CPU_ENGINE_H
#define GPUPARSER_CUDA_CPU_ENGINE_H

#include <functional>
#include <memory>
#include <mutex>

#include "base/fault.h"
#include "include/gpuparser.h"

namespace gp::gpu {

// Rows in host memory, as gp_batch_append_rows takes them.
struct HostRows {
  const uint8_t* memory;
  size_t bytes;
  const uint32_t* starts;
  const uint32_t* ends;
  size_t count;
};

struct CpuDoor;

class CpuSchema {
 public:
  CpuSchema(const CpuDoor& door, gp_schema* schema) : door_(door), schema_(schema) {}
  ~CpuSchema();
  CpuSchema(const CpuSchema&) = delete;
  CpuSchema& operator=(const CpuSchema&) = delete;
  gp_schema* get() const { return schema_; }
  // As gp_schema_describe. Throws Fault.
  void describe(void* bytes, int64_t capacity, int64_t* length) const;

 private:
  const CpuDoor& door_;
  gp_schema* schema_;
};

class CpuEngine {
 public:
  // Loads the file; nullptr: libgpuparser.so from the folder of this library. Throws Fault.
  CpuEngine(int threads, const char* file);
  ~CpuEngine();

  std::unique_ptr<CpuSchema> openSchema(const gp_column* columns, int32_t count, const gp_writer_options& options);
  // The image of the rows, which copyTo copies to where it is to stay. Throws the Fault that the CPU engine reports.
  void encode(const CpuSchema& schema, const HostRows& rows, const std::function<void(const uint8_t*, size_t)>& copyTo);

 private:
  std::unique_ptr<CpuDoor> door_;
  std::mutex mutex_;
  gp_engine* engine_ = nullptr;
  int64_t nextId_ = 1;
};

}  // namespace gp::gpu

#endif
