import { relationsByName } from '../../postgres/catalog.js';
import { describedColumns } from '../../postgres/catalog-columns.js';
import { withDeclaredDimensions } from '../../postgres/declared-dimensions.js';
import type { Session } from '../../postgres/session.js';
import { requireDistinctNames, requireExported } from '../../types/column-choice.js';
import { columnWarnings } from '../../types/column-warnings.js';
import { planColumn } from '../../types/columns.js';
import { geoMetadata } from '../../types/geoparquet.js';
import { spatialFacts, withSrids } from '../../types/spatial.js';
import type { Layout, LookUp, Planning, SnapshotPlanning } from '../look-up.js';
import { type Explanation, explain } from './explain.js';
import { queryOrigin } from './origin.js';
import { ownersPolicyWarning, policyWarning } from './rights.js';
import { lockable, queryScan, quotedRelation } from './scans.js';
import { streamChunk, streamWarning } from './unsplittable.js';
import { bareQuery, proveQuery } from './user-sql.js';
import { blamingUserSql } from './user-sql-fault.js';

/** Proves a query and finds the relations it reads, so that they can be locked; waits for locks no longer than `lockTimeoutMs`. */
export async function lookUpQuery({ session, options }: Planning, lockTimeoutMs: number): Promise<LookUp> {
  const query = bareQuery(options.query as string);
  const relations = await relationsOf(session, query, lockTimeoutMs);
  const read = await relationsByName(session, relations);
  const locks = read
    .filter((relation) => lockable(relation) && relation.schemaUsable)
    .map((relation) => `ONLY ${quotedRelation(relation)}`);
  return { table: 'query', name: 'query', locks, lay: (planning) => layQuery(planning, query) };
}

/** In a transaction of its own, which bounds how long it waits: who parses and plans locks what is read, if for a moment. */
async function relationsOf(session: Session, query: string, lockTimeoutMs: number): Promise<Explanation['relations']> {
  await session.queries(['BEGIN', `SET LOCAL lock_timeout = ${Math.ceil(lockTimeoutMs)}`]);
  try {
    await proveQuery(session, query);
    return (await blamingUserSql({ query }, { source: 'query', table: 'query' }, () => explain(session, query))).relations;
  } finally {
    await session.query('ROLLBACK').catch(() => undefined);
  }
}

async function layQuery(planning: SnapshotPlanning, query: string): Promise<Layout | undefined> {
  const { session, options, context, policies, facts } = planning;
  const described = await proveQuery(session, query);
  const { rows, relations } = await blamingUserSql({ query }, { source: 'query', table: 'query' }, () => explain(session, query));
  const read = await relationsByName(session, relations);
  if (read.some(({ rewritten }) => rewritten)) return undefined;

  const bare = await describedColumns(session, described.columns);
  const available = await withDeclaredDimensions(session, bare, described.columns);
  requireDistinctNames(available);
  requireExported(policies, available, available, 'The query');
  const planned = available.map((column) => ({ column, plan: planColumn(column, { ...facts, policies }) }));
  const spatial = await spatialFacts(session, planned, async <Row>(sql: (from: string, condition: string) => string) => {
    const [row] = await session.query<Row>(sql(`(${query}\n) AS "query"`, ''));
    return row;
  });
  const columns = withSrids(planned, spatial);
  const geo = geoMetadata(planned, spatial);
  const unsplittable = 'a query has no ctid';
  const warnings = [
    ...columnWarnings(planned, policies),
    geo.warning,
    policyWarning(read) ?? (options.allowRowSecurity ? await ownersPolicyWarning(session, query) : undefined),
    streamWarning('The query', unsplittable, options.chunks ?? context.devices),
  ];
  return {
    source: 'query',
    columns,
    origin: await queryOrigin(planning, described.columns, columns, spatial),
    geo: geo.json,
    chunks: [streamChunk(queryScan(query, columns), options.rows)],
    estimatedRows: Math.min(rows, options.rows ?? rows),
    exactRows: false,
    heapBytes: 0,
    unsplittable,
    warnings: warnings.filter((warning) => warning !== undefined),
  };
}
