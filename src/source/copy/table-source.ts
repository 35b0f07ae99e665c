import type { Plan } from '../../plan/plan.js';
import { findRelation, type Relation, relationsByName, relationTree } from '../../postgres/catalog.js';
import { type CatalogColumn, divergentColumns, relationColumns } from '../../postgres/catalog-columns.js';
import { withDeclaredDimensions } from '../../postgres/declared-dimensions.js';
import { nameCandidates } from '../../postgres/identifier.js';
import { chooseColumns, requireExported } from '../../types/column-choice.js';
import { columnWarnings } from '../../types/column-warnings.js';
import { planColumn } from '../../types/columns.js';
import { geoMetadata } from '../../types/geoparquet.js';
import { fileNames } from '../../types/rename.js';
import { spatialFacts, withSrids } from '../../types/spatial.js';
import type { Layout, LookUp, Planning, SnapshotPlanning } from '../look-up.js';
import { type Explanation, relationKey } from './explain.js';
import { explainScans, firstRowOf, treeScans } from './explain-tree.js';
import { findSource } from './find-table.js';
import { layChunks } from './layout.js';
import { tableOrigin } from './origin.js';
import { readingOf, readsMembers } from './reading.js';
import { ownersPolicyWarning, policyWarning, requireSelectable } from './rights.js';
import { lockable, quotedRelation, treeScan } from './scans.js';
import { isForRootOnly } from './tree-condition.js';
import { streamWarning } from './unsplittable.js';
import { proveCondition } from './user-sql.js';
import { blamingUserSql } from './user-sql-fault.js';

/** Finds the table, checks the rights to it, and says what to lock. */
export async function lookUpTable({ session, options }: Planning): Promise<LookUp> {
  const relation = await findSource(session, options);
  if (!relation.selectable) {
    const columns = await relationColumns(session, relation.oid, []);
    requireSelectable(relation, chooseColumns(columns, options, relation.display));
  }
  return {
    table: relation.display,
    name: relation.name,
    locks: lockable(relation) ? [quotedRelation(relation)] : [],
    lay: (planning) => layTable(planning, relation),
  };
}

const SOURCES: Readonly<Record<string, Plan['source']>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

async function layTable(planning: SnapshotPlanning, lookedUp: Relation): Promise<Layout | undefined> {
  const { session, options, context, policies, facts } = planning;
  // What LOCK TABLE does not take is locked by this, and compared with the snapshot below.
  if (!lockable(lookedUp)) await session.query(`SELECT FROM ${quotedRelation(lookedUp)} WHERE false`);
  const root = await findRelation(session, nameCandidates(options.table as string), true);
  if (root === undefined || root.oid !== lookedUp.oid || root.kind !== lookedUp.kind) return undefined;
  const tree = root.hasChildren ? await relationTree(session, root.oid) : [root];
  const members = tree.filter(({ kind }) => kind === 'r' || kind === 'm' || kind === 'f');

  // A foreign table's NOT NULL is a promise nobody keeps, and views have none.
  const enforced = members.some(({ kind }) => kind === 'f') ? [] : members;
  const found = await relationColumns(
    session,
    root.oid,
    enforced.map(({ oid }) => oid),
  );
  const divergent = await divergentColumns(
    session,
    root.oid,
    members.map(({ oid }) => oid),
  );
  // What the members made sure of is not what the root computes.
  const declared =
    root.kind === 'v' || root.kind === 'm'
      ? await withDeclaredDimensions(session, found, (await session.describe(`SELECT * FROM ${quotedRelation(root)}`)).columns)
      : found;
  const available = declared.map((column) => (divergent.has(column.name) ? { ...column, notNull: false } : column));
  const chosen = chooseColumns(available, options, root.display);
  requireSelectable(root, chosen);
  requireExported(policies, available, chosen, root.display);
  const names = fileNames(options.rename, available, chosen, root.display);
  const planned = chosen.map((column: CatalogColumn) => ({
    column,
    plan: { ...planColumn(column, { ...facts, policies }), ...names.get(column.name) },
  }));
  const forms = planned.map(({ plan }) => plan);

  const whole = treeScan(root, forms, options.where, members.length > 1);
  let rootOnly = chosen.some(({ name }) => divergent.has(name));
  if (options.where !== undefined) {
    await proveCondition(session, whole.from, options.where);
    rootOnly ||= divergent.size > 0 || (await isForRootOnly(session, root, members, options.where));
  }
  const source = SOURCES[root.kind] as Plan['source'];
  const direct = readsMembers(root, members, rootOnly);
  const scans = await treeScans(session, { root, whole, members, direct, slots: facts.lockSlots });
  const explanation = await blamingUserSql(options, { source, table: root.display }, () => explainScans(session, scans));
  const inTree = new Set(tree.map(relationKey));
  const others = await relationsByName(
    session,
    explanation.relations.filter((name) => !inTree.has(relationKey(name))),
  );
  if ([...tree, ...others].some(({ rewritten }) => rewritten)) return undefined;

  const spatial = await spatialFacts(session, planned, firstRowOf(session, scans));
  const columns = withSrids(planned, spatial);
  const geo = geoMetadata(planned, spatial);
  const reading = readingOf({
    root,
    members: inPlanOrder(members, explanation, options.where !== undefined),
    serverVersion: session.serverVersion,
    rows: options.rows,
    indexed: options.where === undefined ? [] : explanation.indexed,
    rootOnly,
  });
  const table = { root, columns, whole, reading, expected: explanation.rows };
  const layout = await blamingUserSql(options, { source, table: root.display }, () => layChunks(planning, table));
  const warnings = [
    ...columnWarnings(planned, policies),
    geo.warning,
    // A view may read with the rights of who asks, and the condition may ask other tables.
    policyWarning([root, ...others]) ??
      (root.kind === 'v' && options.allowRowSecurity ? await ownersPolicyWarning(session, whole.select) : undefined),
    'unsplittable' in reading ? streamWarning(root.display, reading.unsplittable, options.chunks ?? context.devices) : undefined,
    standbyWarning(planning),
  ];
  return {
    source,
    columns,
    origin: await tableOrigin(planning, root, source, columns, spatial, {
      own: root.kind === 'p' || members.length === 1,
      foreign: members.some(({ kind }) => kind === 'f'),
    }),
    geo: geo.json,
    ...layout,
    warnings: warnings.filter((warning) => warning !== undefined),
  };
}

/**
 * The relations in the planner's order, which for partitions is that of their bounds. With a condition, those that the planner
 * proved to hold no row that meets it are left out; not so when that depends on the moment of execution.
 */
export function inPlanOrder(members: readonly Relation[], explanation: Explanation, conditional: boolean): Relation[] {
  const place = new Map(explanation.relations.map((name, index) => [relationKey(name), index]));
  const placeOf = (member: Relation) => place.get(relationKey(member)) ?? Number.POSITIVE_INFINITY;
  const prune = conditional && !explanation.pruned;
  return members
    .filter((member) => !prune || place.has(relationKey(member)))
    .sort((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
}

function standbyWarning({ facts }: SnapshotPlanning): string | undefined {
  if (!facts.standby || facts.hotStandbyFeedback) return undefined;
  return `The server is a standby without hot_standby_feedback: what the primary removes meanwhile may cancel a long export (max_standby_streaming_delay is ${facts.standbyDelay}).`;
}
