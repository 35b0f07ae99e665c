// libFuzzer: any bytes as a COPY stream, through scanner, decoders and encoder on the calling thread; or as the one field of a row in
// memory. The first bytes choose the schema and the writer's options. Nothing may crash, overrun or throw anything but Fault.
#include <algorithm>
#include <memory>
#include <vector>

#include "cpu/column.h"
#include "cpu/image.h"
#include "rows/fields.h"
#include "rows/stream.h"

namespace {

using namespace gp;

// Bytes that choose; zeros behind the last one.
class Choices {
 public:
  Choices(const uint8_t* bytes, size_t count) : bytes_(bytes), left_(count) {}
  uint8_t next() { return left_ == 0 ? 0 : (left_--, *bytes_++); }

 private:
  const uint8_t* bytes_;
  size_t left_;
};

gp_column leafOf(uint8_t choice, int parent) {
  gp_column c{};
  c.name = "c";
  c.kind = choice % GP_GEOMETRY + 1;
  c.required = choice >> 7;
  c.precision = c.kind == GP_DECIMAL ? 1 + choice % 38 : 0;
  c.scale = c.kind == GP_DECIMAL ? choice % (c.precision + 1) : 2;
  c.logical = GP_LOGICAL_STRING;
  c.on_nan = choice >> 5 & 1;
  c.on_infinity = choice % 3;
  c.parent = parent;
  c.bloom_filter = c.kind != GP_BOOL && (choice >> 6 & 1);
  return c;
}

// A column of any kind with its children.
void choose(Choices& choices, int parent, int depth, std::vector<gp_column>& out) {
  const uint8_t choice = choices.next();
  gp_column c = leafOf(choice, parent);
  if (depth == 4 || choice % 3 != 0) return out.push_back(c);
  c.kind = GP_LIST + choice / 3 % (GP_HALFVEC - GP_LIST + 1);
  c.precision = 1 + choice % 2;
  c.bloom_filter = 0;
  out.push_back(c);
  const int index = static_cast<int>(out.size()) - 1;
  const auto text = [&](int required) {
    gp_column t = leafOf(GP_TEXT - 1, index);
    t.required = required;
    out.push_back(t);
  };
  const auto range = [&](int above) {
    gp_column bound = leafOf(choices.next() & 0x7F, above);
    out.push_back(bound);
    out.push_back(bound);
  };
  switch (c.kind) {
    case GP_LIST: return choose(choices, index, depth + 1, out);
    case GP_STRUCT:
      for (int members = 1 + choice % 4; members > 0; members--) choose(choices, index, depth + 1, out);
      return;
    case GP_MAP: return text(1), text(0);
    case GP_RANGE: return range(index);
    case GP_MULTIRANGE:
      c.kind = GP_RANGE;
      c.required = 0;
      c.parent = index;
      out.push_back(c);
      return range(index + 1);
    default: return;
  }
}

// One row of one field, so that whatever bytes are given reach that column's decoder.
std::vector<uint8_t> rowOf(const uint8_t* field, size_t length) {
  std::vector<uint8_t> out(kRowHead);
  const auto word = [&](uint64_t v, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) out.push_back(static_cast<uint8_t>(v >> (8 * i)));
  };
  word(1, 2);
  word(length, 4);
  out.insert(out.end(), field, field + length);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t head = 20;
  if (size < head) return 0;
  const bool oneField = data[0] >> 7;
  Choices choices(data + 3, head - 3);
  std::vector<gp_column> chosen;
  for (size_t i = oneField ? 1 : data[0] % 5; i > 0; i--) choose(choices, -1, 0, chosen);
  gp_writer_options options{};
  options.codec = data[1] % 4;
  options.dictionary = data[1] >> 2 & 1;
  options.encodings = data[1] >> 3 & 1;
  options.page_bytes = data[2] == 0 ? 0 : data[2] * 8;
  const SchemaPlan plan = planSchema(chosen.data(), static_cast<int32_t>(chosen.size()), options);
  const size_t columns = plan.columns.size();
  std::vector<uint8_t> bytes(data + head, data + size);
  if (oneField) bytes = rowOf(data + head, size - head);
  const size_t length = bytes.size();
  const auto slot = std::make_unique<uint8_t[]>(length);
  std::copy(bytes.begin(), bytes.end(), slot.get());

  static const auto work = std::make_unique<Work>();
  static ImagePool pool;
  Stream stream;
  try {
    RowSet rows;
    if (oneField) {
      rows.push(kRowHead, static_cast<uint32_t>(length));
      rows.readable = length;
    } else {
      gp_scan found;
      stream.scan(slot.get(), 0, static_cast<int64_t>(length), found);
      rows = stream.take();
    }
    const int count = static_cast<int>(rows.size() < kBlockRows ? rows.size() : kBlockRows);
    if (count == 0) return 0;
    std::vector<std::unique_ptr<Column>> set;
    for (const ColumnPlan& column : plan.columns) set.push_back(makeColumn(column, plan.writer));
    work->fields.reserve((columns + 1) * kBlockRows);
    Fault fault;
    int good = indexRows(slot.get(), rows, 0, count, static_cast<int>(columns), work->fields.data(), kBlockRows, fault);
    if (good == 0) return 0;
    for (size_t c = 0; c < columns; c++) {
      Fault refused;
      set[c]->append(*work, {slot.get(), work->fields.data() + c * kBlockRows, good, rows.readable}, 1000, refused);
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
