/** A decimal's digits in all, and those behind the point. */
export interface Digits {
  readonly precision: number;
  readonly scale: number;
}

/** The widest DECIMAL that 16 bytes hold. */
export const MAX_PRECISION = 38;

/** The digits of `decimal(P,S)` with 1 <= P <= 38 and 0 <= S <= P, else undefined. */
export function parseDecimal(text: string): Digits | undefined {
  const match = /^decimal\(\s*(\d{1,4})\s*(?:,\s*(\d{1,4})\s*)?\)$/i.exec(text.trim());
  const [precision, scale] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  return match && precision >= 1 && precision <= MAX_PRECISION && scale <= precision ? { precision, scale } : undefined;
}

/** The DECIMAL's digits of a numeric with this type modifier; undefined where none were declared or 38 do not hold them. */
export function declaredDigits(typmod: number): Digits | undefined {
  if (typmod < 0) return undefined;
  const { precision, scale } = numericModifier(typmod);
  const digits = scale < 0 ? { precision: precision - scale, scale: 0 } : { precision: Math.max(precision, scale), scale };
  return digits.precision <= MAX_PRECISION ? digits : undefined;
}

/** numeric's type modifier: precision in the upper 16 bits, scale as an 11-bit signed number (numeric.c, make_numeric_typmod). */
export function numericModifier(typmod: number): Digits {
  const packed = typmod - 4;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}
