// Nested columns are a tree of nodes. A node gets the fields that hold its values and the levels around them, takes its own wire
// form apart, and hands fields and levels on to its children; leaves decode with the decoders of plain columns. Levels are those of
// the Dremel paper, as Parquet has them.
#ifndef GPUPARSER_CPU_NESTED_NODE_H
#define GPUPARSER_CPU_NESTED_NODE_H

#include <memory>
#include <vector>

#include "cpu/decode/decode.h"
#include "cpu/encode/chunk.h"
#include "types/nested_walk.h"

namespace gp {

// The definition level of an entry that the node decides: its next field says what it is.
constexpr uint8_t kHere = 0xFF;

// Places where a node has a value or not, at most kBlockRows of them.
struct Entries {
  const uint8_t* memory;
  uint64_t safe;       // bytes of the memory that may be read
  const Span* fields;  // one for each entry that is kHere
  int here;            // how many those are
  int count;
  const uint8_t* definitions;  // kHere, or the level at which a node above ended
  const uint8_t* repetitions;
  int64_t rowsBefore;  // rows of the block that began before the first entry

  // The block's row to which the `index`-th field belongs.
  int64_t rowOfField(int index) const {
    int64_t row = rowsBefore - 1;
    for (int i = 0;; i++) {
      row += repetitions[i] == 0;
      if (definitions[i] == kHere && index-- == 0) return row;
    }
  }
};

class Node {
 public:
  virtual ~Node() = default;
  // Takes the entries in. A fault has the block's row and the schema's column; entries before it may be lost too.
  virtual void append(Work& work, const Entries& entries, Fault& fault) = 0;
  // At the end of a block of whole rows: what was taken in goes on to the chunks.
  virtual void flush(Work& work, size_t expectedRows) = 0;
  virtual void finish(Work& work) = 0;
  virtual void chunks(std::vector<const Chunk*>& out) const = 0;
  virtual void restart() = 0;
};

// plan and writer must outlive the node.
std::unique_ptr<Node> makeNode(const ColumnPlan& plan, const WriterPlan& writer);
std::unique_ptr<Node> makeLeafNode(const ColumnPlan& plan, const WriterPlan& writer);
std::unique_ptr<Node> makeListNode(const ColumnPlan& plan, const WriterPlan& writer);
std::unique_ptr<Node> makeMapNode(const ColumnPlan& plan, const WriterPlan& writer);
std::unique_ptr<Node> makeMultirangeNode(const ColumnPlan& plan, const WriterPlan& writer);
std::unique_ptr<Node> makeStructNode(const ColumnPlan& plan, const WriterPlan& writer);
std::unique_ptr<Node> makeRangeNode(const ColumnPlan& plan, const WriterPlan& writer);
std::unique_ptr<Node> makeVectorNode(const ColumnPlan& plan, const WriterPlan& writer);

// A node above others: what it does for all of them.
class ParentNode : public Node {
 public:
  ParentNode(const ColumnPlan& plan, const WriterPlan& writer);
  void flush(Work& work, size_t expectedRows) override;
  void finish(Work& work) override;
  void chunks(std::vector<const Chunk*>& out) const override;
  void restart() override;

 protected:
  const ColumnPlan& plan_;
  std::vector<std::unique_ptr<Node>> children_;
};

// Whether a field is NULL, or has a negative length that does not say so.
inline bool isNull(Span field) { return field.length == kNullLength; }
inline bool isBad(Span field) { return field.length > INT32_MAX && !isNull(field); }

// Of two faults the one of the earlier row stays.
void takeEarlier(Fault& fault, Fault&& found);

// A value that is not in its type's wire form.
void malformed(const char* what, uint64_t length, Fault& fault);

}  // namespace gp

#endif
