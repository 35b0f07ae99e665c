// One way out of the tables that a batch becomes: cuDF's writer makes a Parquet file of them, in page-locked memory.
#ifndef GPUPARSER_CUDA_PARQUET_IMAGE_H
#define GPUPARSER_CUDA_PARQUET_IMAGE_H

#include <optional>

#include "cuda/sink.h"
#include "cuda/table.h"

#include <cudf/io/parquet.hpp>

namespace gp::gpu {

class ParquetImage {
 public:
  // batchBytes: of the rows that all tables together are made of.
  ParquetImage(const Device& device, PinnedPool& pool, const Schema& schema, size_t batchBytes, cudaStream_t stream)
      : device_(device), schema_(schema), batchBytes_(batchBytes), stream_(stream), sink_(device, pool) {}

  // Writes a row group and waits for it. only: no other table follows. The writer leaves nothing behind where it finds no memory.
  void take(const Table& table, bool only);
  // Ends the file; bytes: its length.
  Pinned finish(size_t& bytes);

 private:
  const Device& device_;
  const Schema& schema_;
  const size_t batchBytes_;
  const cudaStream_t stream_;
  PinnedSink sink_;
  std::optional<cudf::io::chunked_parquet_writer> writer_;
};

}  // namespace gp::gpu

#endif
