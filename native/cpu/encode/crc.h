// CRC-32 of page bytes, as parquet.thrift asks: the polynomial of zlib and gzip (0x04C11DB7, reflected).
#ifndef GPUPARSER_CPU_ENCODE_CRC_H
#define GPUPARSER_CPU_ENCODE_CRC_H

#include <cstddef>
#include <cstdint>

namespace gp {

// By carry-less multiplication where the processor has it, else by tables.
uint32_t crc32(const uint8_t* bytes, size_t length);

// By tables alone; for tests to compare with.
uint32_t crc32ByTables(const uint8_t* bytes, size_t length);

}  // namespace gp

#endif
