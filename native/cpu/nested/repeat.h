// What arrays, hstore and multiranges share: values that repeat. Children get their entries in blocks, whatever a value's size.
#ifndef GPUPARSER_CPU_NESTED_REPEAT_H
#define GPUPARSER_CPU_NESTED_REPEAT_H

#include "cpu/nested/node.h"

namespace gp {

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
          work, {from.memory, from.safe, fields_[child], here_, count_, definitions_, repetitions_, rowsBefore_}, found);
      takeEarlier(fault, std::move(found));
    }
    int64_t rows = rowsBefore_;
    for (int i = 0; i < count_; i++) rows += repetitions_[i] == 0;
    begin(rows);
  }

 private:
  int64_t rowsBefore_ = 0;
  int count_ = 0, here_ = 0;
  uint8_t definitions_[kBlockRows], repetitions_[kBlockRows];
  Span fields_[Children][kBlockRows];
};

// A node whose values repeat. Form reads one value's head (read, empty) and then its elements one by one (next).
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
      const Span at = entries.fields[field++];
      if (isNull(at)) {
        if (plan_.column.required) {
          nullFault(0, own);
        } else {
          block_.absent(static_cast<uint8_t>(plan_.definition - 1), entries.repetitions[i]);
        }
      } else if (isBad(at)) {
        lengthFault(0, at.length, "0 or more", own);
      } else if (form.read(FieldReader(entries.memory, at), own)) {
        if (form.empty()) block_.absent(static_cast<uint8_t>(plan_.definition), entries.repetitions[i]);
        uint8_t repetition = entries.repetitions[i];
        while (form.next(block_, repetition, own)) {
          if (!room()) return;
        }
      }
    }
    block_.hand(work, entries, children_, fault);
    if (!own) return;
    own.row = entries.rowOfField(field - 1);
    own.column = plan_.index;
    takeEarlier(fault, std::move(own));
  }

 private:
  EntryBlock<Form::children> block_;
};

}  // namespace gp

#endif
