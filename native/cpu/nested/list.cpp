// Arrays, of one dimension or several.
#include <optional>

#include "cpu/nested/repeat.h"

namespace gp {
namespace {

class ArrayForm {
 public:
  static constexpr int children = 1;
  explicit ArrayForm(const ColumnPlan& plan)
      : dimensions_(plan.column.precision), innermost_(static_cast<uint8_t>(plan.repetition + dimensions_)) {}

  bool read(FieldReader reader, Fault& fault) {
    length_ = reader.left();
    if (!arrayHeader(reader.data(), static_cast<uint32_t>(length_), header_)) return malformed("an array", length_, fault), false;
    if (!arrayFits(header_, dimensions_)) {
      fault.code = GP_VALUE;
      fault.reason = header_.dimensions == dimensions_ ? GP_REASON_LOWER_BOUND : GP_REASON_DIMENSIONS;
      if (fault.reason == GP_REASON_DIMENSIONS) fault.detail = header_.dimensions;
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
  bool next(Block& block, uint8_t& repetition, Fault& fault) {
    Span field;
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

}  // namespace

std::unique_ptr<Node> makeListNode(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<RepeatingNode<ArrayForm>>(plan, writer);
}

}  // namespace gp
