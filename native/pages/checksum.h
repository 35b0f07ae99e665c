// A page's checksum (checksum_impl.h): 32 sums side by side, each like FNV-1a over every 32nd word, folded into 16 bits with the
// block's number, which counts on over the segments of a relation.
#ifndef GPUPARSER_PAGES_CHECKSUM_H
#define GPUPARSER_PAGES_CHECKSUM_H

#include "types/wire.h"

namespace gp {

constexpr uint32_t kPageBytes = 8192, kPageHead = 24;
constexpr int kSums = 32;

// What sum i begins with.
GP_HD inline uint32_t sumBegin(int i) {
  constexpr uint32_t begin[kSums] = {0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
                                     0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
                                     0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
                                     0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756};
  return begin[i];
}

GP_HD inline uint32_t sumStep(uint32_t sum, uint32_t word) {
  const uint32_t mixed = sum ^ word;
  return mixed * 16777619u ^ mixed >> 17;
}

// The checksum's own field counts as 0.
constexpr uint32_t kChecksumWord = 2, kChecksumKept = 0xFFFF0000;

GP_HD inline uint16_t foldSums(uint32_t folded, uint32_t block) { return static_cast<uint16_t>((folded ^ block) % 65535 + 1); }

#ifdef __CUDA_ARCH__
__device__ inline uint16_t pageChecksum(const uint8_t* page, uint32_t block) {
  uint32_t folded = 0;
  for (int i = 0; i < kSums; i++) {
    uint32_t sum = sumBegin(i);
    for (uint32_t at = i; at < kPageBytes / 4; at += kSums) {
      const uint32_t word = LittleEndian::load32(page + 4 * at);
      sum = sumStep(sum, at == kChecksumWord ? word & kChecksumKept : word);
    }
    folded ^= sumStep(sumStep(sum, 0), 0);
  }
  return foldSums(folded, block);
}
#else
uint16_t pageChecksum(const uint8_t* page, uint32_t block);
#endif

}  // namespace gp

#endif
