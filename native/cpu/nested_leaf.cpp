#include "cpu/nested_leaf.h"

#include "types/datetime.h"

namespace gp {

void PendingLevels::add(const Entries& entries, const uint8_t* valid) {
  const auto count = static_cast<size_t>(entries.count);
  repetitions_.append(entries.repetitions, count);
  uint8_t* out = definitions_.room(count);
  definitions_.advance(count);
  if (valid == nullptr && entries.here == entries.count) {
    std::memset(out, highest_, count);
    return;
  }
  for (size_t i = 0, field = 0; i < count; i++) {
    const uint8_t given = entries.definitions[i];
    if (given != kHere) {
      out[i] = given;
    } else {
      out[i] = static_cast<uint8_t>(highest_ - (valid == nullptr || valid[field] != 0 ? 0 : 1));
      field++;
    }
  }
}

namespace {

// Decoding, which every leaf does alike.
class LeafNode : public Node {
 public:
  LeafNode(const ColumnPlan& plan, Decode decode) : plan_(plan), decode_(decode), levels_(plan.leaves[0]) {}

  void append(Work& work, const Entries& entries, Fault& fault) final {
    int count = 0;
    if (entries.here > 0) {
      const FieldBlock block{entries.slot, entries.fields, entries.here, entries.safe};
      count = decode_(block, plan_, work, fault);
      if (fault) {
        fault.row = entries.rowOfField(static_cast<int>(fault.row));
        fault.column = plan_.index;
        return;
      }
    }
    levels_.add(entries, count == entries.here ? nullptr : work.valid);
    keep(work, entries, static_cast<size_t>(count));
  }

 protected:
  virtual void keep(Work& work, const Entries& entries, size_t count) = 0;

  const ColumnPlan& plan_;
  const Decode decode_;
  PendingLevels levels_;
  Bytes valid_;
};

template <class Form, class T>
class ValueLeafNode final : public LeafNode {
 public:
  ValueLeafNode(const ColumnPlan& plan, const WriterPlan& writer) : LeafNode(plan, fixedDecoder(plan)), values_(plan.leaves[0], writer) {}
  void flush(Work& work, size_t expectedRows) override {
    values_.flush(work, levels_, valid_, expectedRows);
    levels_.clear();
  }
  void finish(Work& work) override { values_.finish(work); }
  void chunks(std::vector<const Chunk*>& out) const override { out.push_back(values_.chunk()); }
  void restart() override {
    levels_.clear();
    values_.restart();
  }

 private:
  void keep(Work& work, const Entries&, size_t count) override { values_.add(reinterpret_cast<const T*>(work.values), count); }

  PendingValues<Form, T> values_;
};

class IntervalLeafNode final : public LeafNode {
 public:
  IntervalLeafNode(const ColumnPlan& plan, const WriterPlan& writer)
      : LeafNode(plan, fixedDecoder(plan)), months_(plan.leaves[0], writer), days_(plan.leaves[1], writer),
        micros_(plan.leaves[2], writer) {}
  void flush(Work& work, size_t expectedRows) override {
    months_.flush(work, levels_, valid_, expectedRows);
    days_.flush(work, levels_, valid_, expectedRows);
    micros_.flush(work, levels_, valid_, expectedRows);
    levels_.clear();
  }
  void finish(Work& work) override {
    months_.finish(work);
    days_.finish(work);
    micros_.finish(work);
  }
  void chunks(std::vector<const Chunk*>& out) const override {
    out.push_back(months_.chunk());
    out.push_back(days_.chunk());
    out.push_back(micros_.chunk());
  }
  void restart() override {
    levels_.clear();
    months_.restart();
    days_.restart();
    micros_.restart();
  }

 private:
  void keep(Work& work, const Entries&, size_t count) override {
    const auto* intervals = reinterpret_cast<const Interval*>(work.values);
    for (size_t i = 0; i < count; i++) {
      months_.add(intervals[i].months);
      days_.add(intervals[i].days);
      micros_.add(intervals[i].micros);
    }
  }

  PendingValues<FixedLeaf<int32_t>, int32_t> months_, days_;
  PendingValues<FixedLeaf<int64_t>, int64_t> micros_;
};

class TextLeafNode final : public LeafNode {
 public:
  TextLeafNode(const ColumnPlan& plan, const WriterPlan& writer, Decode decode, bool made)
      : LeafNode(plan, decode), made_(made), chunk_(plan.leaves[0], writer) {}
  void flush(Work& work, size_t expectedRows) override {
    const TextBlock texts = made_ ? TextBlock{text_.data(), nullptr, text_.size()} : TextBlock{slot_, nullptr, safe_};
    flushLevels(
        levels_, chunk_, valid_, pageBytes_,
        [&](size_t from, size_t to) {
          size_t bytes = 0;
          for (size_t i = from; i < to; i++) bytes += 4 + size_t{spans_[i].length};
          return bytes;
        },
        [&](size_t from, const BlockShape& shape) {
          chunk_.append(work, {texts.base, spans_.data() + from, texts.safe}, shape, expectedRows);
        });
    clear();
  }
  void finish(Work& work) override {
    sealLast(chunk_, pageBytes_);
    chunk_.finish(work);
  }
  void chunks(std::vector<const Chunk*>& out) const override { out.push_back(&chunk_); }
  void restart() override {
    clear();
    pageBytes_ = 0;
    chunk_.restart();
  }

 private:
  void keep(Work& work, const Entries& entries, size_t count) override {
    slot_ = entries.slot;
    safe_ = entries.safe;
    if (!made_) {
      spans_.append(work.spans, count);
      return;
    }
    const size_t at = text_.size();
    if (at + work.text.size() > UINT32_MAX) throw Fault{GP_LIMIT, plan_.index, -1, "a row's texts take more than 4 GiB"};
    text_.append(work.text.data(), work.text.size());
    for (size_t i = 0; i < count; i++) spans_.push({work.spans[i].start + static_cast<uint32_t>(at), work.spans[i].length});
  }
  void clear() {
    levels_.clear();
    spans_.clearBeyond(kKeptBytes / sizeof(Span));
    text_.clearBeyond(kKeptBytes);
  }

  const bool made_;  // the decoder makes the texts; else they lie in the slot
  TextChunk chunk_;
  Buffer<Span> spans_;
  Bytes text_;
  const uint8_t* slot_ = nullptr;
  uint64_t safe_ = 0;
  size_t pageBytes_ = 0;
};

template <class T>
std::unique_ptr<Node> fixed(const ColumnPlan& plan, const WriterPlan& writer) {
  return std::make_unique<ValueLeafNode<FixedLeaf<T>, T>>(plan, writer);
}

}  // namespace

std::unique_ptr<Node> makeLeafNode(const ColumnPlan& plan, const WriterPlan& writer) {
  switch (plan.column.kind) {
    case GP_BOOL: return std::make_unique<ValueLeafNode<BoolLeaf, uint8_t>>(plan, writer);
    case GP_INTERVAL: return std::make_unique<IntervalLeafNode>(plan, writer);
    case GP_TEXT:
    case GP_BYTEA: return std::make_unique<TextLeafNode>(plan, writer, decodeText, false);
    case GP_JSONB: return std::make_unique<TextLeafNode>(plan, writer, decodeJsonb, false);
    case GP_CHAR: return std::make_unique<TextLeafNode>(plan, writer, decodeChar, false);
    case GP_NUMERIC_TEXT: return std::make_unique<TextLeafNode>(plan, writer, decodeNumericText, true);
    case GP_UTF8: return std::make_unique<TextLeafNode>(plan, writer, decodeUtf8, true);
    case GP_GEOMETRY: return std::make_unique<TextLeafNode>(plan, writer, decodeGeometry, true);
    default: break;
  }
  switch (plan.leaves[0].order) {
    case Order::kInt32: return fixed<int32_t>(plan, writer);
    case Order::kUint32: return fixed<uint32_t>(plan, writer);
    case Order::kInt64: return fixed<int64_t>(plan, writer);
    case Order::kFloat: return fixed<float>(plan, writer);
    case Order::kDouble: return fixed<double>(plan, writer);
    case Order::kSignedBytes: return fixed<SignedFixed16>(plan, writer);
    default: return fixed<Fixed16>(plan, writer);
  }
}

}  // namespace gp
