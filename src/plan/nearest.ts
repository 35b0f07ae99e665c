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

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforePrevious[j - 2] as number) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (previous[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    [beforePrevious, previous] = [previous, row];
  }
  return previous[b.length] as number;
}
