import type { ScanPlan } from '../../plan/plan.js';
import type { Relation } from '../../postgres/catalog.js';
import type { Session } from '../../postgres/session.js';
import type { FirstRow } from '../../types/spatial.js';
import { type Explanation, explain, relationKey } from './explain.js';
import { PassingLocks } from './passing-locks.js';
import { onlyScan } from './scans.js';

/** Of the server's lock table, what the plan of one statement may take: others need it too. */
const SHARE = 1 / 8;

/** Scans to plan as one, or one after the other. */
export interface TreeScans {
  readonly scans: readonly ScanPlan[];
  /** Statements over the whole tree would take too many locks. */
  readonly apart: boolean;
}

/**
 * How to ask the planner about a tree: by its root, or member by member where planning by the root would fill the server's lock
 * table, as it locks each member and each of its indexes.
 * @param direct whether members may be read by themselves, with the same meaning
 * @param slots of the server's lock table
 */
export async function treeScans(
  session: Session,
  {
    root,
    whole,
    members,
    direct,
    slots,
  }: { root: Relation; whole: ScanPlan; members: readonly Relation[]; direct: boolean; slots: number },
): Promise<TreeScans> {
  const together: TreeScans = { scans: [whole], apart: false };
  if (!direct || members.length < 2) return together;
  const [row] = await session.query<{ count: string }>(
    'SELECT pg_catalog.count(*) AS count FROM pg_catalog.pg_index WHERE indrelid = ANY ($1::oid[])',
    [members.map(({ oid }) => String(oid))],
  );
  if (members.length + Number(row?.count) <= slots * SHARE) return together;
  return { scans: members.map((member) => onlyScan(member, root, [], whole.where)), apart: true };
}

/** What the planner says of the scans together. */
export async function explainScans(session: Session, { scans }: TreeScans): Promise<Explanation> {
  const relations = new Map<string, Explanation['relations'][number]>();
  const indexed = new Map<string, Explanation['relations'][number]>();
  let rows = 0;
  let pruned = false;
  for (const scan of scans) {
    const condition = scan.where === undefined ? '' : ` WHERE (${scan.where}\n)`;
    const found = await explain(session, `${scan.select}${condition}`);
    rows += found.rows;
    pruned ||= found.pruned;
    for (const name of found.relations) relations.set(relationKey(name), name);
    for (const name of found.indexed) indexed.set(relationKey(name), name);
  }
  return { rows, relations: [...relations.values()], indexed: [...indexed.values()], pruned };
}

/** See FirstRow: over the scans, one after the other. */
export function firstRowOf(session: Session, { scans }: TreeScans): FirstRow {
  return async <Row>(sql: (from: string, condition: string) => string) => {
    const locks = new PassingLocks(session, false);
    let row: Row | undefined;
    for (const scan of scans) {
      await locks.enter(scan);
      [row] = await session.query<Row>(sql(scan.from, scan.where === undefined ? '' : ` AND (${scan.where}\n)`));
      if (row !== undefined) break;
    }
    await locks.leave();
    return row;
  };
}
