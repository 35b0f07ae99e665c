// Lets a library linked with GCC 12 or newer load where libstdc++ is GCC 11's, as on RHEL 9: std::condition_variable::wait, which became
// noexcept, is bound to its first version (the linker's --wrap sends it here). It does the same.
#define WAIT _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE
#define JOINED(a, b) a##b
#define WRAPPED(name) JOINED(__wrap_, name)
#define TEXT(name) #name
#define VERSIONED(name) TEXT(name) "@GLIBCXX_3.4.11"

extern "C" {

void gpFirstWait(void* condition, void* lock);
__asm__(".symver gpFirstWait," VERSIONED(WAIT));
void WRAPPED(WAIT)(void* condition, void* lock) { gpFirstWait(condition, lock); }

}  // extern "C"
