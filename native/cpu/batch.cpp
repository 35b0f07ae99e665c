#include "cpu/batch.h"

#include "rows/fields.h"

#include <algorithm>
#include <ctime>

namespace gp {
namespace {

constexpr size_t kBlockBytes = 40 << 10;    // of rows decoded together: they stay in the nearest caches while each column is read
constexpr int kLeastBlockRows = 64;         // so that 1,600 columns still have loops to run
constexpr int64_t kSampleRows = 2048;       // whose mean length foretells the batch's rows
constexpr uint64_t kBatchBytes = 64 << 20;  // what callers put into a batch
constexpr size_t kKeptSets = 8;

// This thread's processor time in nanoseconds.
int64_t now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return int64_t{t.tv_sec} * 1000000000 + t.tv_nsec;
}

}  // namespace

std::unique_ptr<ColumnSet> SchemaState::take() {
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<ColumnSet> set = std::move(free_.back());
      free_.pop_back();
      return set;
    }
  }
  auto set = std::make_unique<ColumnSet>();
  set->columns.reserve(plan.columns.size());
  for (const ColumnPlan& column : plan.columns) set->columns.push_back(makeColumn(column, plan.writer));
  return set;
}

void SchemaState::give(std::unique_ptr<ColumnSet> set) {
  for (const auto& column : set->columns) column->restart();
  std::lock_guard lock(mutex_);
  if (free_.size() < kKeptSets) free_.push_back(std::move(set));
}

void Batch::enqueue(Task task) {
  bool idle;
  {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    idle = !scheduled_;
    scheduled_ = true;
  }
  if (idle) engine_.schedule(shared_from_this());
}

void Batch::append(RowSet rows, const uint8_t* memory, int64_t slotId) {
  {
    std::lock_guard lock(mutex_);
    if (finishing_) throw Fault{GP_USAGE, -1, -1, "append after finish"};
  }
  enqueue({Task::kRows, std::move(rows), memory, slotId, {}});
}

void Batch::finish() {
  {
    std::lock_guard lock(mutex_);
    if (finishing_) throw Fault{GP_USAGE, -1, -1, "finish after finish"};
    finishing_ = true;
  }
  enqueue({Task::kFinish, {}, nullptr, 0, {}});
}

void Batch::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

void Batch::status(gp_status* status) {
  std::lock_guard lock(mutex_);
  writeStatus(fault_, status);
}

bool Batch::reuse(RowSet& rows) {
  std::lock_guard lock(mutex_);
  if (spare_.starts.capacity() == 0) return false;
  rows.recycle(spare_);
  return true;
}

bool Batch::failed() {
  std::lock_guard lock(mutex_);
  return static_cast<bool>(fault_);
}

void Batch::fail(Fault fault) {
  std::lock_guard lock(mutex_);
  if (!fault_) fault_ = std::move(fault);
}

bool Batch::step(Work& work) {
  Task task;
  bool dropped;
  {
    std::lock_guard lock(mutex_);
    task = std::move(tasks_.front());
    tasks_.pop_front();
    dropped = closed_ || fault_;
  }
  if (task.kind != Task::kFinish) {
    inputBytes_ += task.rows.bytes;
    if (!dropped) {
      const int64_t start = now();
      try {
        task.kind == Task::kRows ? decode(work, task) : decodePages(work, task);
      } catch (Fault& fault) {
        if (fault.row >= 0) fault.row += rows_;
        fail(std::move(fault));
      } catch (const std::bad_alloc&) {
        fail({GP_MEMORY, -1, -1, "no memory for the batch's columns"});
      } catch (const std::exception& error) {
        fail({GP_INTERNAL, -1, -1, error.what()});
      }
      decodeNs_ += now() - start;
    }
    if (task.kind == Task::kPages && failed()) task.pages.result->taken = static_cast<int64_t>(task.pages.blocks.size());
    gp_event event{};
    event.type = GP_EVENT_SLOT;
    event.id = task.slotId;
    engine_.events.post(event);
  } else {
    encode(work);
  }
  std::lock_guard lock(mutex_);
  spare_.recycle(task.rows);
  if (closed_ && set_ != nullptr && tasks_.empty()) {
    schema_->give(std::move(set_));
  }
  scheduled_ = !tasks_.empty();
  return scheduled_;
}

void Batch::decode(Work& work, const Task& task) {
  if (set_ == nullptr) set_ = schema_->take();
  const RowSet& rows = task.rows;
  const size_t total = rows.size();
  uint64_t left = 0;
  for (size_t i = 0; i < total; i++) left += rows.ends[i] - rows.starts[i];
  for (size_t first = 0; first < total;) {
    // as many rows as kBlockBytes hold, going by their mean length from here on
    const uint64_t mean = left / (total - first) + 1;
    auto count = static_cast<int64_t>(std::clamp<uint64_t>(kBlockBytes / mean, kLeastBlockRows, kBlockRows));
    count = std::min(count, static_cast<int64_t>(total - first));
    if (rows_ < kSampleRows) count = std::min(count, kSampleRows - rows_);
    decodeBlock(work, task, first, static_cast<int>(count));
    for (const size_t end = first + static_cast<size_t>(count); first < end; first++) left -= rows.ends[first] - rows.starts[first];
  }
}

// The first rows foretell how many there will be.
void Batch::sample(int count, uint64_t bytes) {
  if (rows_ >= kSampleRows) return;
  sampleBytes_ += bytes;
  const auto rows = static_cast<uint64_t>(rows_ + count);
  if (rows >= kSampleRows) expectedRows_ = kBatchBytes * rows / (sampleBytes_ + 5 * rows);
}

void Batch::decodeBlock(Work& work, const Task& task, size_t first, int count) {
  if (rows_ < kSampleRows) {
    uint64_t bytes = 0;
    for (size_t i = first; i < first + static_cast<size_t>(count); i++) bytes += task.rows.ends[i] - task.rows.starts[i];
    sample(count, bytes);
  }
  const size_t columns = set_->columns.size(), stride = static_cast<size_t>(count + 15) / 16 * 16;
  work.fields.reserve(columns * stride);
  Fault fault;
  const int rows = indexRows(task.memory, task.rows, first, count, static_cast<int>(columns), work.fields.data(), stride, fault);
  if (fault) {
    fault.row = rows;
    if (fault.column >= 0) fault.column = schema_->plan.columns[static_cast<size_t>(fault.column)].index;
  }
  appendColumns(work, rows, std::move(fault),
                [&](size_t c, int left) { return FieldBlock{task.memory, work.fields.data() + c * stride, left, task.rows.readable}; });
}

void Batch::appendColumns(Work& work, int rows, Fault fault, const std::function<FieldBlock(size_t, int)>& blockOf) {
  for (size_t c = 0; c < set_->columns.size() && rows > 0; c++) {
    Fault found;
    set_->columns[c]->append(work, blockOf(c, rows), expectedRows_, found);
    if (!found) continue;
    if (found.column < 0) found.column = schema_->plan.columns[c].index;
    rows = static_cast<int>(found.row);  // later columns matter only in the rows before
    fault = std::move(found);
  }
  if (fault) throw fault;
  rows_ += rows;
}

void Batch::encode(Work& work) {
  gp_event event{};
  event.type = GP_EVENT_BATCH;
  event.id = id_;
  bool dropped;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    dropped = static_cast<bool>(fault_);
  }
  if (!dropped) {
    const int64_t start = now();
    size_t column = 0;
    try {
      if (set_ == nullptr) set_ = schema_->take();
      std::vector<const Chunk*> chunks;
      if (rows_ > 0) {
        for (; column < set_->columns.size(); column++) {
          set_->columns[column]->finish(work);
          set_->columns[column]->chunks(chunks);
        }
      }
      const Image image = writeImage(schema_->plan, chunks, static_cast<size_t>(rows_), engine_.images);
      event.image = image.data;
      event.bytes = static_cast<int64_t>(image.bytes);
    } catch (Fault& fault) {
      if (fault.column < 0 && column < schema_->plan.columns.size()) fault.column = schema_->plan.columns[column].index;
      fail(std::move(fault));
    } catch (const std::bad_alloc&) {
      fail({GP_MEMORY, -1, -1, "no memory for the batch's image"});
    } catch (const std::exception& error) {
      fail({GP_INTERNAL, -1, -1, error.what()});
    }
    encodeNs_ += now() - start;
  }
  if (set_ != nullptr) schema_->give(std::move(set_));
  {
    std::lock_guard lock(mutex_);
    event.code = fault_.code;
  }
  event.rows = rows_;
  event.input_bytes = inputBytes_;
  event.decode_ns = decodeNs_;
  event.encode_ns = encodeNs_;
  engine_.events.post(event);
}

}  // namespace gp
