// Lets a library linked on a new system load on glibc 2.28: the C++ runtime's newer symbols are replaced by definitions of our own,
// and the thread functions that glibc 2.34 moved are bound to their first version (the linker's --wrap sends them here).
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <time.h>

#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#else
#error "the first glibc version of this architecture is not known here"
#endif

#define OLD(name) __asm__(".symver old_" #name "," #name "@" FIRST)

extern "C" {

int old_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
OLD(pthread_create);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  return old_pthread_create(thread, attributes, start, argument);
}

int old_pthread_join(pthread_t, void**);
OLD(pthread_join);
int __wrap_pthread_join(pthread_t thread, void** result) { return old_pthread_join(thread, result); }

int old_pthread_once(pthread_once_t*, void (*)());
OLD(pthread_once);
int __wrap_pthread_once(pthread_once_t* once, void (*routine)()) { return old_pthread_once(once, routine); }

int old___pthread_key_create(pthread_key_t*, void (*)(void*));
OLD(__pthread_key_create);
int __wrap___pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) { return old___pthread_key_create(key, destructor); }

// New in glibc 2.30. The condition variables of std::condition_variable wait on the real-time clock here.
int __wrap_pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  timespec there, real;
  clock_gettime(clock, &there);
  clock_gettime(CLOCK_REALTIME, &real);
  real.tv_sec += until->tv_sec - there.tv_sec;
  real.tv_nsec += until->tv_nsec - there.tv_nsec;
  if (real.tv_nsec < 0) {
    real.tv_nsec += 1000000000;
    real.tv_sec--;
  } else if (real.tv_nsec >= 1000000000) {
    real.tv_nsec -= 1000000000;
    real.tv_sec++;
  }
  return pthread_cond_timedwait(condition, mutex, &real);
}

// New in glibc 2.32: lets libstdc++ skip atomic operations. A host with threads never may.
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;

#ifdef DLFO_STRUCT_HAS_EH_DBASE
// New in glibc 2.35: how libgcc's unwinder finds the frames of an address. The walk that it used before does the same.
struct Search {
  uintptr_t address;
  dl_find_object* found;
};

static int visit(dl_phdr_info* info, size_t, void* data) {
  auto* search = static_cast<Search*>(data);
  const ElfW(Phdr)* frames = nullptr;
  bool inside = false;
  uintptr_t start = UINTPTR_MAX, end = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) & header = info->dlpi_phdr[i];
    if (header.p_type == PT_GNU_EH_FRAME) frames = &header;
    if (header.p_type != PT_LOAD) continue;
    const uintptr_t from = info->dlpi_addr + header.p_vaddr, to = from + header.p_memsz;
    inside = inside || (search->address >= from && search->address < to);
    start = from < start ? from : start;
    end = to > end ? to : end;
  }
  if (!inside || frames == nullptr) return 0;
  search->found->dlfo_map_start = reinterpret_cast<void*>(start);
  search->found->dlfo_map_end = reinterpret_cast<void*>(end);
  search->found->dlfo_eh_frame = reinterpret_cast<void*>(info->dlpi_addr + frames->p_vaddr);
  return 1;
}

__attribute__((visibility("hidden"))) int _dl_find_object(void* address, dl_find_object* found) noexcept {
  Search search{reinterpret_cast<uintptr_t>(address), found};
  return dl_iterate_phdr(visit, &search) == 1 ? 0 : -1;
}
#endif
}
