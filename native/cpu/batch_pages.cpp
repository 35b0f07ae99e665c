// A batch's rows from pages.
#include <algorithm>

#include "cpu/batch.h"
#include "types/utf8.h"

namespace gp {
namespace {

// What is to be asked, each thing once.
void writeAsked(Buffer<gp_asked>& found, const PageAppend& pages) {
  const auto key = [](const gp_asked& a) { return std::pair(a.multi, a.id); };
  std::sort(found.data(), found.end(), [&](const gp_asked& a, const gp_asked& b) { return key(a) < key(b); });
  gp_asked* const end = std::unique(found.data(), found.end(), [&](const gp_asked& a, const gp_asked& b) { return key(a) == key(b); });
  pages.result->asked = end - found.data();
  if (pages.capacity > 0) std::copy_n(found.data(), std::min(pages.result->asked, pages.capacity), pages.asked);
}

// The first row whose text is no UTF-8, or rows.
int checkUtf8(const PageReader::Fields& fields, int rows) {
  for (int i = 0; i < rows; i++) {
    const Span field = fields.fields[i];
    if (field.length != kNullLength && utf8Length(fields.memory + field.start, field.length) != field.length) return i;
  }
  return rows;
}

}  // namespace

void Batch::append(PageAppend pages, const uint8_t* memory, int64_t slotId) {
  {
    std::lock_guard lock(mutex_);
    if (finishing_) throw Fault{GP_USAGE, -1, -1, "append after finish"};
  }
  enqueue({Task::kPages, {}, memory, slotId, std::move(pages)});
}

void Batch::decodePages(Work& work, const Task& task) {
  if (set_ == nullptr) set_ = schema_->take();
  const PageAppend& pages = task.pages;
  if (pages.resume) pagesStopped_ = false;
  const Visibility visibility = pages.visibility->view();
  const PageRun run{task.memory, pages.blocks.data(), pages.blocks.size(), pages.checksums, pages.pages};
  Buffer<gp_asked> asked;
  PageReader reader(*pages.layout, visibility, run, work.pages, asked);
  *pages.result = {};
  while (!pagesStopped_ && reader.next(kBlockRows)) {
    if (reader.rows() > 0) appendPages(work, reader, *pages.layout);
    pages.result->taken = static_cast<int64_t>(reader.taken());
    pages.result->rows += static_cast<int64_t>(reader.rows());
  }
  inputBytes_ += static_cast<int64_t>(reader.taken() * kPageBytes);
  if (reader.taken() == run.count) return;
  pagesStopped_ = true;
  reader.lookOn();
  writeAsked(asked, pages);
}

void Batch::appendPages(Work& work, const PageReader& reader, const Layout& layout) {
  const int rows = static_cast<int>(reader.rows());
  sample(rows, reader.bytes());
  try {
    Fault fault;
    int checked = rows;
    for (size_t c = 0; c < layout.columns.size(); c++) {
      if (!layout.columns[c].checkUtf8) continue;
      const int fine = checkUtf8(reader.column(c), checked);
      if (fine == checked) continue;
      checked = fine;
      fault = {GP_VALUE, schema_->plan.columns[c].index, fine, "text that is no UTF-8", GP_REASON_UTF8};
    }
    appendColumns(work, checked, std::move(fault), [&](size_t c, int left) {
      const PageReader::Fields fields = reader.column(c);
      return FieldBlock{fields.memory, fields.fields, left, fields.safe, true};
    });
  } catch (Fault& fault) {
    if (fault.row < 0) throw;
    fault.block = reader.blockOf(static_cast<size_t>(fault.row));
    fault.item = reader.itemOf(static_cast<size_t>(fault.row));
    throw;
  }
}

}  // namespace gp
