// What a schema decides once for the device: the rules of every column's kernels, and what cuDF's writer is told of it.
#ifndef GPUPARSER_CUDA_SCHEMA_H
#define GPUPARSER_CUDA_SCHEMA_H

#include <future>
#include <variant>

#include <cudf/io/types.hpp>
#include <memory>
#include <optional>
#include <rmm/device_buffer.hpp>
#include <vector>

#include "cuda/cpu_engine.h"
#include "cuda/device.h"
#include "cuda/kernels.h"

namespace gp::gpu {

// A field of the row, or a node below one.
struct ColumnSpec {
  int32_t kind;
  int32_t precision;
  int32_t scale;
  int32_t required;
  std::vector<size_t> children;  // among the schema's columns
  // Where the metadata of its values is: from the table's columns on, the number of each child.
  std::vector<int32_t> place;
  // The first of its counters in Table, and how many there are.
  size_t counter;
  size_t counters;
};

class Schema {
 public:
  // The CPU engine has checked the arguments.
  Schema(const gp_column* columns, int32_t count, const gp_writer_options& options, std::unique_ptr<CpuSchema> cpu);
  // Before the kernels use the rules. Throws Fault.
  void toDevice(const Device& device);

  std::vector<ColumnSpec> columns;
  std::vector<size_t> fields;  // the columns that are the row's own
  size_t counters = 0;         // of all columns
  cudf::io::table_input_metadata metadata;
  cudf::io::compression_type compression;
  size_t pageBytes;  // 0: as the batch is large
  bool dictionary;
  std::unique_ptr<CpuSchema> cpu;

  const ColumnRules* rules(size_t column) const { return static_cast<const ColumnRules*>(deviceRules_->data()) + column; }

 private:
  std::vector<ColumnRules> rules_;
  std::optional<rmm::device_buffer> deviceRules_;
};

}  // namespace gp::gpu

#endif
