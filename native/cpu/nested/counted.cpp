// Values that begin with the count of their elements: hstore and multiranges.
#include <optional>

#include "cpu/nested/repeat.h"

namespace gp {
namespace {

// int32 count, then what stands for each of them.
class CountedForm {
 public:
  CountedForm(const ColumnPlan& plan, const char* what, uint32_t least)
      : repetition_(static_cast<uint8_t>(plan.repetition + 1)), what_(what), least_(least) {}

  bool read(FieldReader reader, Fault& fault) {
    length_ = reader.left();
    if (!readCount(reader, least_, count_)) return malformed(what_, length_, fault), false;
    reader_.emplace(reader);
    done_ = 0;
    return true;
  }
  bool empty() const { return count_ == 0; }

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
  const uint32_t least_;
  uint32_t count_ = 0, done_ = 0;
  uint64_t length_ = 0;
  std::optional<FieldReader> reader_;
};

class MapForm : public CountedForm {
 public:
  static constexpr int children = 2;
  explicit MapForm(const ColumnPlan& plan) : CountedForm(plan, "an hstore", kLeastPair) {}
  template <class Block>
  bool next(Block& block, uint8_t& repetition, Fault& fault) {
    if (!more(fault)) return false;
    Span key, value;
    if (!readPair(*reader_, key, value)) return bad(fault);
    block.present(repetition, key, value);
    repetition = repetition_;
    done_++;
    return true;
  }
};

class MultirangeForm : public CountedForm {
 public:
  static constexpr int children = 1;
  explicit MultirangeForm(const ColumnPlan& plan) : CountedForm(plan, "a multirange", kLeastRange) {}
  template <class Block>
  bool next(Block& block, uint8_t& repetition, Fault& fault) {
    if (!more(fault)) return false;
    Span range;
    if (!reader_->value(range)) return bad(fault);
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
