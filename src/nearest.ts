import { editDistance } from './edit-distance.js';

/** Up to `count` of the known names that a mistyped one most likely meant, nearest first; letter case hardly counts. */
export function nearest(given: string, known: readonly string[], count = 3): string[] {
  const limit = Math.max(1, Math.floor([...given].length / 3));
  return [...new Set(known)]
    .map((name) => ({ name, distance: distance(given, name, limit) }))
    .filter((entry) => entry.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map((entry) => entry.name);
}

function distance(given: string, name: string, limit: number): number {
  const [a, b] = [given.toLowerCase(), name.toLowerCase()];
  return Math.abs(a.length - b.length) > limit ? Number.POSITIVE_INFINITY : editDistance(a, b);
}

/** The known word a mistyped or shortened one most likely meant, or undefined when none is close. */
export function closest(given: string, known: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const started = known.filter((candidate) => word.length >= 2 && candidate.startsWith(word));
  return started.length === 1 ? started[0] : nearest(word, known, 1)[0];
}
