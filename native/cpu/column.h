// A column of a batch: its decoder and the chunks it feeds.
#ifndef GPUPARSER_CPU_COLUMN_H
#define GPUPARSER_CPU_COLUMN_H

#include <memory>
#include <vector>

#include "cpu/decode/decode.h"
#include "cpu/encode/chunk.h"

namespace gp {

class Column {
 public:
  virtual ~Column() = default;
  // Decodes a block of rows and appends its values. expectedRows: of the batch in the end, a guess.
  virtual void append(Work& work, const FieldBlock& block, size_t expectedRows, Fault& fault) = 0;
  // Writes what is left; afterwards the chunks are complete.
  virtual void finish(Work& work) = 0;
  virtual void chunks(std::vector<const Chunk*>& out) const = 0;
  // Empty again, keeping memory.
  virtual void restart() = 0;
};

// plan and writer must outlive the column.
std::unique_ptr<Column> makeColumn(const ColumnPlan& plan, const WriterPlan& writer);

}  // namespace gp

#endif
