#include "cuda/sample.h"

#include "cuda/nested.h"
#include "types/nested.h"
#include "types/wkb.h"

namespace gp::gpu {
namespace {

class Writer {
 public:
  explicit Writer(const Schema& schema) : schema_(schema) {}
  void put(uint32_t value, int bytes) {
    while (bytes-- > 0) row.push_back(static_cast<uint8_t>(value >> 8 * bytes));
  }
  // A length word and what it counts.
  void field(size_t column) {
    const size_t at = row.size();
    put(0, 4);
    value(schema_.columns[column]);
    setWord(at, static_cast<uint32_t>(row.size() - at - 4));
  }
  void setWord(size_t at, uint32_t word) {
    for (int i = 0; i < 4; i++) row[at + static_cast<size_t>(i)] = static_cast<uint8_t>(word >> (24 - 8 * i));
  }

  std::vector<uint8_t> row;

 private:
  void value(const ColumnSpec& column) {
    switch (column.kind) {
      case GP_JSONB:
      case GP_CHAR: return put(1, 1);
      case GP_DECIMAL:
      case GP_NUMERIC_DOUBLE:
      case GP_NUMERIC_TEXT: return zeros(kNumericHeader);
      case GP_GEOMETRY:  // a point, in the byte order of networks
        zeros(1);
        put(column.precision == 0 ? 1 : kWkbSrid | 1, 4);
        if (column.precision != 0) put(static_cast<uint32_t>(column.precision), 4);
        return zeros(16);
      case GP_LIST:
        put(static_cast<uint32_t>(column.precision), 4);
        zeros(8);
        for (int32_t d = 0; d < column.precision; d++) {
          put(1, 4);
          put(1, 4);
        }
        break;
      case GP_STRUCT:
        put(static_cast<uint32_t>(column.children.size()), 4);
        for (const size_t child : column.children) {
          zeros(kMemberType);
          field(child);
        }
        return;
      case GP_MAP:
      case GP_MULTIRANGE: put(1, 4); break;
      case GP_RANGE: put(0, 1); break;
      case GP_VECTOR:
      case GP_HALFVEC: put(1, 2); return zeros(column.kind == GP_VECTOR ? 6 : 4);
      default: return zeros(wireBytes(column.kind));
    }
    for (const size_t child : column.children) field(child);
  }
  void zeros(size_t count) { row.insert(row.end(), count, 0); }

  const Schema& schema_;
};

}  // namespace

std::vector<uint8_t> sampleRow(const Schema& schema) {
  Writer out(schema);
  out.put(static_cast<uint32_t>(schema.fields.size()), 2);
  for (const size_t field : schema.fields) out.field(field);
  return out.row;
}

}  // namespace gp::gpu
