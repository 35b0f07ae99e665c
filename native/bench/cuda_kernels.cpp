// Time and bandwidth of each decoding kernel on lineitem rows that lie in device memory, beside the card's own copy speed.
// usage: cuda-kernels [--rows N]     Prints lines "kernel  milliseconds  GB/s" with the bytes that the kernel must read and write.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include "bench/lineitem.h"
#include "cuda/kernels.h"
#include "rows/stream.h"

namespace {

using namespace gp::gpu;

void check(cudaError_t code) {
  if (code == cudaSuccess) return;
  std::fprintf(stderr, "cuda-kernels: %s\n", cudaGetErrorString(code));
  std::exit(1);
}

template <class T>
T* device(size_t count) {
  void* memory;
  check(cudaMalloc(&memory, count * sizeof(T) + 256));
  return static_cast<T*>(memory);
}

// Median of several runs, in milliseconds.
double timed(cudaStream_t stream, const std::function<void()>& work) {
  cudaEvent_t begun, ended;
  check(cudaEventCreate(&begun));
  check(cudaEventCreate(&ended));
  std::vector<float> times;
  for (int i = 0; i < 13; i++) {
    check(cudaEventRecord(begun, stream));
    work();
    check(cudaEventRecord(ended, stream));
    check(cudaEventSynchronize(ended));
    check(cudaGetLastError());
    float ms;
    check(cudaEventElapsedTime(&ms, begun, ended));
    if (i >= 2) times.push_back(ms);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int wanted = argc == 3 ? std::atoi(argv[2]) : 4'000'000;
  const std::vector<gp_column> columns = gp::bench::lineitemColumns();
  std::vector<uint8_t> bytes;
  gp::bench::Lineitem table(1);
  bytes.reserve(static_cast<size_t>(wanted) * 215);
  for (int i = 0; i < wanted; i++) table.next(bytes);
  gp::Stream scanner;
  gp_scan scan;
  scanner.scan(bytes.data(), 0, static_cast<int64_t>(bytes.size()), scan);
  const gp::RowSet found = scanner.take();
  const int rows = static_cast<int>(found.size());

  cudaStream_t stream;
  check(cudaStreamCreate(&stream));
  auto* deviceBytes = device<uint8_t>(bytes.size());
  auto* starts = device<uint32_t>(static_cast<size_t>(rows));
  auto* ends = device<uint32_t>(static_cast<size_t>(rows));
  check(cudaMemcpy(deviceBytes, bytes.data(), bytes.size(), cudaMemcpyHostToDevice));
  check(cudaMemcpy(starts, found.starts.data(), static_cast<size_t>(rows) * 4, cudaMemcpyHostToDevice));
  check(cudaMemcpy(ends, found.ends.data(), static_cast<size_t>(rows) * 4, cudaMemcpyHostToDevice));
  auto* fields = device<gp::Span>(static_cast<size_t>(rows) * columns.size());
  auto* values = device<uint8_t>(static_cast<size_t>(rows) * 16);
  auto* lengths = device<int32_t>(static_cast<size_t>(rows) + 1);
  auto* valid = device<uint32_t>(static_cast<size_t>(rows) / 32 + 2);
  auto* counts = device<uint32_t>(4);
  auto* total = device<unsigned long long>(1);
  check(cudaMemset(counts, 0, 16));
  const size_t scratchBytes = scanBytes(rows + 1);
  auto* scratch = device<uint8_t>(scratchBytes);

  auto* copyFrom = device<uint8_t>(size_t{1} << 30);
  auto* copyTo = device<uint8_t>(size_t{1} << 30);
  const double copyMs = timed(stream, [&] { check(cudaMemcpyAsync(copyTo, copyFrom, size_t{1} << 30, cudaMemcpyDeviceToDevice, stream)); });
  const double peak = 2.147483648 / copyMs * 1e3;
  std::printf("card's own copy: %.0f GB/s read and written; %d rows of %.0f bytes\n", peak, rows, static_cast<double>(bytes.size()) / rows);
  double sum = 0;
  const auto report = [&](const std::string& name, double ms, double mustMove) {
    sum += ms;
    std::printf("%-34s %7.3f ms %7.0f GB/s %3.0f%%\n", name.c_str(), ms, mustMove / ms / 1e6, mustMove / ms / 1e6 / peak * 100);
  };
  const double n = rows;
  report("fields",
         timed(stream, [&] { indexFields({deviceBytes, starts, ends, rows}, static_cast<int>(columns.size()), fields, counts, stream); }),
         static_cast<double>(bytes.size()) + n * 8 + n * 8 * static_cast<double>(columns.size()));
  std::vector<ColumnRules> rules(columns.size());
  for (size_t c = 0; c < columns.size(); c++) {
    const gp_column& column = columns[c];
    if (column.kind == GP_DECIMAL) gp::planDecimal(column.precision, column.scale, rules[c].decimal);
    rules[c].kind = column.kind;
    rules[c].required = column.required;
  }
  auto* deviceRules = device<ColumnRules>(rules.size());
  check(cudaMemcpy(deviceRules, rules.data(), rules.size() * sizeof(ColumnRules), cudaMemcpyHostToDevice));
  for (size_t c = 0; c < columns.size(); c++) {
    const gp_column& column = columns[c];
    const ColumnJob job{deviceBytes, fields + c * static_cast<size_t>(rows), rows, deviceRules + c, valid, counts + 1, counts};
    const std::string name = std::string(column.name) + " (kind " + std::to_string(column.kind) + ")";
    if (!isText(column.kind)) {
      // a field of some bytes costs the sector of 32 that it lies in
      report(name, timed(stream, [&] { decodeFixed(column.kind, column.precision, job, values, total, stream); }),
             n * (8 + 32 + static_cast<double>(valueBytes(column.kind, column.precision)) + 0.125));
      continue;
    }
    check(cudaMemset(total, 0, 8));
    report(name + " lengths", timed(stream, [&] { measureTexts(column.kind, job, lengths, total, stream); }), n * (8 + 32 + 4));
    measureTexts(column.kind, job, lengths, total, stream);
    lengthsToOffsets(lengths, rows + 1, scratch, scratchBytes, stream);
    int32_t chars = 0;
    check(cudaMemcpy(&chars, lengths + rows, 4, cudaMemcpyDeviceToHost));
    auto* text = device<uint8_t>(static_cast<size_t>(chars));
    report(name + " copy", timed(stream, [&] { copyTexts(column.kind, job, lengths, text, stream); }), n * 12 + 2.0 * chars);
    check(cudaFree(text));
    // last, because it destroys the offsets
    report(name + " scan", timed(stream, [&] { lengthsToOffsets(lengths, rows + 1, scratch, scratchBytes, stream); }), n * 8);
  }
  uint32_t marks = 0;
  check(cudaMemcpy(&marks, counts, 4, cudaMemcpyDeviceToHost));
  std::printf("%-34s %7.3f ms, %.2f G rows/s, marks %u\n", "all", sum, n / sum / 1e6, marks);
}
