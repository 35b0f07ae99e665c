// Ranges: bounds, and flags about them.
#include "cpu/nested/leaf.h"
#include "cpu/nested/members.h"

namespace gp {
namespace {

// group { lower, upper, lower_inc, upper_inc, empty }: an empty range has neither bound, an infinite bound is NULL.
class RangeNode final : public LeavesNode {
 public:
  RangeNode(const ColumnPlan& plan, const WriterPlan& writer)
      : LeavesNode(plan, writer), lowerInclusive_(plan.leaves[0], writer), upperInclusive_(plan.leaves[1], writer),
        empty_(plan.leaves[2], writer) {
    own(lowerInclusive_, upperInclusive_, empty_);
  }

  void append(Work& work, const Entries& entries, Fault& fault) override {
    Fault own;
    for (Side& side : sides_) side.here = 0;
    const auto infinite = static_cast<uint8_t>(plan_.definition);
    eachValue(plan_, entries, walked_, own, [&](FieldReader reader, int entry) {
      const uint64_t length = reader.left();
      RangeParts range;
      if (!readRange(reader, range)) return malformed("a range", length, own);
      for (int s = 0; s < 2; s++) {
        sides_[s].definitions[entry] = range.there[s] ? kHere : infinite;
        if (range.there[s]) sides_[s].fields[sides_[s].here++] = range.bounds[s];
      }
      lowerInclusive_.add((range.flags & kRangeLowerInclusive) != 0);
      upperInclusive_.add((range.flags & kRangeUpperInclusive) != 0);
      empty_.add((range.flags & kRangeEmpty) != 0);
    });
    for (int i = 0; i < walked_.count; i++) {
      const uint8_t level = walked_.definitions[i];
      levels_.add(level == kHere ? infinite : level, entries.repetitions[i]);
      if (level != kHere) sides_[0].definitions[i] = sides_[1].definitions[i] = level;
    }
    for (size_t s = 0; s < 2 && walked_.count > 0; s++) {
      appendMember(*children_[s], work, entries, sides_[s].fields, sides_[s].here, walked_.count, sides_[s].definitions, fault);
    }
    takeEarlier(fault, std::move(own));
  }

 private:
  using Flags = PendingValues<BoolLeaf, uint8_t>;
  struct Side {
    uint8_t definitions[kBlockRows];
    Span fields[kBlockRows];
    int here = 0;
  };

  MemberLevels walked_;
  Side sides_[2];
  Flags lowerInclusive_, upperInclusive_, empty_;
};

}  // namespace

std::unique_ptr<Node> makeRangeNode(const ColumnPlan& plan, const WriterPlan& writer) { return std::make_unique<RangeNode>(plan, writer); }

}  // namespace gp
