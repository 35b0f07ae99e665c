#include "cpu/nested/node.h"

namespace gp {

std::unique_ptr<Node> makeNode(const ColumnPlan& plan, const WriterPlan& writer) {
  switch (plan.column.kind) {
    case GP_LIST: return makeListNode(plan, writer);
    case GP_STRUCT: return makeStructNode(plan, writer);
    case GP_MAP: return makeMapNode(plan, writer);
    case GP_RANGE: return makeRangeNode(plan, writer);
    case GP_MULTIRANGE: return makeMultirangeNode(plan, writer);
    case GP_VECTOR:
    case GP_HALFVEC: return makeVectorNode(plan, writer);
    default: return makeLeafNode(plan, writer);
  }
}

void takeEarlier(Fault& fault, Fault&& found) {
  if (found && (!fault || found.row < fault.row)) fault = std::move(found);
}

void malformed(const char* what, uint64_t length, Fault& fault) {
  fault.code = GP_PROTOCOL;
  fault.message = std::string(what) + " of " + std::to_string(length) + " bytes is malformed";
}

ParentNode::ParentNode(const ColumnPlan& plan, const WriterPlan& writer) : plan_(plan) {
  children_.reserve(plan.children.size());
  for (const ColumnPlan& child : plan.children) children_.push_back(makeNode(child, writer));
}

void ParentNode::flush(Work& work, size_t expectedRows) {
  for (const auto& child : children_) child->flush(work, expectedRows);
}

void ParentNode::finish(Work& work) {
  for (const auto& child : children_) child->finish(work);
}

void ParentNode::chunks(std::vector<const Chunk*>& out) const {
  for (const auto& child : children_) child->chunks(out);
}

void ParentNode::restart() {
  for (const auto& child : children_) child->restart();
}

}  // namespace gp
