#include "cuda/table.h"

#include <cstring>

namespace gp::gpu {
namespace {

using cudf::column_view;
using cudf::data_type;
using cudf::type_id;

// cuDF reads validity in whole blocks of 64 bytes.
size_t validBytes(int rows) { return (static_cast<size_t>(rows) + 511) / 512 * 64; }

data_type typeOf(const ColumnSpec& column) {
  switch (column.kind) {
    case GP_BOOL: return data_type(type_id::BOOL8);
    case GP_INT2: return data_type(type_id::INT16);
    case GP_INT4: return data_type(type_id::INT32);
    case GP_INT8: return data_type(type_id::INT64);
    case GP_OID: return data_type(type_id::UINT32);
    case GP_FLOAT4: return data_type(type_id::FLOAT32);
    case GP_FLOAT8:
    case GP_NUMERIC_DOUBLE: return data_type(type_id::FLOAT64);
    case GP_DECIMAL:
      return data_type(column.precision <= 9    ? type_id::DECIMAL32
                       : column.precision <= 18 ? type_id::DECIMAL64
                                                : type_id::DECIMAL128,
                       -column.scale);
    case GP_MONEY: return data_type(type_id::DECIMAL128, -column.scale);
    case GP_DATE: return data_type(type_id::TIMESTAMP_DAYS);
    case GP_TIMESTAMP:
    case GP_TIMESTAMPTZ: return data_type(type_id::TIMESTAMP_MICROSECONDS);
    case GP_TIME: return data_type(type_id::DURATION_MICROSECONDS);
    case GP_UUID: return data_type(type_id::LIST);
    case GP_INTERVAL: return data_type(type_id::STRUCT);
    default: return data_type(type_id::STRING);
  }
}

// The counts' layout: texts' bytes (of floats: whether there is an odd one) first, because they are the widest.
size_t countsBytes(size_t columns) { return columns * 8 + columns * 4 + 4; }

}  // namespace

rmm::device_buffer Table::allocate(size_t bytes) const { return rmm::device_buffer(bytes, cuda::stream_ref(stream_)); }

ColumnJob Table::job(size_t column) {
  const size_t columns = schema_.columns.size();
  auto* counts = static_cast<uint8_t*>(counts_.data());
  auto* nulls = reinterpret_cast<uint32_t*>(counts + columns * 8);
  return {rows_.bytes,
          static_cast<const uint32_t*>(fields_.data()) + column * static_cast<size_t>(rows_.count),
          rows_.count,
          schema_.rules(column),
          static_cast<uint32_t*>(leaves_[column].valid.data()),
          nulls + column,
          nulls + columns};
}

Table::Table(const Device& device, PinnedPool& pool, const Schema& schema, const Rows& rows, cudaStream_t stream)
    : schema_(schema), rows_(rows), stream_(stream), leaves_(schema.columns.size()) {
  const size_t columns = schema.columns.size(), bytes = countsBytes(columns);
  counts_ = allocate(bytes);
  fields_ = allocate(columns * static_cast<size_t>(rows.count) * 4);
  scratch_ = allocate(scanBytes(rows.count + 1));
  device.check(cudaMemsetAsync(counts_.data(), 0, bytes, stream), "clearing counts");
  auto* marks = reinterpret_cast<uint32_t*>(static_cast<uint8_t*>(counts_.data()) + columns * 12);
  indexFields(rows, static_cast<int>(columns), static_cast<uint32_t*>(fields_.data()), marks, stream);
  for (size_t i = 0; i < columns; i++) {
    leaves_[i].valid = allocate(validBytes(rows.count));
    device.check(cudaMemsetAsync(leaves_[i].valid.data(), 0, leaves_[i].valid.size(), stream), "clearing validity");
    decode(i);
  }
  device.check(cudaGetLastError(), "starting the decoding kernels");
  const Pinned counts(pool, bytes);
  device.check(cudaMemcpyAsync(counts.data(), counts_.data(), bytes, cudaMemcpyDeviceToHost, stream), "reading counts");
  device.check(cudaStreamSynchronize(stream), "decoding");
  const auto* host = counts.data();
  std::memcpy(&marks_, host + columns * 12, 4);
  if (marks_ != 0) return;
  for (size_t i = 0; i < columns; i++) {
    uint64_t textBytes;
    uint32_t nulls;
    std::memcpy(&textBytes, host + i * 8, 8);
    std::memcpy(&nulls, host + columns * 8 + i * 4, 4);
    if (isFloat(schema.columns[i].kind) && textBytes != 0) odd_.push_back(i);
    addView(i, nulls, textBytes);
  }
  device.check(cudaGetLastError(), "starting the text kernels");
  view_ = cudf::table_view(views_);
}

// Texts get their lengths and offsets here; their characters wait until the sum is known.
void Table::decode(size_t i) {
  const ColumnSpec& column = schema_.columns[i];
  const auto rows = static_cast<size_t>(rows_.count);
  Leaf& leaf = leaves_[i];
  if (isText(column.kind)) {
    leaf.values = allocate((rows + 1) * 4);
    auto* lengths = static_cast<int32_t*>(leaf.values.data());
    measureTexts(column.kind, job(i), lengths, static_cast<unsigned long long*>(counts_.data()) + i, stream_);
    lengthsToOffsets(lengths, rows_.count + 1, scratch_.data(), scratch_.size(), stream_);
  } else if (column.kind == GP_INTERVAL) {
    leaf.values = allocate(rows * 4);
    leaf.more[0] = allocate(rows * 4);
    leaf.more[1] = allocate(rows * 8);
    decodeIntervals(job(i), static_cast<int32_t*>(leaf.values.data()), static_cast<int32_t*>(leaf.more[0].data()),
                    static_cast<int64_t*>(leaf.more[1].data()), stream_);
  } else {
    leaf.values = allocate(rows * valueBytes(column.kind, column.precision));
    decodeFixed(column.kind, column.precision, job(i), leaf.values.data(), static_cast<unsigned long long*>(counts_.data()) + i, stream_);
  }
}

void Table::addView(size_t i, uint32_t nulls, uint64_t textBytes) {
  const ColumnSpec& column = schema_.columns[i];
  const data_type type = typeOf(column);
  const int rows = rows_.count;
  Leaf& leaf = leaves_[i];
  const auto* valid = nulls == 0 ? nullptr : static_cast<const cudf::bitmask_type*>(leaf.valid.data());
  const auto nullCount = static_cast<cudf::size_type>(nulls);
  if (isText(column.kind)) {
    if (textBytes > INT32_MAX) throw rmm::bad_alloc("a column of texts over 2 GiB");  // fewer rows at once will do
    leaf.more[0] = allocate(textBytes == 0 ? 4 : textBytes);
    auto* chars = static_cast<uint8_t*>(leaf.more[0].data());
    const auto* offsets = static_cast<const int32_t*>(leaf.values.data());
    if (textBytes > 0) copyTexts(column.kind, job(i), offsets, chars, stream_);
    views_.emplace_back(type, rows, chars, valid, nullCount, 0,
                        std::vector<column_view>{column_view(data_type(type_id::INT32), rows + 1, offsets, nullptr, 0)});
  } else if (column.kind == GP_UUID) {
    if (offsets16_.size() == 0) {
      offsets16_ = allocate((static_cast<size_t>(rows) + 1) * 4);
      fillOffsets16(static_cast<int32_t*>(offsets16_.data()), rows, stream_);
    }
    if (static_cast<int64_t>(rows) * 16 > INT32_MAX) throw rmm::bad_alloc("a column of UUIDs over 2 GiB");
    views_.emplace_back(type, rows, nullptr, valid, nullCount, 0,
                        std::vector<column_view>{column_view(data_type(type_id::INT32), rows + 1, offsets16_.data(), nullptr, 0),
                                                 column_view(data_type(type_id::UINT8), rows * 16, leaf.values.data(), nullptr, 0)});
  } else if (column.kind == GP_INTERVAL) {
    // The members are REQUIRED, so the writer must count no NULLs in them, but it takes the group's NULLs from their validity.
    const auto member = [&](type_id id, const void* values) { return column_view(data_type(id), rows, values, valid, 0); };
    views_.emplace_back(type, rows, nullptr, valid, nullCount, 0,
                        std::vector<column_view>{member(type_id::INT32, leaf.values.data()), member(type_id::INT32, leaf.more[0].data()),
                                                 member(type_id::INT64, leaf.more[1].data())});
  } else {
    views_.emplace_back(type, rows, leaf.values.data(), valid, nullCount);
  }
}

}  // namespace gp::gpu
