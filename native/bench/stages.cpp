#include "bench/stages.h"

#include <chrono>
#include <cstdio>
#include <ctime>

#include "cpu/column.h"
#include "cpu/image.h"
#include "rows/fields.h"
#include "rows/stream.h"

namespace gp::bench {
namespace {

// This thread's own time, at the rate of the time-stamp counter: other processes on the machine do not count.
double cyclesPerNano() {
#if defined(__x86_64__)
  const auto start = std::chrono::steady_clock::now();
  const uint64_t first = __builtin_ia32_rdtsc();
  while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(20)) {
  }
  const auto elapsed = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
  return static_cast<double>(__builtin_ia32_rdtsc() - first) / elapsed;
#else
  return 1;
#endif
}

int64_t cycles() {
  static const double rate = cyclesPerNano();
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<int64_t>((static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec)) * rate);
}

}  // namespace

void printStages(const std::vector<Slot>& slots, const std::vector<gp_column>& columns, const gp_writer_options& options) {
  const SchemaPlan plan = planSchema(columns.data(), static_cast<int32_t>(columns.size()), options);
  gp_writer_options noCodec = options;
  noCodec.codec = GP_NONE;
  const SchemaPlan plainPlan = planSchema(columns.data(), static_cast<int32_t>(columns.size()), noCodec);
  auto work = std::make_unique<Work>();
  ImagePool pool;
  struct Cost {
    int64_t decode = 0, append = 0, finish = 0;
  };
  int64_t scan = 0, index = 0, image = 0;
  size_t rowsDone = 0;
  std::vector<Cost> costs(columns.size()), plainCosts(columns.size());
  constexpr int kBlock = 236;
  const size_t batchSlots = 64;
  std::vector<std::unique_ptr<Column>> sets[2];
  for (size_t c = 0; c < columns.size(); c++) {
    sets[0].push_back(makeColumn(plan.columns[c], plan.writer));
    sets[1].push_back(makeColumn(plainPlan.columns[c], plainPlan.writer));
  }
  std::vector<uint8_t> ring(2 << 20);
  for (int pass = 0; pass < 2; pass++) {  // 0: with the codec; 1: without
    std::vector<Cost>& cost = pass == 0 ? costs : plainCosts;
    Stream stream;
    size_t batchRows = 0;
    for (size_t s = 0; s < slots.size(); s++) {
      std::memcpy(ring.data(), slots[s].data(), slots[s].size());
      const uint8_t* slot = ring.data();
      gp_scan found;
      int64_t t = cycles();
      stream.scan(slot, 0, static_cast<int64_t>(slots[s].size()), found);
      if (pass == 0) scan += cycles() - t;
      const RowSet rows = stream.take();
      work->fields.reserve(columns.size() * 1024);
      for (size_t first = 0; first < rows.size(); first += kBlock) {
        const int count = static_cast<int>(std::min<size_t>(kBlock, rows.size() - first));
        Fault fault;
        t = cycles();
        indexRows(slot, rows, first, count, static_cast<int>(columns.size()), work->fields.data(), 256, fault);
        if (pass == 0) index += cycles() - t;
        for (size_t c = 0; c < columns.size(); c++) {
          const FieldBlock block{slot, work->fields.data() + c * 256, count, slots[s].size()};
          const ColumnPlan& column = plan.columns[c];
          const Decode decode = fixedDecoder<WireForm>(column) != nullptr ? fixedDecoder<WireForm>(column) : decodeText;
          t = cycles();
          decode(block, column, *work, fault);
          const int64_t t2 = cycles();
          sets[pass][c]->append(*work, block, 320000, fault);
          const int64_t t3 = cycles();
          cost[c].decode += t2 - t;
          cost[c].append += t3 - t2 - (t2 - t);
        }
        batchRows += static_cast<size_t>(count);
      }
      if ((s + 1) % batchSlots == 0 || s + 1 == slots.size()) {
        std::vector<const Chunk*> chunks;
        for (size_t c = 0; c < columns.size(); c++) {
          t = cycles();
          sets[pass][c]->finish(*work);
          cost[c].finish += cycles() - t;
          sets[pass][c]->chunks(chunks);
        }
        t = cycles();
        const Image made = writeImage(plan, chunks, batchRows, pool);
        if (pass == 0) {
          image += cycles() - t;
          rowsDone += batchRows;
        }
        if (pass == 0 && s + 1 == slots.size()) {
          for (const Chunk* chunk : chunks) {
            std::printf("chunk %-16s %8.2f bytes/row%s%s pages %zu\n", chunk->leaf.name.c_str(),
                        static_cast<double>(chunk->bytes.size()) / static_cast<double>(batchRows),
                        chunk->hasDictionary ? " dictionary" : "", chunk->codec == GP_NONE ? " uncompressed" : "", chunk->pages.size());
          }
        }
        pool.give(made.data);
        for (const auto& column : sets[pass]) column->restart();
        batchRows = 0;
      }
    }
  }
  const double n = static_cast<double>(rowsDone);
  double total = static_cast<double>(scan + index + image) / n;
  std::printf("stage scan %.1f\nstage index %.1f\n", static_cast<double>(scan) / n, static_cast<double>(index) / n);
  Cost sum, plainSum;
  for (size_t c = 0; c < columns.size(); c++) {
    const Cost &k = costs[c], &p = plainCosts[c];
    std::printf("column %-16s decode %5.1f  append %5.1f  finish %5.1f  compress %5.1f\n", columns[c].name,
                static_cast<double>(k.decode) / n, static_cast<double>(p.append) / n, static_cast<double>(p.finish) / n,
                (static_cast<double>(k.append + k.finish) - static_cast<double>(p.append + p.finish)) / n);
    sum.decode += k.decode, sum.append += k.append, sum.finish += k.finish;
    plainSum.append += p.append, plainSum.finish += p.finish;
  }
  total += static_cast<double>(sum.decode + sum.append + sum.finish) / n;
  std::printf("stage decode %.1f\nstage append %.1f\nstage finish %.1f\nstage compress %.1f\nstage image %.1f\nstage total %.1f\n",
              static_cast<double>(sum.decode) / n, static_cast<double>(plainSum.append) / n, static_cast<double>(plainSum.finish) / n,
              (static_cast<double>(sum.append + sum.finish) - static_cast<double>(plainSum.append + plainSum.finish)) / n,
              static_cast<double>(image) / n, total);
}

}  // namespace gp::bench
