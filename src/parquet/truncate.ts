/** A lower bound of at most `length` bytes: a prefix, for text one of whole characters. */
export function truncateMin(value: Uint8Array, length: number, isText: boolean): Uint8Array {
  return value.subarray(0, isText ? wholeCharacters(value, length) : length);
}

/**
 * An upper bound of about `length` bytes: a prefix whose last character (text) or byte that can be raised is raised by one,
 * with the rest cut off. Undefined when none can be.
 */
export function truncateMax(value: Uint8Array, length: number, isText: boolean): Uint8Array | undefined {
  const characters = isText ? charactersOf(value.subarray(0, wholeCharacters(value, length))) : undefined;
  if (characters !== undefined) return raiseText(characters);
  const prefix = new Uint8Array(value.subarray(0, length));
  for (let i = length - 1; i >= 0; i--) {
    if (prefix[i] === 0xff) continue;
    prefix[i] = (prefix[i] as number) + 1;
    return prefix.subarray(0, i + 1);
  }
  return undefined;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function wholeCharacters(value: Uint8Array, length: number): number {
  let end = Math.min(length, value.length);
  while (end > 0 && isContinuation(value[end])) end--;
  return end;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined when the bytes are not UTF-8. */
function charactersOf(bytes: Uint8Array): string[] | undefined {
  try {
    return [...strict.decode(bytes)];
  } catch {
    return undefined;
  }
}

/** Undefined when there is nothing but the last code point. */
function raiseText(characters: string[]): Uint8Array | undefined {
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0) as number;
    if (code === 0x10ffff) continue;
    // The code points behind U+D7FF up to U+DFFF are surrogates, which UTF-8 does not have.
    const next = String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1);
    return new TextEncoder().encode(characters.join('') + next);
  }
  return undefined;
}
