// pgvector's vector and halfvec: floats without length words, so the node is list and leaf at once.
#include "cpu/nested/leaf.h"

namespace gp {
namespace {

class VectorNode final : public LeavesNode {
 public:
  VectorNode(const ColumnPlan& plan, const WriterPlan& writer)
      : LeavesNode(plan, writer), width_(plan.column.kind == GP_VECTOR ? 4 : 2), values_(plan.leaves[0], writer) {
    own(values_);
  }

  void append(Work&, const Entries& entries, Fault& fault) override {
    int field = 0;
    for (int i = 0; i < entries.count; i++) {
      if (entries.definitions[i] != kHere) {
        levels_.add(entries.definitions[i], entries.repetitions[i]);
        continue;
      }
      take(entries, i, entries.fields[field], fault);
      if (fault) {
        fault.row = entries.rowOfField(field);
        fault.column = plan_.index;
        return;
      }
      field++;
    }
  }

 private:
  void take(const Entries& entries, int entry, Span at, Fault& fault) {
    const uint8_t repetition = entries.repetitions[entry];
    if (isNull(at)) {
      if (plan_.column.required) nullFault(0, fault);
      levels_.add(static_cast<uint8_t>(plan_.definition - 1), repetition);
      return;
    }
    if (isBad(at)) {
      lengthFault(0, at.length, "0 or more", fault);
      return;
    }
    FieldReader reader(entries.memory, at);
    const uint64_t length = reader.left();
    uint32_t count;
    if (!readVector(reader, width_, count)) return malformed("a vector", length, fault);
    if (count == 0) levels_.add(static_cast<uint8_t>(plan_.definition), repetition);
    const uint8_t* p = reader.data();
    for (uint32_t i = 0; i < count; i++, p += width_) {
      const uint32_t bits = width_ == 4 ? load32(p) : floatFromHalf(load16(p));
      float value;
      std::memcpy(&value, &bits, sizeof value);
      values_.add(value);
      levels_.add(levels_.highest(), i == 0 ? repetition : static_cast<uint8_t>(plan_.repetition + 1));
    }
  }

  const uint32_t width_;
  PendingValues<FixedLeaf<float>, float> values_;
};

}  // namespace

std::unique_ptr<Node> makeVectorNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<VectorNode>(plan, writer);
}

}  // namespace gp
