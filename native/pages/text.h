// Types whose values become the server's text: what a cast of inet or cidr to text gives (network_show,
// always with the bits), and what macaddr_out, macaddr8_out and pg_lsn_out write.
#ifndef GPUPARSER_PAGES_TEXT_H
#define GPUPARSER_PAGES_TEXT_H

#include "types/wire.h"

namespace gp {

constexpr uint32_t kMostText = 64;  // bytes of any of them: a mapped IPv6 address in full takes 49

struct TextOut {
  char* at;

  GP_HD void put(char c) { *at++ = c; }
  GP_HD void decimal(uint32_t v) {
    if (v >= 10) decimal(v / 10);
    put(static_cast<char>('0' + v % 10));
  }
  GP_HD void digit(uint32_t v, bool capital) { put(static_cast<char>(v < 10 ? '0' + v : (capital ? 'A' : 'a') + v - 10)); }
  // Without leading zeros.
  GP_HD void hex(uint32_t v, bool capital = false) {
    if (v >= 16) hex(v / 16, capital);
    digit(v % 16, capital);
  }
};

GP_HD inline void ipv4(const uint8_t* p, TextOut& out) {
  for (int i = 0; i < 4; i++) {
    if (i > 0) out.put('.');
    out.decimal(p[i]);
  }
}

// inet_net_ntop.c, inet_net_ntop_ipv6: the first longest run of two or more zero groups is left out, and an embedded IPv4 address is
// written as one.
GP_HD inline void ipv6(const uint8_t* p, TextOut& out) {
  uint32_t groups[8];
  for (int i = 0; i < 8; i++) groups[i] = static_cast<uint32_t>(p[2 * i] << 8 | p[2 * i + 1]);
  int best = -1, length = 0;
  for (int i = 0; i < 8; i++) {
    int end = i;
    while (end < 8 && groups[end] == 0) end++;
    if (end - i > length) {
      best = i;
      length = end - i;
    }
    if (end > i) i = end;
  }
  if (length < 2) best = -1;
  for (int i = 0; i < 8; i++) {
    if (best >= 0 && i >= best && i < best + length) {
      if (i == best) out.put(':');
      continue;
    }
    if (i > 0) out.put(':');
    if (i == 6 && best == 0 && (length == 6 || (length == 7 && groups[7] != 1) || (length == 5 && groups[5] == 0xFFFF))) {
      ipv4(p + 12, out);
      return;
    }
    out.hex(groups[i]);
  }
  if (best >= 0 && best + length == 8) out.put(':');
}

// family (2: IPv4, 3: IPv6), bits, address. Returns the text's length, or -1.
GP_HD inline int inetText(const uint8_t* p, uint32_t length, char* text) {
  if (length < 2 || (p[0] != 2 && p[0] != 3)) return -1;
  const uint32_t most = p[0] == 2 ? 32 : 128;
  if (length != 2 + most / 8 || p[1] > most) return -1;
  TextOut out{text};
  if (p[0] == 2) ipv4(p + 2, out);
  else ipv6(p + 2, out);
  out.put('/');
  out.decimal(p[1]);
  return static_cast<int>(out.at - text);
}

GP_HD inline int macaddrText(const uint8_t* p, uint32_t length, char* text) {
  TextOut out{text};
  for (uint32_t i = 0; i < length; i++) {
    if (i > 0) out.put(':');
    out.digit(p[i] >> 4, false);
    out.digit(p[i] & 15, false);
  }
  return static_cast<int>(out.at - text);
}

GP_HD inline int lsnText(const uint8_t* p, char* text) {
  TextOut out{text};
  const uint64_t lsn = LittleEndian::load64(p);
  out.hex(static_cast<uint32_t>(lsn >> 32), true);
  out.put('/');
  out.hex(static_cast<uint32_t>(lsn), true);
  return static_cast<int>(out.at - text);
}

}  // namespace gp

#endif
