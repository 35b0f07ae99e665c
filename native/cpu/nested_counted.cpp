// Values that begin with the count of their elements: hstore and multiranges.
#include <optional>

#include "cpu/nested_repeat.h"

namespace gp {
namespace {

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

std::unique_ptr<Node> makeMapNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<RepeatingNode<MapForm>>(plan, writer);
}
std::unique_ptr<Node> makeMultirangeNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<RepeatingNode<MultirangeForm>>(plan, writer);
}

}  // namespace gp
