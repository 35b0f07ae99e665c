import type { Schema, SchemaNode } from '../schema.js';

/** A column of a file with the greatest levels its pages may have. */
export interface Leaf {
  readonly node: SchemaNode;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** The leaves of a schema in the order of its column chunks. */
export function leavesOf({ root }: Schema): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (node: SchemaNode, definition: number, repetition: number): void => {
    const maxDefinition = definition + (node.repetition === 'required' ? 0 : 1);
    const maxRepetition = repetition + (node.repetition === 'repeated' ? 1 : 0);
    if (node.type !== undefined) leaves.push({ node, maxDefinition, maxRepetition });
    for (const child of node.children) visit(child, maxDefinition, maxRepetition);
  };
  for (const child of root.children) visit(child, 0, 0);
  return leaves;
}
