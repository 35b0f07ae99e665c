// The nodes of a table's nested columns, level by level.
#include "cuda/table.h"

namespace gp::gpu {

ListForm Table::formOf(const Node& node) const {
  const ColumnSpec& column = specOf(node);
  if (column.kind != GP_LIST) return {column.kind, 1, 0};
  return {column.kind, column.precision, wireBytes(schema_.columns[column.children[0]].kind)};
}

// Members have a place wherever the value around them has one.
void Table::decodeMembers(Node& node) {
  const auto rows = static_cast<size_t>(node.rows);
  node.below = allocate(node.children.size() * rows * sizeof(Span));
  auto* fields = static_cast<Span*>(node.below.data());
  if (specOf(node).kind == GP_RANGE) {
    node.values = allocate(rows * 3);
    findBounds(job(node), fields, static_cast<uint8_t*>(node.values.data()), stream_);
  } else {
    findMembers(job(node), static_cast<int>(node.children.size()), fields, stream_);
  }
  for (Node& child : node.children) {
    decode(child, node.rows, fields);
    fields += rows;
  }
}

void Table::measure(Node& node) {
  const ListForm form = formOf(node);
  const auto stride = static_cast<size_t>(node.rows) + 1;
  node.values = allocate(static_cast<size_t>(form.dimensions) * stride * 4);
  auto* counts = static_cast<int32_t*>(node.values.data());
  measureLists(form, job(node), counts, counter(node), stream_);
  for (int d = 0; d < form.dimensions; d++) scan(counts + static_cast<size_t>(d) * stride, node.rows + 1);
  lists_.push_back(&node);
}

// Looks for the elements, whose number is known now, and decodes them.
void Table::openList(Node& node) {
  const ListForm form = formOf(node);
  const auto stride = static_cast<size_t>(node.rows) + 1;
  const auto last = static_cast<size_t>(form.dimensions) - 1;
  const uint64_t total = counted(node, last);
  if (total > INT32_MAX) throw rmm::bad_alloc("a column of lists with over 2^31 elements");  // fewer rows at once will do
  const auto elements = static_cast<int>(total);
  const auto* starts = static_cast<const int32_t*>(node.values.data());
  const int32_t* innermost = starts + last * stride;
  if (isVector(form.kind)) {
    node.more[0] = allocate(total * 4);
    copyVectors(form.kind, job(node), innermost, static_cast<uint32_t*>(node.more[0].data()), counter(node, 1), stream_);
    return;
  }
  for (size_t d = 1; d <= last; d++) {
    node.inner.push_back(allocate((counted(node, d - 1) + 1) * 4));
    innerOffsets(starts + (d - 1) * stride, starts + d * stride, node.rows, static_cast<int32_t*>(node.inner.back().data()), stream_);
  }
  node.below = allocate(node.children.size() * total * sizeof(Span));
  auto* fields = static_cast<Span*>(node.below.data());
  findElements(form, job(node), innermost, elements, fields, stream_);
  for (Node& child : node.children) {
    decode(child, elements, fields);
    fields += total;
  }
}

}  // namespace gp::gpu
