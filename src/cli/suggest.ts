import { editDistance } from '../edit-distance.js';

/** The known word a mistyped one most likely meant, or undefined when none is close. */
export function closest(given: string, known: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const started = known.filter((candidate) => word.length >= 2 && candidate.startsWith(word));
  if (started.length === 1) return started[0];
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}
