#include "cpu/column.h"

#include "cpu/encode/bool_chunk.h"
#include "cpu/encode/fixed_chunk.h"
#include "cpu/encode/text_chunk.h"
#include "cpu/nested/column.h"
#include "types/datetime.h"

namespace gp {
namespace {

BlockShape shapeOf(const FieldBlock& block, int count, const Work& work) {
  return {static_cast<size_t>(block.rows), static_cast<size_t>(count), count == block.rows ? nullptr : work.valid};
}

template <class C>
class ChunkColumn : public Column {
 public:
  ChunkColumn(const ColumnPlan& plan, const WriterPlan& writer, Decoders decode)
      : plan_(plan), decode_(decode), chunk_(plan.leaves[0], writer) {}
  void finish(Work& work) final { chunk_.finish(work); }
  void chunks(std::vector<const Chunk*>& out) const final { out.push_back(&chunk_); }
  void restart() final { chunk_.restart(); }

 protected:
  const ColumnPlan& plan_;
  const Decoders decode_;
  C chunk_;
};

template <class T>
class FixedColumn final : public ChunkColumn<FixedChunk<T>> {
 public:
  FixedColumn(const ColumnPlan& plan, const WriterPlan& writer) : ChunkColumn<FixedChunk<T>>(plan, writer, fixedDecoders(plan)) {}

  void append(Work& work, const FieldBlock& block, size_t expectedRows, Fault& fault) override {
    const int count = this->decode_(block, this->plan_, work, fault);
    if (!fault) this->chunk_.append(work, reinterpret_cast<const T*>(work.values), shapeOf(block, count, work), expectedRows);
  }
};

class BoolColumn final : public ChunkColumn<BoolChunk> {
 public:
  BoolColumn(const ColumnPlan& plan, const WriterPlan& writer) : ChunkColumn(plan, writer, fixedDecoders(plan)) {}

  void append(Work& work, const FieldBlock& block, size_t, Fault& fault) override {
    const int count = decode_(block, plan_, work, fault);
    if (!fault) chunk_.append(work, work.values, shapeOf(block, count, work));
  }
};

class IntervalColumn final : public Column {
 public:
  IntervalColumn(const ColumnPlan& plan, const WriterPlan& writer)
      : plan_(plan), decode_(fixedDecoders(plan)), months_(plan.leaves[0], writer), days_(plan.leaves[1], writer),
        micros_(plan.leaves[2], writer) {}

  void append(Work& work, const FieldBlock& block, size_t expectedRows, Fault& fault) override {
    const int count = decode_(block, plan_, work, fault);
    if (fault) return;
    const auto* intervals = reinterpret_cast<const Interval*>(work.values);
    int32_t months[kBlockRows], days[kBlockRows];
    int64_t micros[kBlockRows];
    for (int i = 0; i < count; i++) {
      months[i] = intervals[i].months;
      days[i] = intervals[i].days;
      micros[i] = intervals[i].micros;
    }
    const BlockShape shape = shapeOf(block, count, work);
    months_.append(work, months, shape, expectedRows);
    days_.append(work, days, shape, expectedRows);
    micros_.append(work, micros, shape, expectedRows);
  }
  void finish(Work& work) override {
    months_.finish(work);
    days_.finish(work);
    micros_.finish(work);
  }
  void chunks(std::vector<const Chunk*>& out) const override {
    out.push_back(&months_);
    out.push_back(&days_);
    out.push_back(&micros_);
  }
  void restart() override {
    months_.restart();
    days_.restart();
    micros_.restart();
  }

 private:
  const ColumnPlan& plan_;
  const Decoders decode_;
  FixedChunk<int32_t> months_, days_;
  FixedChunk<int64_t> micros_;
};

class TextColumn final : public ChunkColumn<TextChunk> {
 public:
  TextColumn(const ColumnPlan& plan, const WriterPlan& writer, TextDecoder wire)
      : ChunkColumn(plan, writer, {wire.decode, textDecoder<DiskForm>(plan.column.kind).decode}), made_(wire.made) {}

  void append(Work& work, const FieldBlock& block, size_t expectedRows, Fault& fault) override {
    const int count = decode_(block, plan_, work, fault);
    if (fault) return;
    const TextBlock texts =
        made_ ? TextBlock{work.text.data(), work.texts, work.text.size()} : TextBlock{block.memory, work.texts, block.safe};
    chunk_.append(work, texts, shapeOf(block, count, work), expectedRows);
  }

 private:
  const bool made_;
};

}  // namespace

std::unique_ptr<Column> makeColumn(const ColumnPlan& plan, const WriterPlan& writer) {
  if (isNested(plan.column.kind)) return makeNestedColumn(plan, writer);
  if (plan.column.kind == GP_BOOL) return std::make_unique<BoolColumn>(plan, writer);
  if (plan.column.kind == GP_INTERVAL) return std::make_unique<IntervalColumn>(plan, writer);
  if (const TextDecoder text = textDecoder<WireForm>(plan.column.kind); text.decode)
    return std::make_unique<TextColumn>(plan, writer, text);
  switch (plan.leaves[0].order) {
    case Order::kInt32: return std::make_unique<FixedColumn<int32_t>>(plan, writer);
    case Order::kUint32: return std::make_unique<FixedColumn<uint32_t>>(plan, writer);
    case Order::kInt64: return std::make_unique<FixedColumn<int64_t>>(plan, writer);
    case Order::kFloat: return std::make_unique<FixedColumn<float>>(plan, writer);
    case Order::kDouble: return std::make_unique<FixedColumn<double>>(plan, writer);
    case Order::kSignedBytes: return std::make_unique<FixedColumn<SignedFixed16>>(plan, writer);
    default: return std::make_unique<FixedColumn<Fixed16>>(plan, writer);
  }
}

}  // namespace gp
