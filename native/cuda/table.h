// Rows in device memory become columns that cuDF's writer takes.
#ifndef GPUPARSER_CUDA_TABLE_H
#define GPUPARSER_CUDA_TABLE_H

#include "cuda/pinned.h"
#include "cuda/schema.h"

#include <cudf/table/table_view.hpp>

namespace gp::gpu {

class Table {
 public:
  // Decodes the rows and waits for it. Where marks() is not 0 there is no view. Throws Fault, rmm::bad_alloc.
  Table(const Device& device, PinnedPool& pool, const Schema& schema, const Rows& rows, cudaStream_t stream);

  uint32_t marks() const { return marks_; }
  const cudf::table_view& view() const { return view_; }
  // Columns of floats that a dictionary would change: see decodeFixed.
  const std::vector<size_t>& odd() const { return odd_; }

 private:
  struct Leaf {
    rmm::device_buffer values;   // or a text's offsets
    rmm::device_buffer more[2];  // an interval's days and microseconds, a text's characters in the first
    rmm::device_buffer valid;
  };

  rmm::device_buffer allocate(size_t bytes) const;
  void decode(size_t column);
  void addView(size_t column, uint32_t nulls, uint64_t textBytes);
  ColumnJob job(size_t column);

  const Schema& schema_;
  const Rows rows_;
  const cudaStream_t stream_;
  rmm::device_buffer fields_;
  rmm::device_buffer counts_;  // marks, then nulls per column, then text bytes per column
  rmm::device_buffer scratch_;
  rmm::device_buffer offsets16_;
  std::vector<Leaf> leaves_;
  std::vector<cudf::column_view> views_;
  cudf::table_view view_;
  std::vector<size_t> odd_;
  uint32_t marks_ = 0;
};

}  // namespace gp::gpu

#endif
