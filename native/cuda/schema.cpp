#include "cuda/schema.h"

namespace gp::gpu {
namespace {

// Larger pages leave most of the card idle, because one warp compresses a page; smaller ones compress worse. Measured on an H100:
// docs/gpu.md.
constexpr size_t kPageBytes = 128 << 10;

cudf::io::compression_type compressionOf(int32_t codec) {
  switch (codec) {
    case GP_SNAPPY: return cudf::io::compression_type::SNAPPY;
    case GP_ZSTD: return cudf::io::compression_type::ZSTD;
    case GP_LZ4_RAW: return cudf::io::compression_type::LZ4;
    default: return cudf::io::compression_type::NONE;
  }
}

cudf::io::column_in_metadata metadataOf(const gp_column& column) {
  cudf::io::column_in_metadata out(column.name);
  out.set_nullability(column.required == 0);
  switch (column.kind) {
    case GP_DECIMAL: out.set_decimal_precision(static_cast<uint8_t>(column.precision)); break;
    case GP_MONEY: out.set_decimal_precision(19); break;
    case GP_UUID: out.set_output_as_binary(true).set_type_length(16); break;
    case GP_BYTEA: out.set_output_as_binary(true); break;
    case GP_TEXT:
      out.set_output_as_binary(column.logical == GP_LOGICAL_NONE);
      if (column.logical == GP_LOGICAL_ENUM) out.set_encoding(cudf::io::column_encoding::DICTIONARY);
      break;
    case GP_INTERVAL:
      for (const char* member : {"months", "days", "microseconds"}) {
        cudf::io::column_in_metadata leaf(member);
        leaf.set_nullability(false);
        out.add_child(leaf);
      }
      break;
    default: break;
  }
  return out;
}

bool needsCpu(int32_t kind) { return kind == GP_UTF8 || kind == GP_GEOMETRY || kind >= GP_LIST; }

}  // namespace

Schema::Schema(const gp_column* given, int32_t count, const gp_writer_options& options, std::unique_ptr<CpuSchema> cpuSchema)
    : compression(compressionOf(options.codec)), pageBytes(options.page_bytes > 0 ? static_cast<size_t>(options.page_bytes) : kPageBytes),
      dictionary(options.dictionary != 0), cpu(std::move(cpuSchema)), rules_(static_cast<size_t>(count)) {
  for (int32_t i = 0; i < count; i++) {
    const gp_column& column = given[i];
    columns.push_back({column.name, column.kind, column.precision, column.scale, column.required});
    metadata.column_metadata.push_back(metadataOf(column));
    ColumnRules& rule = rules_[static_cast<size_t>(i)];
    if (column.kind == GP_DECIMAL) planDecimal(column.precision, column.scale, rule.decimal);
    if (cpuReason.empty() && needsCpu(column.kind))
      cpuReason = "column " + std::string(column.name) + " has a type that the GPU does not decode";
    rule.kind = column.kind;
    rule.required = column.required;
    rule.onNan = column.on_nan;
    rule.onInfinity = column.on_infinity;
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
