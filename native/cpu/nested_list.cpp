// Nodes whose values repeat: arrays, hstore and multiranges. Children get their entries in blocks, whatever an array's size.
#include <optional>

#include "cpu/nested_node.h"
#include "types/nested.h"

namespace gp {
namespace {

// Entries for `Children` children that share levels and have a field each.
template <int Children>
class EntryBlock {
 public:
  void begin(int64_t rowsBefore) {
    rowsBefore_ = rowsBefore;
    count_ = here_ = 0;
  }
  bool full() const { return count_ == kBlockRows; }
  void absent(uint8_t definition, uint8_t repetition) {
    definitions_[count_] = definition;
    repetitions_[count_++] = repetition;
  }
  template <class... F>
  void present(uint8_t repetition, F... field) {
    int child = 0;
    ((fields_[child++][here_] = field), ...);
    here_++;
    absent(kHere, repetition);
  }
  // Hands the block on and begins the next one. The fault of the earliest row wins.
  void hand(Work& work, const Entries& from, std::vector<std::unique_ptr<Node>>& children, Fault& fault) {
    if (count_ == 0) return;
    for (int child = 0; child < Children; child++) {
      Fault found;
      children[static_cast<size_t>(child)]->append(
          work, {from.slot, from.safe, fields_[child], here_, count_, definitions_, repetitions_, rowsBefore_}, found);
      if (found && (!fault || found.row < fault.row)) fault = std::move(found);
    }
    int64_t rows = rowsBefore_;
    for (int i = 0; i < count_; i++) rows += repetitions_[i] == 0;
    begin(rows);
  }

 private:
  int64_t rowsBefore_ = 0;
  int count_ = 0, here_ = 0;
  uint8_t definitions_[kBlockRows], repetitions_[kBlockRows];
  uint32_t fields_[Children][kBlockRows];
};

// What array, hstore and multirange share: a walk over the entries. Form::values calls `each` for every element of a field.
template <class Form>
class RepeatingNode final : public ParentNode {
 public:
  using ParentNode::ParentNode;

  void append(Work& work, const Entries& entries, Fault& fault) override {
    block_.begin(entries.rowsBefore);
    Form form(plan_);
    Fault own;
    int field = 0;
    const auto room = [&] {
      if (block_.full()) block_.hand(work, entries, children_, fault);
      return !fault;
    };
    for (int i = 0; i < entries.count && !own; i++) {
      if (!room()) return;
      if (entries.definitions[i] != kHere) {
        block_.absent(entries.definitions[i], entries.repetitions[i]);
        continue;
      }
      const uint32_t at = entries.fields[field++];
      if (isNull(entries.slot, at)) {
        if (plan_.column.required) {
          nullFault(0, own);
        } else {
          block_.absent(static_cast<uint8_t>(plan_.definition - 1), entries.repetitions[i]);
        }
      } else if (isBad(entries.slot, at)) {
        lengthFault(0, load32(entries.slot + at), "0 or more", own);
      } else if (form.read(FieldReader(entries.slot, at), own)) {
        if (form.empty()) block_.absent(static_cast<uint8_t>(plan_.definition), entries.repetitions[i]);
        uint8_t repetition = entries.repetitions[i];
        while (form.next(entries.slot, block_, repetition, own)) {
          if (!room()) return;
        }
      }
    }
    block_.hand(work, entries, children_, fault);
    if (!own) return;
    own.row = entries.rowOfField(field - 1);
    own.column = plan_.index;
    if (!fault || own.row < fault.row) fault = std::move(own);
  }

 private:
  EntryBlock<Form::children> block_;
};

class ArrayForm {
 public:
  static constexpr int children = 1;
  explicit ArrayForm(const ColumnPlan& plan)
      : dimensions_(plan.column.precision), innermost_(static_cast<uint8_t>(plan.repetition + dimensions_)) {}

  bool read(FieldReader reader, Fault& fault) {
    length_ = reader.left();
    if (!arrayHeader(reader.data(), static_cast<uint32_t>(length_), header_)) return malformed("an array", length_, fault), false;
    if (header_.elements > 0 && !fits()) {
      fault.code = GP_VALUE;
      fault.message = described();
      return false;
    }
    reader.skip(header_.bytes);
    reader_.emplace(reader);
    done_ = 0;
    return true;
  }
  bool empty() const { return header_.elements == 0; }

  template <class Block>
  bool next(const uint8_t*, Block& block, uint8_t& repetition, Fault& fault) {
    uint32_t field;
    if (done_ == header_.elements) {
      if (reader_->left() > 0) malformed("an array", length_, fault);
      return false;
    }
    if (!reader_->element(field)) return malformed("an array", length_, fault), false;
    block.present(repetition, field);
    done_++;
    repetition = innermost_;
    // as many lists end with this element as inner dimensions are full
    uint64_t full = 1;
    for (int d = dimensions_ - 1; d > 0; d--) {
      full *= header_.sizes[d];
      if (done_ % full != 0) break;
      repetition--;
    }
    return true;
  }

 private:
  bool fits() const {
    if (header_.dimensions != dimensions_) return false;
    for (int d = 0; d < header_.dimensions; d++) {
      if (header_.lower[d] != 1) return false;
    }
    return true;
  }
  // "an array of 2 dimensions, [1:2][1:3]": as array_dims() has it.
  std::string described() const {
    std::string out = "an array of " + std::to_string(header_.dimensions) + (header_.dimensions == 1 ? " dimension, " : " dimensions, ");
    for (int d = 0; d < header_.dimensions; d++) {
      const int64_t lower = header_.lower[d];
      out.append("[").append(std::to_string(lower)).append(":").append(std::to_string(lower + header_.sizes[d] - 1)).append("]");
    }
    return out.append(", where the column's have ").append(std::to_string(dimensions_)).append(" and begin at 1");
  }

  const int dimensions_;
  const uint8_t innermost_;
  ArrayHeader header_{};
  uint64_t length_ = 0, done_ = 0;
  std::optional<FieldReader> reader_;
};

// int32 count, then what stands for each of them.
class CountedForm {
 public:
  explicit CountedForm(const ColumnPlan& plan, const char* what) : repetition_(static_cast<uint8_t>(plan.repetition + 1)), what_(what) {}

  bool read(FieldReader reader, Fault& fault) {
    length_ = reader.left();
    const auto count = length_ < 4 ? -1 : static_cast<int32_t>(load32(reader.data()));
    if (count < 0) return malformed(what_, length_, fault), false;
    count_ = static_cast<uint32_t>(count);
    reader.skip(4);
    reader_.emplace(reader);
    done_ = 0;
    empty_ = count == 0;
    return true;
  }
  bool empty() const { return empty_; }

 protected:
  // Whether another one follows.
  bool more(Fault& fault) {
    if (done_ < count_) return true;
    if (reader_->left() > 0) malformed(what_, length_, fault);
    return false;
  }
  bool bad(Fault& fault) { return malformed(what_, length_, fault), false; }

  const uint8_t repetition_;
  const char* what_;
  uint32_t count_ = 0, done_ = 0;
  uint64_t length_ = 0;
  bool empty_ = true;
  std::optional<FieldReader> reader_;
};

class MapForm : public CountedForm {
 public:
  static constexpr int children = 2;
  explicit MapForm(const ColumnPlan& plan) : CountedForm(plan, "an hstore") {}
  template <class Block>
  bool next(const uint8_t* slot, Block& block, uint8_t& repetition, Fault& fault) {
    if (!more(fault)) return false;
    uint32_t key, value;
    if (!reader_->element(key) || isNull(slot, key) || !reader_->element(value)) return bad(fault);
    block.present(repetition, key, value);
    repetition = repetition_;
    done_++;
    return true;
  }
};

class MultirangeForm : public CountedForm {
 public:
  static constexpr int children = 1;
  explicit MultirangeForm(const ColumnPlan& plan) : CountedForm(plan, "a multirange") {}
  template <class Block>
  bool next(const uint8_t* slot, Block& block, uint8_t& repetition, Fault& fault) {
    if (!more(fault)) return false;
    uint32_t range;
    if (!reader_->element(range) || isNull(slot, range)) return bad(fault);
    block.present(repetition, range);
    repetition = repetition_;
    done_++;
    return true;
  }
};

}  // namespace

std::unique_ptr<Node> makeListNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<RepeatingNode<ArrayForm>>(plan, writer);
}
std::unique_ptr<Node> makeMapNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<RepeatingNode<MapForm>>(plan, writer);
}
std::unique_ptr<Node> makeMultirangeNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<RepeatingNode<MultirangeForm>>(plan, writer);
}

}  // namespace gp
