#include "cuda/table.h"

#include <cstring>

namespace gp::gpu {
namespace {

// cuDF reads validity in whole blocks of 64 bytes.
size_t validBytes(int rows) { return (static_cast<size_t>(rows) + 511) / 512 * 64; }

// The counts' layout: the counters first, because they are the widest.
size_t countsBytes(const Schema& schema) { return schema.counters * 8 + schema.columns.size() * 4 + 4; }

}  // namespace

rmm::device_buffer Table::allocate(size_t bytes) const { return rmm::device_buffer(bytes, cuda::stream_ref(stream_)); }

Table::Node Table::node(size_t column) const {
  Node out{column, {}};
  for (const size_t child : schema_.columns[column].children) out.children.push_back(node(child));
  return out;
}

unsigned long long* Table::counter(const Node& node, size_t counter) const {
  return static_cast<unsigned long long*>(const_cast<void*>(counts_.data())) + specOf(node).counter + counter;
}

uint64_t Table::counted(const Node& node, size_t counter) const {
  uint64_t count;
  std::memcpy(&count, host_.data() + (specOf(node).counter + counter) * 8, 8);
  return count;
}

uint32_t Table::nulls(const Node& node) const {
  uint32_t count;
  std::memcpy(&count, host_.data() + schema_.counters * 8 + node.column * 4, 4);
  return count;
}

ColumnJob Table::job(const Node& node) const {
  auto* nulls = reinterpret_cast<uint32_t*>(static_cast<uint8_t*>(const_cast<void*>(counts_.data())) + schema_.counters * 8);
  return {rows_.bytes,
          node.fields,
          node.rows,
          schema_.rules(node.column),
          static_cast<uint32_t*>(const_cast<void*>(node.valid.data())),
          nulls + node.column,
          nulls + schema_.columns.size()};
}

Table::Table(const Device& device, PinnedPool& pool, const Schema& schema, const Rows& rows, cudaStream_t stream)
    : device_(device), schema_(schema), rows_(rows), stream_(stream) {
  counts_ = allocate(countsBytes(schema));
  fields_ = allocate(schema.fields.size() * static_cast<size_t>(rows.count) * sizeof(Span));
  scratch_ = allocate(scanBytes(rows.count + 1));
  device.check(cudaMemsetAsync(counts_.data(), 0, counts_.size(), stream), "clearing counts");
  auto* fields = static_cast<Span*>(fields_.data());
  auto* marks = reinterpret_cast<uint32_t*>(static_cast<uint8_t*>(counts_.data()) + counts_.size() - 4);
  indexFields(rows, static_cast<int>(schema.fields.size()), fields, marks, stream);
  nodes_.reserve(schema.fields.size());
  for (const size_t field : schema.fields) {
    nodes_.push_back(node(field));
    decode(nodes_.back(), rows.count, fields);
    fields += rows.count;
  }
  device.check(cudaGetLastError(), "starting the decoding kernels");
  readCounts(device, pool);
  while (marks_ == 0 && !lists_.empty()) {
    for (Node* list : std::exchange(lists_, {})) openList(*list);
    device.check(cudaGetLastError(), "starting the kernels of nested columns");
    readCounts(device, pool);
  }
  if (marks_ != 0) return;
  std::vector<cudf::column_view> views;
  for (Node& root : nodes_) views.push_back(viewOf(root));
  device.check(cudaGetLastError(), "starting the text kernels");
  view_ = cudf::table_view(views);
}

void Table::readCounts(const Device& device, PinnedPool& pool) {
  const size_t bytes = counts_.size();
  const Pinned counts(pool, bytes);
  device.check(cudaMemcpyAsync(counts.data(), counts_.data(), bytes, cudaMemcpyDeviceToHost, stream_), "reading counts");
  device.check(cudaStreamSynchronize(stream_), "decoding");
  host_.assign(counts.data(), counts.data() + bytes);
  std::memcpy(&marks_, host_.data() + bytes - 4, 4);
}

// Kernels of everything that needs no counts.
void Table::decode(Node& node, int rows, const Span* fields) {
  node.rows = rows;
  node.fields = fields;
  node.valid = allocate(validBytes(rows));
  if (rows > 0) device_.check(cudaMemsetAsync(node.valid.data(), 0, node.valid.size(), stream_), "clearing validity");
  switch (specOf(node).kind) {
    case GP_STRUCT:
    case GP_RANGE: return decodeMembers(node);
    case GP_LIST:
    case GP_MAP:
    case GP_MULTIRANGE:
    case GP_VECTOR:
    case GP_HALFVEC: return measure(node);
    default: return decodeLeaf(node);
  }
}

// Texts get their lengths and offsets here; their characters wait until the sum is known.
void Table::decodeLeaf(Node& node) {
  const ColumnSpec& column = specOf(node);
  const auto rows = static_cast<size_t>(node.rows);
  if (isText(column.kind)) {
    node.values = allocate((rows + 1) * 4);
    auto* lengths = static_cast<int32_t*>(node.values.data());
    measureTexts(column.kind, job(node), lengths, counter(node), stream_);
    scan(lengths, node.rows + 1);
  } else if (column.kind == GP_INTERVAL) {
    node.values = allocate(rows * 4);
    node.more[0] = allocate(rows * 4);
    node.more[1] = allocate(rows * 8);
    decodeIntervals(job(node), static_cast<int32_t*>(node.values.data()), static_cast<int32_t*>(node.more[0].data()),
                    static_cast<int64_t*>(node.more[1].data()), stream_);
  } else {
    node.values = allocate(rows * valueBytes(column.kind, column.precision));
    decodeFixed(column.kind, column.precision, job(node), node.values.data(), counter(node), stream_);
  }
}

// Lengths become offsets, in place. count: with the empty one at the end.
void Table::scan(int32_t* lengths, int count) {
  const size_t bytes = scanBytes(count);
  if (bytes > scratch_.size()) scratch_ = allocate(bytes);
  lengthsToOffsets(lengths, count, scratch_.data(), scratch_.size(), stream_);
}

}  // namespace gp::gpu
