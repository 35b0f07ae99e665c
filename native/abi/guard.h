// What every function of the C ABI is wrapped in: arguments are checked, and no exception leaves.
#ifndef GPUPARSER_ABI_GUARD_H
#define GPUPARSER_ABI_GUARD_H

#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "base/fault.h"

namespace gp::abi {

inline int32_t report(const Fault& fault, gp_status* status) {
  writeStatus(fault, status);
  return fault.code;
}

// unexpected: the code of exceptions that the libraries below throw.
template <int32_t unexpected, class F>
int32_t guarded(gp_status* status, F&& body) {
  try {
    body();
    if (status != nullptr) writeStatus(Fault{}, status);
    return GP_OK;
  } catch (const Fault& fault) {
    return report(fault, status);
  } catch (const std::bad_alloc&) {
    return report({GP_MEMORY, -1, -1, "no memory"}, status);
  } catch (const std::exception& error) {
    return report({unexpected, -1, -1, error.what()}, status);
  } catch (...) {
    return report({GP_INTERNAL, -1, -1, "unknown exception"}, status);
  }
}

inline void require(bool fine, const char* message) {
  if (!fine) throw Fault{GP_USAGE, -1, -1, message};
}

// Of whole pages, of huge ones where it is large and the system has them: fewer faults at its first use. Ended by std::free.
inline void* plainMemory(size_t bytes) {
  constexpr size_t kPage = 4096, kHugePage = size_t{2} << 20;
  const size_t page = bytes >= kHugePage ? kHugePage : kPage;
  const size_t size = (bytes + page - 1) / page * page;
  void* memory = std::aligned_alloc(page, size);
  if (memory == nullptr) throw Fault{GP_MEMORY, -1, -1, "no memory for " + std::to_string(bytes) + " bytes"};
  if (page == kHugePage) madvise(memory, size, MADV_HUGEPAGE);  // a wish
  return memory;
}

}  // namespace gp::abi

#endif
