#include "cpu/nested/leaf.h"

#include "types/datetime.h"

namespace gp {

void LeavesNode::flush(Work& work, size_t expectedRows) {
  ParentNode::flush(work, expectedRows);
  for (PendingLeaf* leaf : leaves_) leaf->flush(work, levels_, valid_, expectedRows);
  levels_.clear();
}

void LeavesNode::finish(Work& work) {
  ParentNode::finish(work);
  for (PendingLeaf* leaf : leaves_) leaf->finish(work);
}

void LeavesNode::chunks(std::vector<const Chunk*>& out) const {
  ParentNode::chunks(out);
  for (const PendingLeaf* leaf : leaves_) out.push_back(leaf->chunk());
}

void LeavesNode::restart() {
  ParentNode::restart();
  levels_.clear();
  for (PendingLeaf* leaf : leaves_) leaf->restart();
}

void DecodedNode::append(Work& work, const Entries& entries, Fault& fault) {
  int count = 0;
  if (entries.here > 0) {
    const FieldBlock block{entries.memory, entries.fields, entries.here, entries.safe};
    count = decode_(block, plan_, work, fault);
    if (fault) {
      fault.row = entries.rowOfField(static_cast<int>(fault.row));
      fault.column = plan_.index;
      return;
    }
  }
  levels_.add(entries, count == entries.here ? nullptr : work.valid);
  keep(work, entries, static_cast<size_t>(count));
}

namespace {

template <class Form, class T>
class ValueNode final : public DecodedNode {
 public:
  ValueNode(const ColumnPlan& plan, const WriterPlan& writer)
      : DecodedNode(plan, writer, fixedDecoder<WireForm>(plan)), values_(plan.leaves[0], writer) {
    own(values_);
  }

 private:
  void keep(Work& work, const Entries&, size_t count) override { values_.add(reinterpret_cast<const T*>(work.values), count); }

  PendingValues<Form, T> values_;
};

class IntervalNode final : public DecodedNode {
 public:
  IntervalNode(const ColumnPlan& plan, const WriterPlan& writer)
      : DecodedNode(plan, writer, fixedDecoder<WireForm>(plan)), months_(plan.leaves[0], writer), days_(plan.leaves[1], writer),
        micros_(plan.leaves[2], writer) {
    own(months_, days_, micros_);
  }

 private:
  void keep(Work& work, const Entries&, size_t count) override {
    const auto* intervals = reinterpret_cast<const Interval*>(work.values);
    for (size_t i = 0; i < count; i++) {
      months_.add(intervals[i].months);
      days_.add(intervals[i].days);
      micros_.add(intervals[i].micros);
    }
  }

  PendingValues<FixedLeaf<int32_t>, int32_t> months_, days_;
  PendingValues<FixedLeaf<int64_t>, int64_t> micros_;
};

template <class T>
std::unique_ptr<Node> fixed(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<ValueNode<FixedLeaf<T>, T>>(plan, writer);
}

}  // namespace

std::unique_ptr<Node> makeLeafNode(const ColumnPlan& plan, const WriterPlan& writer) {
  if (plan.column.kind == GP_BOOL) return std::make_unique<ValueNode<BoolLeaf, uint8_t>>(plan, writer);
  if (plan.column.kind == GP_INTERVAL) return std::make_unique<IntervalNode>(plan, writer);
  if (const TextDecoder text = textDecoder<WireForm>(plan.column.kind); text.decode) return makeTextNode(plan, writer, text);
  switch (plan.leaves[0].order) {
    case Order::kInt32: return fixed<int32_t>(plan, writer);
    case Order::kUint32: return fixed<uint32_t>(plan, writer);
    case Order::kInt64: return fixed<int64_t>(plan, writer);
    case Order::kFloat: return fixed<float>(plan, writer);
    case Order::kDouble: return fixed<double>(plan, writer);
    case Order::kSignedBytes: return fixed<SignedFixed16>(plan, writer);
    default: return fixed<Fixed16>(plan, writer);
  }
}

}  // namespace gp
