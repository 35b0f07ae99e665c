#include "test/support/harness.h"

#include <cstdio>
#include <vector>

namespace gp::test {
namespace {

struct Entry {
  const char* name;
  std::function<void()> body;
};

std::vector<Entry>& entries() {
  static std::vector<Entry> all;
  return all;
}

}  // namespace

Test::Test(const char* name, std::function<void()> body) { entries().push_back({name, std::move(body)}); }

}  // namespace gp::test

int main() {
  int failed = 0;
  for (const auto& entry : gp::test::entries()) {
    try {
      entry.body();
    } catch (const std::exception& error) {
      failed++;
      std::printf("FAILED %s\n       %s\n", entry.name, error.what());
    }
  }
  std::printf("%zu tests, %d failed\n", gp::test::entries().size(), failed);
  return failed == 0 && !gp::test::entries().empty() ? 0 : 1;
}
