#include "pages/checksum.h"

namespace gp {
namespace {

// All 32 sums in registers, where there are enough of them: the compiler makes vectors of the inner loops.
[[gnu::always_inline]] inline uint32_t folded(const uint8_t* page) {
  uint32_t sums[kSums];
  for (int i = 0; i < kSums; i++) {
    const uint32_t word = LittleEndian::load32(page + 4 * i);
    sums[i] = sumStep(sumBegin(i), i == kChecksumWord ? word & kChecksumKept : word);
  }
  for (uint32_t at = 4 * kSums; at < kPageBytes; at += 4 * kSums) {
    for (int i = 0; i < kSums; i++) sums[i] = sumStep(sums[i], LittleEndian::load32(page + at + 4 * i));
  }
  uint32_t out = 0;
  for (int i = 0; i < kSums; i++) out ^= sumStep(sumStep(sums[i], 0), 0);
  return out;
}

uint32_t anywhere(const uint8_t* page) { return folded(page); }

#if defined(__x86_64__)
[[gnu::target("avx2")]] uint32_t onAvx2(const uint8_t* page) { return folded(page); }
#endif

}  // namespace

uint16_t pageChecksum(const uint8_t* page, uint32_t block) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  return foldSums(wide ? onAvx2(page) : anywhere(page), block);
#else
  return foldSums(anywhere(page), block);
#endif
}

}  // namespace gp
