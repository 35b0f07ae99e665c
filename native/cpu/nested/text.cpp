// Leaves whose values are texts or bytes: spans of the rows' memory, or of memory that the decoders fill.
#include "cpu/encode/text_chunk.h"
#include "cpu/nested/leaf.h"

namespace gp {
namespace {

class PendingTexts final : public PendingChunk<TextChunk> {
 public:
  using PendingChunk::PendingChunk;

  // Texts in the rows' memory, which stays until they are flushed.
  void borrow(const uint8_t* memory, uint64_t safe, const Span* spans, size_t count) {
    memory_ = memory;
    safe_ = safe;
    spans_.append(spans, count);
  }
  // Texts that do not stay. column: for the fault.
  void copy(const Bytes& text, const Span* spans, size_t count, int32_t column) {
    const size_t at = text_.size();
    if (at + text.size() > UINT32_MAX) throw Fault{GP_LIMIT, column, -1, "a row's texts take more than 4 GiB"};
    text_.append(text.data(), text.size());
    for (size_t i = 0; i < count; i++) spans_.push({spans[i].start + static_cast<uint32_t>(at), spans[i].length});
  }
  void flush(Work& work, const PendingLevels& levels, Bytes& valid, size_t expectedRows) override {
    const uint8_t* base = memory_ == nullptr ? text_.data() : memory_;
    const uint64_t safe = memory_ == nullptr ? text_.size() : safe_;
    flushLevels(
        levels, chunk_, valid, pageBytes_,
        [&](size_t from, size_t to) {
          size_t bytes = 0;
          for (size_t i = from; i < to; i++) bytes += 4 + size_t{spans_[i].length};
          return bytes;
        },
        [&](size_t from, const BlockShape& shape) { chunk_.append(work, {base, spans_.data() + from, safe}, shape, expectedRows); });
    clear();
  }
  void restart() override {
    clear();
    PendingChunk::restart();
  }

 private:
  void clear() {
    spans_.clearBeyond(kKeptBytes / sizeof(Span));
    text_.clearBeyond(kKeptBytes);
  }

  Buffer<Span> spans_;
  Bytes text_;                       // of texts that were copied
  const uint8_t* memory_ = nullptr;  // of texts that were borrowed
  uint64_t safe_ = 0;
};

class TextNode final : public DecodedNode {
 public:
  TextNode(const ColumnPlan& plan, const WriterPlan& writer, TextDecoder decoder)
      : DecodedNode(plan, writer, decoder.decode), made_(decoder.made), texts_(plan.leaves[0], writer) {
    own(texts_);
  }

 private:
  void keep(Work& work, const Entries& entries, size_t count) override {
    if (made_) {
      texts_.copy(work.text, work.texts, count, plan_.index);
    } else {
      texts_.borrow(entries.memory, entries.safe, work.texts, count);
    }
  }

  const bool made_;
  PendingTexts texts_;
};

}  // namespace

std::unique_ptr<Node> makeTextNode(const ColumnPlan& plan, const WriterPlan& writer, TextDecoder decoder) {
  return std::make_unique<TextNode>(plan, writer, decoder);
}

}  // namespace gp
