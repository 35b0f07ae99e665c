import type { TypeTree } from './nested-text.js';
import type { TestServer } from './server.js';

interface TypeRow {
  readonly name: string;
  readonly kind: string;
  readonly base: string;
  readonly element: string;
  readonly members: readonly (readonly [name: string, type: string, typmod: number])[];
}

/** The types of a relation's columns, in order, as deep as they go. */
export async function typeTrees(server: TestServer, relation: string): Promise<TypeTree[]> {
  const types = new Map<string, TypeRow>();
  const rows = await server.sql(
    `SELECT oid, format_type(oid, NULL) AS name, typtype AS kind, typbasetype AS base, CASE WHEN typcategory = 'A' THEN typelem ELSE 0 END AS element,
       (SELECT json_agg(json_build_array(attname, atttypid::text, atttypmod) ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped AND typtype = 'c') AS members FROM pg_type`,
  );
  for (const { oid, name, kind, base, element, members } of rows)
    types.set(oid as string, {
      name: name as string,
      kind: kind as string,
      base: base as string,
      element: element as string,
      members: JSON.parse(members ?? '[]') as TypeRow['members'],
    });
  const tree = (oid: string): TypeTree => {
    const type = types.get(oid) as TypeRow;
    if (type.kind === 'd') return tree(type.base);
    if (type.name === 'hstore') return { kind: 'hstore' };
    // These have lower bound 0 and are exported as text.
    if (type.name === 'int2vector' || type.name === 'oidvector') return { kind: 'scalar', type: type.name };
    if (type.element !== '0') return { kind: 'array', item: tree(type.element) };
    if (type.kind === 'c') return { kind: 'struct', members: type.members.map(([name, member]) => [name, tree(member)]) };
    return { kind: 'scalar', type: type.name };
  };
  const columns = await server.sql(
    'SELECT atttypid FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
    [relation],
  );
  return columns.map(({ atttypid }) => tree(atttypid as string));
}
