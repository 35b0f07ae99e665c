// What the GPU does while a program runs: time by kernel and by kind of copy, and how long it did anything at all. Loaded by the
// CUDA driver: CUDA_INJECTION64_PATH=.../libtrace.so program. Prints a table to stderr when the program ends.
// Built where CUPTI is: g++ -std=c++20 -O2 -shared -fPIC -I CUPTI/include -o libtrace.so trace.cpp -L CUPTI/lib64 -lcupti
#include <cupti.h>
#include <cxxabi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

struct Sum {
  uint64_t ns = 0;
  uint64_t count = 0;
  uint64_t bytes = 0;
};

std::mutex mutex;
std::map<std::string, Sum> sums;
std::vector<std::pair<uint64_t, uint64_t>> spans;

void add(const std::string& name, uint64_t start, uint64_t end, uint64_t bytes) {
  Sum& sum = sums[name];
  sum.ns += end - start;
  sum.count++;
  sum.bytes += bytes;
  spans.emplace_back(start, end);
}

void CUPTIAPI requested(uint8_t** buffer, size_t* size, size_t* records) {
  *size = 8 << 20;
  *buffer = static_cast<uint8_t*>(std::aligned_alloc(8, *size));
  *records = 0;
}

void CUPTIAPI completed(CUcontext, uint32_t, uint8_t* buffer, size_t, size_t valid) {
  const std::lock_guard guard(mutex);
  CUpti_Activity* record = nullptr;
  while (cuptiActivityGetNextRecord(buffer, valid, &record) == CUPTI_SUCCESS) {
    if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
      const auto* kernel = reinterpret_cast<const CUpti_ActivityKernel10*>(record);
      int status = 0;
      char* plain = abi::__cxa_demangle(kernel->name, nullptr, nullptr, &status);
      std::string name = status == 0 ? plain : kernel->name;
      std::free(plain);
      add(name.substr(0, 110), kernel->start, kernel->end, 0);
    } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
      const auto* copy = reinterpret_cast<const CUpti_ActivityMemcpy6*>(record);
      const char* kinds[] = {"?",
                             "host to device",
                             "device to host",
                             "host to array",
                             "array to host",
                             "array to array",
                             "array to device",
                             "device to array",
                             "device to device"};
      add(std::string("copy ") + (copy->copyKind <= 8 ? kinds[copy->copyKind] : "of another kind"), copy->start, copy->end, copy->bytes);
    }
  }
  std::free(buffer);
}

void report() {
  cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  const std::lock_guard guard(mutex);
  std::sort(spans.begin(), spans.end());
  uint64_t busy = 0, until = 0;
  for (const auto& [start, end] : spans) {
    if (end <= until) continue;
    busy += end - std::max(start, until);
    until = end;
  }
  std::vector<std::pair<std::string, Sum>> rows(sums.begin(), sums.end());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.ns > b.second.ns; });
  const uint64_t whole = spans.empty() ? 0 : until - spans.front().first;
  std::fprintf(stderr, "GPU: busy %.1f ms of %.1f ms\n", static_cast<double>(busy) / 1e6, static_cast<double>(whole) / 1e6);
  for (size_t i = 0; i < rows.size() && i < 28; i++) {
    const Sum& sum = rows[i].second;
    std::fprintf(stderr, "%9.1f ms %7llu times %6.1f GB/s  %s\n", static_cast<double>(sum.ns) / 1e6,
                 static_cast<unsigned long long>(sum.count), static_cast<double>(sum.bytes) / static_cast<double>(sum.ns),
                 rows[i].first.c_str());
  }
}

}  // namespace

extern "C" int InitializeInjection() {
  cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  cuptiActivityEnable(CUPTI_ACTIVITY_KIND_MEMCPY);
  cuptiActivityRegisterCallbacks(requested, completed);
  std::atexit(report);
  return 1;
}
