// libFuzzer: any bytes as a COPY stream, through scanner, decoders and encoder on the calling thread. The first bytes choose the
// schema and the writer's options; whatever follows is the stream. Nothing may crash, overrun or throw anything but Fault.
#include <memory>
#include <vector>

#include "cpu/column.h"
#include "cpu/image.h"
#include "cpu/rows.h"
#include "cpu/stream.h"

namespace {

using namespace gp;

gp_column columnOf(uint8_t choice) {
  gp_column c{};
  c.name = "c";
  c.kind = choice % GP_GEOMETRY + 1;
  c.required = choice >> 7;
  c.precision = c.kind == GP_DECIMAL ? 1 + choice % 38 : 0;
  c.scale = c.kind == GP_DECIMAL ? choice % (c.precision + 1) : 2;
  c.logical = GP_LOGICAL_STRING;
  c.on_nan = choice >> 5 & 1;
  c.on_infinity = choice % 3;
  c.parent = -1;
  c.bloom_filter = c.kind != GP_BOOL && (choice >> 6 & 1);
  return c;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  const size_t columns = data[0] % 5;
  std::vector<gp_column> chosen;
  for (size_t i = 0; i < columns; i++) chosen.push_back(columnOf(data[1 + i]));
  gp_writer_options options{};
  options.codec = data[6] % 4;
  options.dictionary = data[6] >> 2 & 1;
  options.encodings = data[6] >> 3 & 1;
  options.page_bytes = data[7] == 0 ? 0 : data[7] * 8;
  const SchemaPlan plan = planSchema(chosen.data(), static_cast<int32_t>(chosen.size()), options);
  const size_t length = size - 8;
  const auto slot = std::make_unique<uint8_t[]>(length);
  std::memcpy(slot.get(), data + 8, length);

  static const auto work = std::make_unique<Work>();
  static ImagePool pool;
  Stream stream;
  try {
    gp_scan found;
    stream.scan(slot.get(), 0, static_cast<int64_t>(length), found);
    const SlotRows rows = stream.take();
    const int count = static_cast<int>(rows.starts.size() < kBlockRows ? rows.starts.size() : kBlockRows);
    if (count == 0) return 0;
    std::vector<std::unique_ptr<Column>> set;
    for (const ColumnPlan& column : plan.columns) set.push_back(makeColumn(column, plan.writer));
    work->fields.reserve((columns + 1) * kBlockRows);
    Fault fault;
    int good = indexRows(slot.get(), rows, 0, count, static_cast<int>(columns), work->fields.data(), kBlockRows, fault);
    const uint64_t end = rowEnd(slot.get(), rows, rows.starts.size() - 1);
    if (good == 0) return 0;
    for (size_t c = 0; c < columns; c++) {
      Fault refused;
      set[c]->append(*work, {slot.get(), work->fields.data() + c * kBlockRows, good, end}, 1000, refused);
      if (refused) return 0;
    }
    std::vector<const Chunk*> chunks;
    for (const auto& column : set) {
      column->finish(*work);
      column->chunks(chunks);
    }
    pool.give(writeImage(plan, chunks, static_cast<size_t>(good), pool).data);
  } catch (const Fault&) {
  }
  return 0;
}
