import type { NodePlan } from '../plan/plan.js';
import { quoteIdentifier } from '../postgres/identifier.js';
import { BYTEA, type CanonicalSql, type TextFacts, valueSql } from './value-sql.js';

// The text of a nested value, which tells apart everything that differs: a value as its length and its text (`3:abc`), NULL as `~`,
// a list as `[...]`, a struct or range as `(...)`. nested-text.ts writes the same of the files.

/** A column of a nested kind; NULL where it is NULL. */
export function nestedSql(plan: NodePlan, x: string, facts: TextFacts): CanonicalSql {
  if (plan.kind === 'interval') {
    const { sql, terms } = valueSql(plan, x, facts);
    return { sql: `pg_catalog.octet_length(${sql})::text || ':' || ${sql}`, terms };
  }
  const terms = new Set<string>();
  // A row of NULLs "is NULL" too; only this asks for the value itself.
  const nested = new NestedSql(facts, terms);
  const sql = `CASE WHEN ${x} IS DISTINCT FROM NULL THEN ${nested.value(plan, x)} END`;
  return { sql: nested.possible ? sql : undefined, terms: terms.size === 0 ? undefined : [...terms].join('; ') };
}

class NestedSql {
  readonly #facts: TextFacts;
  readonly #terms: Set<string>;
  #names = 0;
  /** False once a value was met that the server cannot say. */
  possible = true;

  constructor(facts: TextFacts, terms: Set<string>) {
    this.#facts = { ...facts, typeOid: BYTEA };
    this.#terms = terms;
  }

  /** SQL that is never NULL. */
  value(plan: NodePlan, x: string): string {
    const [first] = plan.children ?? [];
    switch (plan.kind) {
      case 'list':
        return this.#orNull(x, this.#array(first as NodePlan, x, plan.precision));
      case 'multirange':
        return this.#orNull(x, this.#elements(first as NodePlan, x));
      case 'vector':
      case 'halfvec':
        return this.#orNull(x, this.#elements({ ...plan, kind: 'float4' }, `${x}::real[]`));
      case 'struct':
        return this.#orNull(
          x,
          this.#group((plan.children ?? []).map((child) => this.value(child, `(${x}).${quoteIdentifier(child.name)}`))),
        );
      case 'range': {
        const bounds = ['lower', 'upper'].map((name) => this.value(first as NodePlan, `pg_catalog.${name}(${x})`));
        return this.#orNull(
          x,
          this.#group([...bounds, ...['lower_inc', 'upper_inc', 'isempty'].map((name) => leaf(`pg_catalog.${name}(${x})::text`))]),
        );
      }
      // hstore's own text needs none of its functions, which may be out of the search path. Where the server converts, it is no map.
      case 'map':
        return leaf(`${x}::text`);
      default: {
        const { sql, terms } = valueSql(plan, x, this.#facts);
        if (terms !== undefined) this.#terms.add(terms);
        if (sql === undefined) this.possible = false;
        return leaf(sql ?? 'NULL');
      }
    }
  }

  #orNull(x: string, sql: string): string {
    return `CASE WHEN ${x} IS DISTINCT FROM NULL THEN ${sql} ELSE '~' END`;
  }

  #group(members: readonly string[]): string {
    return `'(' || ${[...members, `')'`].join(' || ')}`;
  }

  /** In a select list, unnest() leaves composites whole; its order is the array's. */
  #elements(element: NodePlan, x: string): string {
    const name = `s${++this.#names}`;
    return `'[' || coalesce((SELECT pg_catalog.string_agg(${this.value(element, `${name}.e`)}, '') FROM (SELECT pg_catalog.unnest(${x}) AS e) AS ${name}), '') || ']'`;
  }

  /** An array that a list of this depth cannot say is its own text. */
  #array(element: NodePlan, x: string, depth: number): string {
    const levels = Array.from({ length: depth }, (_, i) => i + 1);
    const plain = [
      `coalesce(pg_catalog.array_ndims(${x}), ${depth}) = ${depth}`,
      ...levels.map((level) => `coalesce(pg_catalog.array_lower(${x}, ${level}), 1) = 1`),
    ];
    const list = depth === 1 ? this.#elements(element, x) : this.#level(element, x, depth, 1, '');
    return `CASE WHEN ${plain.join(' AND ')} THEN ${list} ELSE '!' || ${x}::text END`;
  }

  #level(element: NodePlan, x: string, depth: number, level: number, places: string): string {
    if (level > depth) return this.value(element, `(${x})${places}`);
    const n = `n${++this.#names}`;
    const inner = this.#level(element, x, depth, level + 1, `${places}[${n}]`);
    return `'[' || coalesce((SELECT pg_catalog.string_agg(${inner}, '' ORDER BY ${n}) FROM pg_catalog.generate_series(1, pg_catalog.array_length(${x}, ${level})) AS ${n}), '') || ']'`;
  }
}

const leaf = (text: string): string => `coalesce(pg_catalog.octet_length(${text})::text || ':' || ${text}, '~')`;
