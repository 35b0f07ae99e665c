#include "pages/settle.h"

#include <algorithm>

#include "lz4.h"
#include "pages/pglz.h"
#include "pages/text.h"

namespace gp {
namespace {

struct Piece {
  const uint8_t* bytes;
  uint32_t length;
};

// Appends what the datum at p decompresses to; false where it does not, exactly.
bool decompress(const uint8_t* p, Bytes& aside) {
  const uint32_t length = (LittleEndian::load32(p) >> 2) - kCompressedHead, info = LittleEndian::load32(p + 4);
  const uint32_t raw = info & kRawSize, method = info >> 30;
  if (method > 1 || raw > mostDecompressed(length)) return false;
  const uint8_t* in = p + kCompressedHead;
  uint8_t* out = aside.room(raw + kAsideSpare);
  if (method == 0) {
    if (!decompressPglz(in, length, out, raw)) return false;
  } else if (LZ4_decompress_safe(reinterpret_cast<const char*>(in), reinterpret_cast<char*>(out), static_cast<int>(length),
                                 static_cast<int>(raw)) != static_cast<int>(raw)) {
    return false;
  }
  aside.advance(raw);
  return true;
}

// The text of a value, made in `text` where its bytes are not it. False where there is none; state says why.
bool textOf(const DiskColumn& column, Piece& piece, char* text, gp_page_state& state) {
  int written = -1;
  switch (column.form) {
    case GP_DISK_PLAIN: return true;
    case GP_DISK_NAME: piece.length = static_cast<uint32_t>(strnlen(reinterpret_cast<const char*>(piece.bytes), piece.length)); return true;
    case GP_DISK_CHAR: piece.length = *piece.bytes == 0 ? 0 : 1; return true;
    case GP_DISK_ENUM: {
      const uint32_t oid = LittleEndian::load32(piece.bytes);
      const auto found = std::lower_bound(column.labels.begin(), column.labels.end(), oid,
                                          [](const Label& label, uint32_t wanted) { return label.oid < wanted; });
      if (found == column.labels.end() || found->oid != oid) {  // it came after the labels were asked for
        state = GP_PAGE_UNKNOWN;
        return false;
      }
      piece = {reinterpret_cast<const uint8_t*>(found->text.data()), static_cast<uint32_t>(found->text.size())};
      return true;
    }
    case GP_DISK_INET: written = inetText(piece.bytes, piece.length, text); break;
    case GP_DISK_MACADDR: written = macaddrText(piece.bytes, piece.length, text); break;
    default: written = lsnText(piece.bytes, text);
  }
  if (written < 0) return false;
  piece = {reinterpret_cast<const uint8_t*>(text), static_cast<uint32_t>(written)};
  return true;
}

}  // namespace

Settled settleColumn(const uint8_t* memory, const DiskColumn& column, Span* fields, size_t rows, Bytes& aside) {
  char text[kMostText];
  for (size_t i = 0; i < rows; i++) {
    Span& field = fields[i];
    const size_t start = aside.size();
    gp_page_state state = GP_PAGE_DAMAGED;
    if (field.length == kNullLength) continue;
    if (field.length == kCompressedLength) {
      // no type that is made into text is compressed: all are shorter than the 32 bytes that are tried
      if (column.form != GP_DISK_PLAIN || !decompress(memory + field.start, aside)) return {i, state};
    } else {
      Piece piece{memory + field.start, field.length};
      if (field.length == kMissingLength) {
        piece = {reinterpret_cast<const uint8_t*>(column.missing->data()), static_cast<uint32_t>(column.missing->size())};
      } else if (!textOf(column, piece, text, state)) {
        return {i, state};
      }
      aside.room(piece.length + kAsideSpare);
      aside.append(piece.bytes, piece.length);
    }
    if (aside.size() > UINT32_MAX - kAsideSpare) throw std::bad_alloc();
    field = {static_cast<uint32_t>(start), static_cast<uint32_t>(aside.size() - start)};
  }
  return {rows, GP_PAGE_MVCC};
}

}  // namespace gp
