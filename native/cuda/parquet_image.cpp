#include "cuda/parquet_image.h"

namespace gp::gpu {
namespace {

// cuDF has one warp compress a page. Larger pages leave most of a small batch's card idle, smaller ones compress worse: measured on an
// H200, docs/gpu.md. A dictionary is one page too.
constexpr size_t kPageBytes = 128 << 10, kSmallBatchPageBytes = 64 << 10;
constexpr size_t kSmallBatchBytes = size_t{192} << 20;
constexpr size_t kMostDictionaryBytes = 256 << 10;

size_t pageBytesOf(const Schema& schema, size_t batchBytes) {
  if (schema.pageBytes > 0) return schema.pageBytes;
  return batchBytes < kSmallBatchBytes ? kSmallBatchPageBytes : kPageBytes;
}

cudf::io::chunked_parquet_writer_options writerOptions(const Schema& schema, size_t batchBytes,
                                                       const std::vector<size_t>& withoutDictionary, PinnedSink& sink) {
  cudf::io::table_input_metadata metadata = schema.metadata;
  for (size_t column : withoutDictionary) {
    const std::vector<int32_t>& place = schema.columns[column].place;
    cudf::io::column_in_metadata* values = &metadata.column_metadata[static_cast<size_t>(place[0])];
    for (size_t i = 1; i < place.size(); i++) values = &values->child(place[i]);
    values->set_encoding(cudf::io::column_encoding::PLAIN);
  }
  return cudf::io::chunked_parquet_writer_options::builder(cudf::io::sink_info(&sink))
      .metadata(std::move(metadata))
      .compression(schema.compression)
      .stats_level(cudf::io::STATISTICS_COLUMN)
      .dictionary_policy(schema.dictionary ? cudf::io::ADAPTIVE : cudf::io::NEVER)
      .row_group_size_bytes(std::numeric_limits<int64_t>::max())
      .row_group_size_rows(std::numeric_limits<cudf::size_type>::max())
      .max_page_size_bytes(pageBytesOf(schema, batchBytes))
      .max_dictionary_size(kMostDictionaryBytes)
      .build();
}

std::vector<size_t> floatsOf(const Schema& schema) {
  std::vector<size_t> out;
  for (size_t i = 0; i < schema.columns.size(); i++) {
    if (isFloat(schema.columns[i].kind) || isVector(schema.columns[i].kind)) out.push_back(i);
  }
  return out;
}

}  // namespace

void ParquetImage::take(const Table& table, bool only) {
  // The writer is told once what later tables need too.
  if (!writer_) {
    writer_.emplace(writerOptions(schema_, batchBytes_, only ? table.odd() : floatsOf(schema_), sink_), cuda::stream_ref(stream_));
  }
  writer_->write(table.view());
  device_.check(cudaStreamSynchronize(stream_), "waiting for the device");
}

Pinned ParquetImage::finish(size_t& bytes) {
  writer_->close();
  bytes = sink_.bytes_written();
  return sink_.take();
}

}  // namespace gp::gpu
