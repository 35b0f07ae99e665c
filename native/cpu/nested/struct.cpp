// Composites.
#include "cpu/nested/members.h"

namespace gp {
namespace {

class StructNode final : public ParentNode {
 public:
  using ParentNode::ParentNode;

  void append(Work& work, const Entries& entries, Fault& fault) override {
    const size_t members = children_.size(), stride = static_cast<size_t>(entries.here);
    fields_.clear();
    Span* fields = fields_.room(members * stride + 1);
    int here = 0;
    Fault own;
    eachValue(plan_, entries, walked_, own, [&](FieldReader reader, int) {
      const uint64_t length = reader.left();
      if (readRecord(reader, static_cast<uint32_t>(members), fields + here, stride)) {
        here++;
        return;
      }
      if (length < kRecordHeader || load32(reader.data()) == members) return malformed("a composite value", length, own);
      own.code = GP_PROTOCOL;
      own.message = "a composite value has " + std::to_string(static_cast<int32_t>(load32(reader.data()))) + " members, its type " +
                    std::to_string(members);
    });
    for (size_t m = 0; m < members && walked_.count > 0; m++) {
      appendMember(*children_[m], work, entries, fields + m * stride, here, walked_.count, walked_.definitions, fault);
    }
    takeEarlier(fault, std::move(own));
    fields_.clearBeyond(kKeptBytes / sizeof(Span));
  }

 private:
  Buffer<Span> fields_;
  MemberLevels walked_;
};

}  // namespace

std::unique_ptr<Node> makeStructNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<StructNode>(plan, writer);
}

}  // namespace gp
