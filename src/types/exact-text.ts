import type { BaseType } from '../postgres/catalog-types.js';
import { isBuiltIn } from './base-type.js';

/** Types whose texts are names of objects, which the server qualifies only where the search path does not find them. */
// biome-ignore format: a list of words
const NAMES = ['regclass', 'regtype', 'regproc', 'regprocedure', 'regoper', 'regoperator', 'regconfig', 'regdictionary', 'regcollation'];

/**
 * SQL for the server's exact text of a column, the same whoever asks: what is a name, or holds one, has its text made under an empty
 * search path, so that only names of pg_catalog stay bare. The path is set for that cast alone, between the value, which may call
 * functions that look for things on the user's path, and what comes after it: OFFSET 0 has the value computed first, and an array's
 * elements are computed in their order.
 * @param to `text`, or `text[]` for the texts of an array's elements
 */
export function exactText(type: BaseType, column: string, to: 'text' | 'text[]' = 'text'): string {
  if (!holdsNames(type)) return `${column}::${to}`;
  const setPath = (path: string) => `pg_catalog.set_config('search_path', ${path}, true)`;
  return `(SELECT (ARRAY[${setPath("''")}, s.v::text, ${setPath('s.path')}])[2]
    FROM (SELECT ${column} AS v, pg_catalog.current_setting('search_path') AS path OFFSET 0) AS s)::${to}`;
}

function holdsNames(type: BaseType): boolean {
  return isBuiltIn(type, ...NAMES) || type.parts.some(({ base }) => holdsNames(base));
}
