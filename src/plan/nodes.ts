import type { ColumnPlan, Kind, NodePlan } from './plan.js';

/** A node of the columns' trees in the list that native code takes. */
export interface FlatNode {
  readonly node: NodePlan;
  /** The column it belongs to. */
  readonly column: ColumnPlan;
  /** Place of the node above in the list; -1 for a column. */
  readonly parent: number;
  /** How to say which value inside the column is meant: `items[].price`; the column's own name for itself. */
  readonly path: string;
}

/** A column's name in the source, by which options and messages call it. */
export const sourceName = ({ name, source }: Pick<ColumnPlan, 'name' | 'source'>): string => source ?? name;

/** All columns and what is inside them, each behind what holds it. */
export function flatNodes(columns: readonly ColumnPlan[]): FlatNode[] {
  const out: FlatNode[] = [];
  const add = (node: NodePlan, column: ColumnPlan, parent: number, path: string) => {
    const index = out.push({ node, column, parent, path }) - 1;
    for (const child of node.children ?? []) add(child, column, index, step(node, path, child.name));
  };
  for (const column of columns) add(column, column, -1, sourceName(column));
  return out;
}

function step({ kind, precision }: NodePlan, path: string, child: string): string {
  if (kind === 'list') return path + '[]'.repeat(precision);
  return kind === 'multirange' ? `${path}[]` : `${path}.${child}`;
}

const NESTED = new Set<Kind>(['list', 'struct', 'map', 'range', 'multirange', 'vector', 'halfvec']);

/** Whether a kind holds other values. */
export function isNested(kind: Kind): boolean {
  return NESTED.has(kind);
}

/** Leaf columns of the files. */
export function leafCount(columns: readonly NodePlan[]): number {
  return columns.reduce((sum, column) => sum + leavesOf(column), 0);
}

function leavesOf({ kind, children = [] }: NodePlan): number {
  if (kind === 'interval') return 3;
  return children.length === 0 ? 1 : leafCount(children) + (kind === 'range' ? 3 : 0);
}

/** Whether a column holds values of one of these kinds, at any depth. */
export function holdsKind(node: Pick<NodePlan, 'kind' | 'children'>, kinds: ReadonlySet<Kind>): boolean {
  return kinds.has(node.kind) || (node.children ?? []).some((child) => holdsKind(child, kinds));
}
