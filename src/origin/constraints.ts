import type { Origin, OriginColumn, OriginConstraint, OriginRelation } from './origin.js';
import { disabled, identifier, remark } from './sql.js';

/** Which constraints a table is made with again, and which only stand behind it, in comments. */
export interface Keeping {
  readonly kept: readonly OriginConstraint[];
  /** Comment lines, those that say why in front. */
  readonly left: readonly string[];
}

type Reason = 'lacking' | 'bound' | 'open' | 'foreign';

const REASONS: Readonly<Record<Reason, string>> = {
  lacking: 'Left out, for the file lacks some of their columns:',
  bound: 'Left out, for they need functions, operators, types or collations of the database:',
  open: 'Left out, for rows of the file may break them:',
  foreign: 'Left out, for they need other tables:',
};

/**
 * Sorts a table's constraints. Those that are left out, and could be added, are statements behind two dashes.
 * @param table its qualified name
 */
export function constraintsOf(origin: Origin, table: string): Keeping {
  const { relation, columns } = origin;
  const here = new Set(columns.map(ownName));
  // NOT NULL goes with its column.
  const all = (relation?.constraints ?? keyAlone(relation)).filter(
    (each) => each.type !== 'not null' || here.has(each.columns[0] as string),
  );
  const left: string[] = [];
  for (const [reason, why] of Object.entries(REASONS)) {
    const some = all.filter((constraint) => reasonAgainst(constraint, here) === reason);
    if (some.length > 0)
      left.push(remark(why), ...some.map(({ name, sql }) => disabled(`ALTER TABLE ${table} ADD CONSTRAINT ${identifier(name)} ${sql};`)));
  }
  return { kept: all.filter((constraint) => reasonAgainst(constraint, here) === undefined), left };
}

function reasonAgainst({ type, columns, portable, holds }: OriginConstraint, here: ReadonlySet<string>): Reason | undefined {
  if (!columns.every((name) => here.has(name))) return 'lacking';
  if (type === 'foreign key') return 'foreign';
  if (!portable) return 'bound';
  return holds ? undefined : 'open';
}

/** All that files of the first versions tell. */
function keyAlone(relation: OriginRelation | undefined): readonly OriginConstraint[] {
  const key = relation?.primaryKey;
  if (key === undefined) return [];
  const sql = `PRIMARY KEY (${key.columns.map(identifier).join(', ')})`;
  return [{ ...key, type: 'primary key', sql, portable: true, holds: true }];
}

/** A column's name in the table that its rows came from. */
export const ownName = ({ name, renamedFrom }: OriginColumn): string => renamedFrom ?? name;

/** The name of a column's NOT NULL, where PostgreSQL 18 would not give that name itself. */
export function nameOfNotNull(relation: OriginRelation | undefined, column: OriginColumn): string | undefined {
  const name = ownName(column);
  const own = relation?.constraints?.find(({ type, columns }) => type === 'not null' && columns[0] === name);
  return own?.name === `${relation?.name}_${name}_not_null` ? undefined : own?.name;
}
