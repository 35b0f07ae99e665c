// A batch: slots of rows in, one image out, a step at a time on the engine's threads.
#ifndef GPUPARSER_CPU_BATCH_H
#define GPUPARSER_CPU_BATCH_H

#include <functional>

#include "cpu/column.h"
#include "cpu/engine.h"
#include "pages/visibility_data.h"
#include "rows/rows.h"

namespace gp {

// The columns of a batch, empty at first. They outlive it, so that the next batch finds their memory.
struct ColumnSet {
  std::vector<std::unique_ptr<Column>> columns;
};

// What a schema's batches share.
class SchemaState {
 public:
  explicit SchemaState(SchemaPlan plan) : plan(std::move(plan)) {}
  const SchemaPlan plan;

  std::unique_ptr<ColumnSet> take();
  void give(std::unique_ptr<ColumnSet> set);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<ColumnSet>> free_;
};

// Pages to be appended, and where it is said what became of them.
struct PageAppend {
  std::shared_ptr<const Layout> layout;
  std::shared_ptr<const VisibilityState> visibility;
  Buffer<uint32_t> blocks;
  bool checksums = true;
  bool resume = false;
  gp_pages* result = nullptr;
  gp_page* pages = nullptr;
  gp_asked* asked = nullptr;
  int64_t capacity = 0;
};

class Batch final : public Strand, public std::enable_shared_from_this<Batch> {
 public:
  Batch(Engine& engine, std::shared_ptr<SchemaState> schema, int64_t id) : engine_(engine), schema_(std::move(schema)), id_(id) {}

  void append(RowSet rows, const uint8_t* memory, int64_t slotId);
  void append(PageAppend pages, const uint8_t* memory, int64_t slotId);
  const SchemaPlan& plan() const { return schema_->plan; }
  void finish();
  void close();
  void status(gp_status* status);
  // Memory of rows that were decoded, for the next ones.
  bool reuse(RowSet& rows);

  bool step(Work& work) override;

 private:
  struct Task {
    enum Kind { kRows, kPages, kFinish } kind;
    RowSet rows;
    const uint8_t* memory;
    int64_t slotId;
    PageAppend pages;
  };

  void enqueue(Task task);
  void decode(Work& work, const Task& task);
  void decodeBlock(Work& work, const Task& task, size_t first, int count);
  void decodePages(Work& work, const Task& task);
  void appendPages(Work& work, const PageReader& reader, const Layout& layout);
  // blockOf(column, rows): a column's fields in that many rows. fault: of the row behind them, if any. Throws the first row's.
  void appendColumns(Work& work, int rows, Fault fault, const std::function<FieldBlock(size_t, int)>& blockOf);
  void sample(int count, uint64_t bytes);
  void encode(Work& work);
  void fail(Fault fault);
  bool failed();

  Engine& engine_;
  const std::shared_ptr<SchemaState> schema_;
  const int64_t id_;

  std::mutex mutex_;
  std::deque<Task> tasks_;
  RowSet spare_;
  bool scheduled_ = false;
  bool closed_ = false;
  bool finishing_ = false;
  Fault fault_;

  // Touched by the running step alone.
  std::unique_ptr<ColumnSet> set_;
  bool pagesStopped_ = false;  // at one that cannot be taken
  int64_t rows_ = 0;
  int64_t inputBytes_ = 0;
  uint64_t sampleBytes_ = 0;  // of the first kSampleRows rows
  size_t expectedRows_ = 0;
  int64_t decodeNs_ = 0;
  int64_t encodeNs_ = 0;
};

}  // namespace gp

#endif
