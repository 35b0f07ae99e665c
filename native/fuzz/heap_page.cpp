// libFuzzer: any bytes as a heap page, or as the one tuple of a page, through judgement, fields, settling, decoders and encoder. The
// first bytes choose columns and attributes. Nothing may crash, overrun or throw anything but Fault.
#include <algorithm>
#include <memory>
#include <vector>

#include "cpu/column.h"
#include "cpu/image.h"
#include "pages/visibility_data.h"

namespace {

using namespace gp;

constexpr size_t kHead = 20;

struct Chosen {
  int32_t kind, length, form;
};
constexpr Chosen kChosen[] = {
    {GP_BOOL, 1, GP_DISK_PLAIN},          {GP_INT2, 2, GP_DISK_PLAIN},
    {GP_INT4, 4, GP_DISK_PLAIN},          {GP_INT8, 8, GP_DISK_PLAIN},
    {GP_FLOAT8, 8, GP_DISK_PLAIN},        {GP_DECIMAL, -1, GP_DISK_PLAIN},
    {GP_NUMERIC_TEXT, -1, GP_DISK_PLAIN}, {GP_NUMERIC_DOUBLE, -1, GP_DISK_PLAIN},
    {GP_MONEY, 8, GP_DISK_PLAIN},         {GP_TEXT, -1, GP_DISK_PLAIN},
    {GP_BYTEA, -1, GP_DISK_PLAIN},        {GP_UUID, 16, GP_DISK_PLAIN},
    {GP_DATE, 4, GP_DISK_PLAIN},          {GP_TIMESTAMP, 8, GP_DISK_PLAIN},
    {GP_TIME, 8, GP_DISK_PLAIN},          {GP_INTERVAL, 16, GP_DISK_PLAIN},
    {GP_CHAR, 1, GP_DISK_PLAIN},          {GP_UTF8, -1, GP_DISK_PLAIN},
    {GP_TEXT, 64, GP_DISK_NAME},          {GP_UTF8, 1, GP_DISK_CHAR},
    {GP_TEXT, 4, GP_DISK_ENUM},           {GP_TEXT, -1, GP_DISK_INET},
    {GP_TEXT, 6, GP_DISK_MACADDR},        {GP_BYTEA, 8, GP_DISK_PG_LSN},
};

void set(uint8_t* p, size_t at, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; i++) p[at + i] = static_cast<uint8_t>(value >> 8 * i);
}

// A page of one tuple.
void aroundTuple(uint8_t* page, const uint8_t* data, size_t size) {
  const size_t length = std::min<size_t>(size, 8000), upper = (kPageBytes - length) / 8 * 8;
  std::copy_n(data, length, page + upper);
  set(page, 12, 28, 2);
  set(page, 14, upper, 2);
  set(page, 16, kPageBytes, 2);
  set(page, 18, kPageBytes | 4, 2);
  set(page, 24, upper | 1 << 15 | length << 17, 4);
}

std::shared_ptr<const VisibilityState> visibilityOf(bool overflowed) {
  VisibilityData data(100, 1000, {200, 300}, overflowed);
  data.file(0, std::vector<uint8_t>(100, 0x1B));  // every status
  return data.now();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kHead) return 0;
  const auto page = std::make_unique<uint8_t[]>(kPageBytes);
  const uint8_t *rest = data + kHead, how = data[0];
  if (how & 1) aroundTuple(page.get(), rest, size - kHead);
  else std::copy_n(rest, std::min<size_t>(size - kHead, kPageBytes), page.get());
  if (how & 2) set(page.get(), 10, kAllVisible, 2);

  std::vector<gp_column> columns;
  std::vector<gp_attribute> attributes;
  const std::string labels{5, 0, 0, 0, 1, 0, 0, 0, 'x'}, missing(8, '\1');
  for (size_t i = 0; i < static_cast<size_t>(how >> 2 & 7) + 1; i++) {
    const uint8_t choice = data[1 + i];
    const Chosen& chosen = kChosen[choice % std::size(kChosen)];
    gp_attribute a{};
    a.length = chosen.length;
    a.align = 1 << (choice >> 6);
    a.form = chosen.form;
    a.column = choice & 32 ? -1 : static_cast<int32_t>(columns.size());
    a.missing_bytes = chosen.kind == GP_TEXT || chosen.length == 8 ? 8 : -1;
    a.missing = missing.data();
    a.labels = chosen.form == GP_DISK_ENUM ? labels.data() : nullptr;
    a.labels_bytes = 9;
    attributes.push_back(a);
    if (a.column < 0) continue;
    gp_column c{};
    c.name = "c";
    c.kind = chosen.kind;
    c.precision = chosen.kind == GP_DECIMAL ? 1 + choice % 38 : 0;
    c.logical = GP_LOGICAL_STRING;
    c.on_infinity = choice % 3;
    c.parent = -1;
    columns.push_back(c);
  }
  gp_writer_options options{};
  options.dictionary = data[9] & 1;
  const SchemaPlan plan = planSchema(columns.data(), static_cast<int32_t>(columns.size()), options);
  const Layout layout = planLayout(plan, attributes.data(), static_cast<int32_t>(attributes.size()));
  static const auto whole = visibilityOf(false), overflowed = visibilityOf(true);
  const VisibilityState& state = data[9] & 2 ? *overflowed : *whole;

  static const auto work = std::make_unique<Work>();
  static ImagePool pool;
  Buffer<gp_asked> asked;
  gp_page became{};
  const uint32_t block = 0;
  try {
    PageReader reader(layout, state.view(), {page.get(), &block, 1, false, &became}, work->pages, asked);
    std::vector<std::unique_ptr<Column>> set;
    for (const ColumnPlan& column : plan.columns) set.push_back(makeColumn(column, plan.writer));
    size_t rows = 0;
    while (reader.next(kBlockRows)) {
      for (size_t c = 0; c < set.size() && reader.rows() > 0; c++) {
        const PageReader::Fields fields = reader.column(c);
        Fault refused;
        set[c]->append(*work, {fields.memory, fields.fields, static_cast<int>(reader.rows()), fields.safe, true}, 1000, refused);
        if (refused) return 0;
      }
      rows += reader.rows();
    }
    reader.lookOn();
    if (rows == 0) return 0;
    std::vector<const Chunk*> chunks;
    for (const auto& column : set) {
      column->finish(*work);
      column->chunks(chunks);
    }
    pool.give(writeImage(plan, chunks, rows, pool).data);
  } catch (const Fault&) {
  }
  return 0;
}
