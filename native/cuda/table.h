// Rows in device memory become columns that cuDF's writer takes.
#ifndef GPUPARSER_CUDA_TABLE_H
#define GPUPARSER_CUDA_TABLE_H

#include "cuda/nested.h"
#include "cuda/pinned.h"
#include "cuda/schema.h"

#include <cudf/table/table_view.hpp>

namespace gp::gpu {

// Nested columns are trees. How many elements a level of lists has must be known before there is memory for them, so the host reads
// counts back once a level, for all columns together: once for a table without lists.
class Table {
 public:
  // Decodes the rows and waits for it. Where marks() is not 0 there is no view. Throws Fault, rmm::bad_alloc.
  Table(const Device& device, PinnedPool& pool, const Schema& schema, const Rows& rows, cudaStream_t stream);

  uint32_t marks() const { return marks_; }
  const cudf::table_view& view() const { return view_; }
  // The schema's columns of floats that a dictionary would change: see decodeFixed.
  const std::vector<size_t>& odd() const { return odd_; }

 private:
  // A field of the row, or a node below one.
  struct Node {
    size_t column;  // among the schema's
    std::vector<Node> children;
    int rows = 0;                  // places where it has a value or NULL
    const Span* fields = nullptr;  // of these
    rmm::device_buffer valid;
    rmm::device_buffer values;              // a text's or a vector's offsets, a range's flags, a list's counts: offsets in each dimension
    rmm::device_buffer more[2];             // an interval's days and microseconds, a text's characters, a vector's floats in the first
    rmm::device_buffer below;               // the children's fields
    std::vector<rmm::device_buffer> inner;  // offsets of a list's inner dimensions
  };

  Node node(size_t column) const;
  const ColumnSpec& specOf(const Node& node) const { return schema_.columns[node.column]; }
  ListForm formOf(const Node& node) const;
  ColumnJob job(const Node& node) const;

  rmm::device_buffer allocate(size_t bytes) const;
  // What the device has counted so far, after waiting for it.
  void readCounts(const Device& device, PinnedPool& pool);
  uint64_t counted(const Node& node, size_t counter = 0) const;
  uint32_t nulls(const Node& node) const;
  unsigned long long* counter(const Node& node, size_t counter = 0) const;

  void decode(Node& node, int rows, const Span* fields);
  void decodeLeaf(Node& node);
  void decodeMembers(Node& node);
  void measure(Node& node);
  void openList(Node& node);
  void scan(int32_t* lengths, int count);

  cudf::column_view viewOf(Node& node);
  cudf::column_view viewOfText(Node& node);
  cudf::column_view viewOfList(Node& node);
  // One with the node's validity.
  cudf::column_view column(const Node& node, cudf::data_type type, const void* values, bool required,
                           std::vector<cudf::column_view> children = {}) const;
  const int32_t* offsets16(int rows);

  const Device& device_;
  const Schema& schema_;
  const Rows rows_;
  const cudaStream_t stream_;
  rmm::device_buffer fields_;
  rmm::device_buffer counts_;  // the schema's counters, NULLs per column, marks
  rmm::device_buffer scratch_;
  std::vector<rmm::device_buffer> offsets16_;
  std::vector<Node> nodes_;    // of the row's fields
  std::vector<Node*> lists_;   // whose elements are counted, and not yet looked for
  std::vector<uint8_t> host_;  // the counts, as last read
  cudf::table_view view_;
  std::vector<size_t> odd_;
  uint32_t marks_ = 0;
};

}  // namespace gp::gpu

#endif
