import type { Session } from '../../postgres/session.js';

/** A node of EXPLAIN (FORMAT JSON); https://www.postgresql.org/docs/current/using-explain.html */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Plan Rows'?: number;
  readonly Schema?: string;
  readonly 'Relation Name'?: string;
  readonly 'Parent Relationship'?: string;
  readonly 'Subplans Removed'?: number;
  readonly Plans?: readonly PlanNode[];
}

export interface RelationName {
  readonly schema: string;
  readonly name: string;
}

/** What the planner says about a SELECT. */
export interface Explanation {
  /** Rows the planner expects. */
  readonly rows: number;
  /** Relations that are read, each once, in the order of the plan: leaves come in partition-bound order. */
  readonly relations: readonly RelationName[];
  /** Those whose rows are found through an index, but for subqueries that stay subqueries. */
  readonly indexed: readonly RelationName[];
  /** True when some relations were left out only for this execution, by a parameter or the time of day. */
  readonly pruned: boolean;
}

const INDEX_NODES = new Set(['Index Scan', 'Index Only Scan', 'Bitmap Heap Scan']);

/**
 * Plans a SELECT without running it. It must have been proved to be one statement. The planner's locks on relations and their indexes
 * are given back at once: a REINDEX need not wait for an export to end.
 * @param session in a transaction
 */
export async function explain(session: Session, select: string): Promise<Explanation> {
  const explaining = `EXPLAIN (VERBOSE, FORMAT JSON) ${select}\n`; // it may end in a comment
  const [, rows] = await session.queries([
    'SAVEPOINT explaining',
    explaining,
    'ROLLBACK TO SAVEPOINT explaining',
    'RELEASE SAVEPOINT explaining',
  ]);
  const output = Object.values(rows?.[0] ?? {})[0];
  const document = (typeof output === 'string' ? JSON.parse(output) : output) as readonly { readonly Plan: PlanNode }[];
  return readExplanation((document[0] as { readonly Plan: PlanNode }).Plan);
}

/** Reads the root node of a plan. */
export function readExplanation(root: PlanNode): Explanation {
  const relations = new Map<string, RelationName>();
  const indexed = new Map<string, RelationName>();
  let pruned = false;
  const visit = (node: PlanNode, isMain: boolean) => {
    const main = isMain && node['Parent Relationship'] !== 'SubPlan' && node['Parent Relationship'] !== 'InitPlan';
    const { Schema: schema, 'Relation Name': name } = node;
    if (schema !== undefined && name !== undefined) {
      const key = relationKey({ schema, name });
      relations.set(key, { schema, name });
      if (main && INDEX_NODES.has(node['Node Type'])) indexed.set(key, { schema, name });
    }
    if ((node['Subplans Removed'] ?? 0) > 0) pruned = true;
    for (const child of node.Plans ?? []) visit(child, main);
  };
  visit(root, true);
  return { rows: root['Plan Rows'] ?? 0, relations: [...relations.values()], indexed: [...indexed.values()], pruned };
}

/** A key for maps and sets; names hold no zero byte. */
export function relationKey({ schema, name }: RelationName): string {
  return `${schema}\0${name}`;
}
