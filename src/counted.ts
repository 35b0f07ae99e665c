/** `1,234,567`. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 row`, `1,234 rows`, `2 batches`: every number with its noun in a message is written here. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${nounOf(value, noun)}`;
}

/** The noun alone, for a number that is written in another way. */
export function nounOf(value: number, noun: string): string {
  if (value === 1) return noun;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
