import type { Relation } from '../../postgres/catalog.js';
import { type RelationName, relationKey } from './explain.js';

/** How a table's rows are read. */
export type Reading =
  /** Relation by relation, each named directly and cut by ctid. */
  | { readonly by: 'members'; readonly members: readonly Relation[] }
  /** All through the root, cut by ctid ranges that hold for every member at once. */
  | { readonly by: 'root'; readonly members: readonly Relation[] }
  /** One stream; `unsplittable` says why, as a clause. */
  | { readonly by: 'stream'; readonly members: readonly Relation[]; readonly unsplittable: string };

export interface ReadingFacts {
  readonly root: Relation;
  /** What holds rows: the root itself, its partitions, its children; empty for a view. */
  readonly members: readonly Relation[];
  readonly serverVersion: number;
  /** The -r limit. */
  readonly rows: number | undefined;
  /** Relations whose rows the planner would find through an index. */
  readonly indexed: readonly RelationName[];
  /** Whether the user's condition, or a column, may mean something else of a member than of the root. */
  readonly rootOnly: boolean;
}

/** Whether each member may be read by itself, with the same meaning as through the root. */
export function readsMembers(root: Relation, members: readonly Relation[], rootOnly: boolean): boolean {
  return (
    !rootOnly &&
    !root.rowSecurityActive &&
    members.every(({ selectable, schemaUsable, rowSecurityActive }) => selectable && schemaUsable && !rowSecurityActive)
  );
}

/** Decides how to read a table. */
export function readingOf({ root, members, serverVersion, rows, indexed, rootOnly }: ReadingFacts): Reading {
  const stream = (unsplittable: string): Reading => ({ by: 'stream', members, unsplittable });
  if (root.kind === 'v') return stream('a view has no ctid');
  if (root.kind === 'f') return stream('a foreign table has no ctid');
  if (members.length === 0) return stream('it has no partition to read');
  if (serverVersion < 140000) return stream(`PostgreSQL ${Math.floor(serverVersion / 10000)} has no ctid range scan (14 and later have)`);
  const odd = members.find(({ accessMethod, kind }) => kind !== 'f' && accessMethod !== 'heap');
  if (odd !== undefined) return stream(`${odd.display} has access method ${odd.accessMethod}`);
  const byIndex = new Set(indexed.map(relationKey));
  if (members.some((member) => byIndex.has(relationKey(member)))) return stream('the server answers the condition through an index');

  const foreign = members.find(({ kind }) => kind === 'f');
  if (foreign !== undefined && rows !== undefined) return stream(`${foreign.display} is a foreign table, which has no ctid to cut at`);
  const direct = readsMembers(root, members, rootOnly);
  // Rights on columns reach ctid only where they were granted on the table.
  if (direct || (members.length === 1 && members[0]?.oid === root.oid && root.ctidSelectable)) return { by: 'members', members };
  if (foreign !== undefined) return stream(`${foreign.display} is a foreign table, which has no ctid to cut at`);
  if (!root.ctidSelectable) return stream('the role has rights on columns only, and ctid is not one of them');
  if (members.length > 1 && rows !== undefined)
    return stream('rows of different partitions share their ctids when read through the parent');
  return { by: 'root', members };
}
