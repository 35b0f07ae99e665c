// The leaves of a nested column: chunks at the ends of its branches, with the values that wait for their rows to be whole.
#ifndef GPUPARSER_CPU_NESTED_LEAF_H
#define GPUPARSER_CPU_NESTED_LEAF_H

#include "cpu/encode/bool_chunk.h"
#include "cpu/encode/fixed_chunk.h"
#include "cpu/nested/levels.h"

namespace gp {

// One chunk with its page in the making. The levels are the node's, which may have more leaves.
class PendingLeaf {
 public:
  virtual ~PendingLeaf() = default;
  // What waits goes on to the chunk. valid: memory to work with.
  virtual void flush(Work& work, const PendingLevels& levels, Bytes& valid, size_t expectedRows) = 0;
  virtual void finish(Work& work) = 0;
  virtual void restart() = 0;
  virtual const Chunk* chunk() const = 0;
};

template <class C>
class PendingChunk : public PendingLeaf {
 public:
  PendingChunk(const LeafPlan& leaf, const WriterPlan& writer) : chunk_(leaf, writer) {}
  void finish(Work& work) final {
    chunk_.nested.seal();  // the last page, whose values the chunk has
    pageBytes_ = 0;
    chunk_.finish(work);
  }
  void restart() override {
    pageBytes_ = 0;
    chunk_.restart();
  }
  const Chunk* chunk() const final { return &chunk_; }

 protected:
  C chunk_;
  size_t pageBytes_ = 0;
};

template <class T>
struct FixedLeaf {
  using Chunk = FixedChunk<T>;
  static size_t size(const T*, size_t count) { return count * sizeof(T); }
  static void put(Work& work, Chunk& chunk, const T* values, const BlockShape& shape, size_t expectedRows) {
    chunk.append(work, values, shape, expectedRows);
  }
};

struct BoolLeaf {
  using Chunk = BoolChunk;
  static size_t size(const uint8_t*, size_t count) { return (count + 7) / 8; }
  static void put(Work& work, Chunk& chunk, const uint8_t* values, const BlockShape& shape, size_t) { chunk.append(work, values, shape); }
};

template <class Form, class T>
class PendingValues final : public PendingChunk<typename Form::Chunk> {
 public:
  using PendingChunk<typename Form::Chunk>::PendingChunk;

  void add(const T* values, size_t count) { values_.append(values, count); }
  void add(const T& value) { values_.push(value); }
  void flush(Work& work, const PendingLevels& levels, Bytes& valid, size_t expectedRows) override {
    flushLevels(
        levels, this->chunk_, valid, this->pageBytes_, [&](size_t from, size_t to) { return Form::size(values_.data() + from, to - from); },
        [&](size_t from, const BlockShape& shape) { Form::put(work, this->chunk_, values_.data() + from, shape, expectedRows); });
    values_.clearBeyond(kKeptBytes / sizeof(T));
  }
  void restart() override {
    values_.clear();
    PendingChunk<typename Form::Chunk>::restart();
  }

 private:
  Buffer<T> values_;
};

// A node with leaves of its own, each of which has a value wherever the others have one.
class LeavesNode : public ParentNode {
 public:
  LeavesNode(const ColumnPlan& plan, const WriterPlan& writer) : ParentNode(plan, writer), levels_(plan.leaves[0]) {}
  void flush(Work& work, size_t expectedRows) override;
  void finish(Work& work) override;
  void chunks(std::vector<const Chunk*>& out) const override;
  void restart() override;

 protected:
  // In the derived node's constructor: its leaves, in the schema's order.
  template <class... Leaf>
  void own(Leaf&... leaves) {
    leaves_ = {&leaves...};
  }

  PendingLevels levels_;

 private:
  std::vector<PendingLeaf*> leaves_;
  Bytes valid_;
};

// A node that is a leaf, or an interval's three: its fields are decoded as those of plain columns.
class DecodedNode : public LeavesNode {
 public:
  DecodedNode(const ColumnPlan& plan, const WriterPlan& writer, Decode decode) : LeavesNode(plan, writer), decode_(decode) {}
  void append(Work& work, const Entries& entries, Fault& fault) final;

 protected:
  // Takes what was decoded to the leaves.
  virtual void keep(Work& work, const Entries& entries, size_t count) = 0;

 private:
  const Decode decode_;
};

std::unique_ptr<Node> makeTextNode(const ColumnPlan& plan, const WriterPlan& writer, TextDecoder decoder);

}  // namespace gp

#endif
