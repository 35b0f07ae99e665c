import type { EngineError } from '../engine/status.js';
import { shellWord } from '../plan/column-words.js';
import { type FlatNode, sourceName } from '../plan/nodes.js';
import type { Kind } from '../plan/plan.js';

const TIMES = new Set<Kind>(['date', 'timestamp', 'timestamptz', 'time', 'interval']);

/** The engine names a value and leaves it to its caller to say what is wrong with an infinite one. */
export function whatIsWrong({ message, reason }: EngineError, at: FlatNode | undefined): string {
  const infinite = at && reason === 'infinity' && TIMES.has(at.node.kind);
  return infinite ? `${message} has no place in ${at.node.parquetType}` : message;
}

/** Which option lets the value through. */
export function hintFor({ reason, number }: EngineError, at: FlatNode | undefined): string | undefined {
  if (at === undefined) return undefined;
  const { column, node } = at;
  const { kind } = node;
  const name = sourceName(column);
  const own = (flag: string, word: string) => `(for this column alone: ${flag} ${shellWord(name)}=${word})`;
  if (reason === 'dimensions' || reason === 'lower_bound') {
    // No list has a lower bound.
    const nested = reason === 'dimensions' && column.policies.arrays !== 'nested';
    const declaring = nested ? `, or --arrays nested where the column is declared with ${number} dimensions` : '';
    return `Use --arrays text ${own('--arrays', 'text')}${declaring}.`;
  }
  if (reason === 'nan') return `Use --nan null ${own('--nan', 'null')} to export NaN as NULL.`;
  if (reason === 'infinity' || reason === 'range') return `Use --infinity null or --infinity saturate ${own('--infinity', 'null')}.`;
  if ((kind === 'decimal' || kind === 'numeric_double') && column.policies.type === undefined)
    return `Use --numeric string ${own('--numeric', 'string')} to export such values exactly as text.`;
  if (reason === 'utf8' && node === column)
    return `Use --invalid-utf8 replace or --invalid-utf8 binary ${own('--invalid-utf8', 'binary')}.`;
  return `Export the column as text with --type ${shellWord(name)}=text, or leave it out with --exclude-columns.`;
}
