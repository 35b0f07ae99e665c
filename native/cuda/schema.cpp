#include "cuda/schema.h"

#include "cuda/metadata.h"
#include "cuda/nested.h"

namespace gp::gpu {
namespace {

cudf::io::compression_type compressionOf(int32_t codec) {
  switch (codec) {
    case GP_SNAPPY: return cudf::io::compression_type::SNAPPY;
    case GP_ZSTD: return cudf::io::compression_type::ZSTD;
    case GP_LZ4_RAW: return cudf::io::compression_type::LZ4;
    default: return cudf::io::compression_type::NONE;
  }
}

// A text's bytes, or whether a float is odd; a list's elements in each dimension; both of a vector.
size_t countersOf(const gp_column& column) {
  return isVector(column.kind) ? 2 : column.kind == GP_LIST ? static_cast<size_t>(column.precision) : 1;
}

}  // namespace

Schema::Schema(const gp_column* given, int32_t count, const gp_writer_options& options, std::unique_ptr<CpuSchema> cpuSchema)
    : compression(compressionOf(options.codec)), pageBytes(static_cast<size_t>(options.page_bytes)), dictionary(options.dictionary != 0),
      cpu(std::move(cpuSchema)), rules_(static_cast<size_t>(count)) {
  for (int32_t i = 0; i < count; i++) {
    const gp_column& column = given[i];
    const auto index = static_cast<size_t>(i);
    columns.push_back({column.kind, column.precision, column.scale, column.required, {}, {}, counters, countersOf(column)});
    counters += columns.back().counters;
    (column.parent < 0 ? fields : columns[static_cast<size_t>(column.parent)].children).push_back(index);
    ColumnRules& rule = rules_[index];
    if (column.kind == GP_DECIMAL) planDecimal(column.precision, column.scale, rule.decimal);
    rule.kind = column.kind;
    rule.required = column.required;
    rule.onNan = column.on_nan;
    rule.onInfinity = column.on_infinity;
    rule.srid = static_cast<uint32_t>(column.precision);
  }
  for (const size_t field : fields) {
    placeColumns(columns, field, {static_cast<int32_t>(metadata.column_metadata.size())});
    metadata.column_metadata.push_back(metadataOf(given, columns, field));
  }
}

void Schema::toDevice(const Device& device) {
  const Stream stream(device);
  deviceRules_.emplace(rules_.size() * sizeof(ColumnRules), cuda::stream_ref(static_cast<cudaStream_t>(stream)));
  if (!rules_.empty())
    device.check(cudaMemcpyAsync(deviceRules_->data(), rules_.data(), deviceRules_->size(), cudaMemcpyHostToDevice, stream),
                 "copying a schema to the device");
  stream.synchronize();
  deviceRules_->set_stream(cuda::stream_ref(cudaStream_t{cudaStreamLegacy}));  // which outlives them
}

}  // namespace gp::gpu
