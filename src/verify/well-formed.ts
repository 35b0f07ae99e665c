import { isUtf8 } from 'node:buffer';

/** A text's bytes are decoded in pieces of this size: a string has at most half a GiB. */
const PIECE_BYTES = 1 << 20;

/**
 * The text that --invalid-utf8 replace makes of bytes: U+FFFD for each maximal part that begins no valid sequence, as the Unicode
 * Standard recommends and the Encoding Standard's decoder does (https://encoding.spec.whatwg.org/#utf-8-decoder). Node's own
 * decoder does it here, so that the engine's (native/types/utf8.h) is held to another's work.
 * @returns `bytes` themselves where they are UTF-8
 */
export function wellFormed(bytes: Uint8Array): Uint8Array {
  if (isUtf8(bytes)) return bytes;
  // A byte order mark is a character like any other.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    parts.push(Buffer.from(decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true })));
  parts.push(Buffer.from(decoder.decode()));
  return Buffer.concat(parts);
}
