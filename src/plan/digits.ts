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
