#include "cpu/nested/column.h"

#include "cpu/nested/node.h"

namespace gp {
namespace {

class NestedColumn final : public Column {
 public:
  NestedColumn(const ColumnPlan& plan, const WriterPlan& writer) : root_(makeNode(plan, writer)) {
    std::memset(here_, kHere, sizeof here_);
    std::memset(rows_, 0, sizeof rows_);
  }

  void append(Work& work, const FieldBlock& block, size_t expectedRows, Fault& fault) override {
    root_->append(work, {block.memory, block.safe, block.fields, block.rows, block.rows, here_, rows_, 0}, fault);
    if (!fault) root_->flush(work, expectedRows);
  }
  void finish(Work& work) override { root_->finish(work); }
  void chunks(std::vector<const Chunk*>& out) const override { root_->chunks(out); }
  void restart() override { root_->restart(); }

 private:
  const std::unique_ptr<Node> root_;
  uint8_t here_[kBlockRows];
  uint8_t rows_[kBlockRows];  // repetition levels: every entry begins a row
};

}  // namespace

std::unique_ptr<Column> makeNestedColumn(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<NestedColumn>(plan, writer);
}

}  // namespace gp
