// Nodes whose values have members: composites and ranges.
#include <array>

#include "cpu/nested_leaf.h"
#include "types/nested.h"

namespace gp {
namespace {

// Entries as the members see them: a value that is NULL ends at the level above.
struct MemberLevels {
  uint8_t definitions[kBlockRows];
  int count;
};

// Walks the entries. value(field): takes one that is there; false where own says why not.
template <class F>
void eachValue(const ColumnPlan& plan, const Entries& entries, MemberLevels& levels, Fault& own, F&& value) {
  int field = 0;
  for (levels.count = 0; levels.count < entries.count; levels.count++) {
    uint8_t& definition = levels.definitions[levels.count];
    definition = entries.definitions[levels.count];
    if (definition != kHere) continue;
    const uint32_t at = entries.fields[field];
    if (isNull(entries.slot, at)) {
      definition = static_cast<uint8_t>(plan.definition - 1);
      if (plan.column.required) nullFault(0, own);
    } else if (isBad(entries.slot, at)) {
      lengthFault(0, load32(entries.slot + at), "0 or more", own);
    } else {
      value(FieldReader(entries.slot, at), levels.count);
    }
    if (own) {
      own.row = entries.rowOfField(field);
      own.column = plan.index;
      return;
    }
    field++;
  }
}

void takeEarlier(Fault& fault, Fault&& found) {
  if (found && (!fault || found.row < fault.row)) fault = std::move(found);
}

class StructNode final : public ParentNode {
 public:
  using ParentNode::ParentNode;

  void append(Work& work, const Entries& entries, Fault& fault) override {
    const size_t members = children_.size(), stride = static_cast<size_t>(entries.here);
    fields_.clear();
    uint32_t* fields = fields_.room(members * stride + 1);
    int here = 0;
    Fault own;
    eachValue(plan_, entries, levels_, own, [&](FieldReader reader, int) {
      const uint64_t length = reader.left();
      const bool counted = length >= kRecordHeader;
      if (counted && load32(reader.data()) != members) {
        own.code = GP_PROTOCOL;
        own.message = "a composite value has " + std::to_string(static_cast<int32_t>(load32(reader.data()))) + " members, its type " +
                      std::to_string(members);
        return;
      }
      if (counted) reader.skip(kRecordHeader);
      bool fine = counted;
      for (size_t m = 0; m < members && fine; m++) {
        fine = reader.left() >= kMemberType;
        if (!fine) break;
        reader.skip(kMemberType);
        fine = reader.element(fields[m * stride + static_cast<size_t>(here)]);
      }
      if (!fine || reader.left() > 0) return malformed("a composite value", length, own);
      here++;
    });
    for (size_t m = 0; m < members && levels_.count > 0; m++) {
      Fault found;
      children_[m]->append(work,
                           {entries.slot, entries.safe, fields + m * stride, here, levels_.count, levels_.definitions, entries.repetitions,
                            entries.rowsBefore},
                           found);
      takeEarlier(fault, std::move(found));
    }
    takeEarlier(fault, std::move(own));
    fields_.clearBeyond(kKeptBytes / sizeof(uint32_t));
  }

 private:
  Buffer<uint32_t> fields_;
  MemberLevels levels_;
};

// group { lower, upper, lower_inc, upper_inc, empty }: an empty range has neither bound, an infinite bound is NULL.
class RangeNode final : public ParentNode {
 public:
  RangeNode(const ColumnPlan& plan, const WriterPlan& writer)
      : ParentNode(plan, writer), flagLevels_(plan.leaves[0]), lowerInclusive_(plan.leaves[0], writer),
        upperInclusive_(plan.leaves[1], writer), empty_(plan.leaves[2], writer) {}

  void append(Work& work, const Entries& entries, Fault& fault) override {
    Fault own;
    for (Side& side : sides_) side.here = 0;
    const auto infinite = static_cast<uint8_t>(plan_.definition);
    eachValue(plan_, entries, levels_, own, [&](FieldReader reader, int entry) {
      const uint64_t length = reader.left();
      if (length < 1) return malformed("a range", length, own);
      const uint8_t flags = *reader.data();
      reader.skip(1);
      const bool there[2] = {hasLower(flags), hasUpper(flags)};
      uint32_t bounds[2] = {0, 0};
      for (int s = 0; s < 2; s++) {
        if (there[s] && (!reader.element(bounds[s]) || isNull(entries.slot, bounds[s]))) return malformed("a range", length, own);
      }
      if (reader.left() > 0) return malformed("a range", length, own);
      for (int s = 0; s < 2; s++) {
        sides_[s].definitions[entry] = there[s] ? kHere : infinite;
        if (there[s]) sides_[s].fields[sides_[s].here++] = bounds[s];
      }
      lowerInclusive_.add((flags & kRangeLowerInclusive) != 0);
      upperInclusive_.add((flags & kRangeUpperInclusive) != 0);
      empty_.add((flags & kRangeEmpty) != 0);
    });
    for (int i = 0; i < levels_.count; i++) {
      const uint8_t level = levels_.definitions[i];
      flagLevels_.add(level == kHere ? infinite : level, entries.repetitions[i]);
      if (level != kHere) sides_[0].definitions[i] = sides_[1].definitions[i] = level;
    }
    for (size_t s = 0; s < 2 && levels_.count > 0; s++) {
      Fault found;
      children_[s]->append(work,
                           {entries.slot, entries.safe, sides_[s].fields, sides_[s].here, levels_.count, sides_[s].definitions,
                            entries.repetitions, entries.rowsBefore},
                           found);
      takeEarlier(fault, std::move(found));
    }
    takeEarlier(fault, std::move(own));
  }
  void flush(Work& work, size_t expectedRows) override {
    ParentNode::flush(work, expectedRows);
    for (Flags* flags : all()) flags->flush(work, flagLevels_, valid_, expectedRows);
    flagLevels_.clear();
  }
  void finish(Work& work) override {
    ParentNode::finish(work);
    for (Flags* flags : all()) flags->finish(work);
  }
  void chunks(std::vector<const Chunk*>& out) const override {
    ParentNode::chunks(out);
    for (const Flags* flags : {&lowerInclusive_, &upperInclusive_, &empty_}) out.push_back(flags->chunk());
  }
  void restart() override {
    ParentNode::restart();
    flagLevels_.clear();
    for (Flags* flags : all()) flags->restart();
  }

 private:
  using Flags = PendingValues<BoolLeaf, uint8_t>;
  struct Side {
    uint8_t definitions[kBlockRows];
    uint32_t fields[kBlockRows];
    int here = 0;
  };
  std::array<Flags*, 3> all() { return {&lowerInclusive_, &upperInclusive_, &empty_}; }

  MemberLevels levels_;
  Side sides_[2];
  PendingLevels flagLevels_;
  Flags lowerInclusive_, upperInclusive_, empty_;
  Bytes valid_;
};

}  // namespace

std::unique_ptr<Node> makeStructNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<StructNode>(plan, writer);
}
std::unique_ptr<Node> makeRangeNode(const ColumnPlan& plan, const WriterPlan& writer) { return std::make_unique<RangeNode>(plan, writer); }

}  // namespace gp
