import { counted } from '../counted.js';
import { damaged } from '../sink/byte-source.js';
import { type PhysicalType, physicalTypes, type Repetition, repetitions, SchemaElementField as S } from './format.js';
import { annotationOf } from './logical.js';
import { intField, textField } from './thrift/access.js';
import type { ThriftStruct } from './thrift/types.js';

/** A node of a file's schema: a group (children) or a leaf, which is a column of the file (type). */
export interface SchemaNode {
  readonly name: string;
  /** Names from below the root down to this node; empty for the root. */
  readonly path: readonly string[];
  readonly repetition: Repetition;
  /** Whether it, or a node above it, is. */
  readonly repeated: boolean;
  /** Undefined for a group. */
  readonly type: PhysicalType | undefined;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number | undefined;
  /** `DECIMAL(12,2)`, `TIMESTAMP(us, UTC)`; undefined where the type says all. See logical.ts. */
  readonly annotation: string | undefined;
  readonly fieldId: number | undefined;
  readonly children: readonly SchemaNode[];
}

export interface Schema {
  readonly root: SchemaNode;
  /** The file's columns, in the order of every row group's column chunks. */
  readonly leaves: readonly SchemaNode[];
}

const maxNesting = 1000;

/** The tree of a file's SchemaElements. name: the file, for errors. */
export function parseSchema(elements: readonly ThriftStruct[], name: string): Schema {
  const leaves: SchemaNode[] = [];
  let next = 0;
  const take = (parent: readonly string[] | undefined, depth: number, insideRepeated: boolean): SchemaNode => {
    const element = elements[next++];
    if (element === undefined) throw damaged(name, 'its schema is shorter than it says');
    if (depth > maxNesting) throw damaged(name, `its schema is nested deeper than ${maxNesting} levels`);
    const nodeName = textField(element, S.name) ?? '';
    const path = parent === undefined ? [] : [...parent, nodeName];
    const typeCode = intField(element, S.type);
    const childCount = intField(element, S.numChildren);
    const isLeaf = typeCode !== undefined && parent !== undefined;
    if (isLeaf ? (childCount ?? 0) > 0 : childCount === undefined && parent !== undefined)
      throw damaged(name, `column ${JSON.stringify(path.join('.'))} has neither a type nor children, or both`);
    const type = isLeaf ? physicalTypes[typeCode] : undefined;
    if (isLeaf && type === undefined) throw damaged(name, `column ${JSON.stringify(path.join('.'))} has the unknown type ${typeCode}`);
    if ((childCount ?? 0) < 0 || (childCount ?? 0) > elements.length - next) throw damaged(name, 'its schema is shorter than it says');
    const repetition = repetitions[intField(element, S.repetition) ?? 0];
    if (repetition === undefined)
      throw damaged(name, `column ${JSON.stringify(path.join('.'))} is neither required, optional nor repeated`);
    const repeated = insideRepeated || repetition === 'repeated';
    const children: SchemaNode[] = [];
    const node: SchemaNode = {
      name: nodeName,
      path,
      repetition,
      repeated,
      type,
      typeLength: type === 'FIXED_LEN_BYTE_ARRAY' ? intField(element, S.typeLength) : undefined,
      annotation: annotationOf(element, type),
      fieldId: intField(element, S.fieldId),
      children,
    };
    if (isLeaf) leaves.push(node);
    else for (let i = childCount ?? 0; i > 0; i--) children.push(take(path, depth + 1, repeated));
    return node;
  };
  const root = take(undefined, 0, false);
  if (next !== elements.length) throw damaged(name, 'its schema has elements that belong to no column');
  return { root, leaves };
}

/** A node's type as text: `optional INT64 DECIMAL(12,2)`, `required group LIST`. */
export function describeNode(node: SchemaNode): string {
  const type = node.type === 'FIXED_LEN_BYTE_ARRAY' ? `${node.type}(${node.typeLength})` : (node.type ?? 'group');
  return `${node.repetition} ${type}${node.annotation === undefined ? '' : ` ${node.annotation}`}`;
}

/**
 * The first difference between two schemas as a clause, undefined when files of both can be one file. The root's name and the
 * way a writer spells an annotation (ConvertedType or LogicalType) do not matter; names, types, repetition, nesting and field
 * ids do.
 */
export function schemaDifference(a: Schema, aName: string, b: Schema, bName: string): string | undefined {
  return nodeDifference(a.root, aName, b.root, bName);
}

function nodeDifference(a: SchemaNode, aName: string, b: SchemaNode, bName: string): string | undefined {
  const inside = a.path.length === 0 ? '' : ` in ${JSON.stringify(a.path.join('.'))}`;
  for (let i = 0; i < Math.max(a.children.length, b.children.length); i++) {
    const left = a.children[i];
    const right = b.children[i];
    if (left === undefined || right === undefined) {
      const extra = left ?? right;
      const [with_, without] = left === undefined ? [bName, aName] : [aName, bName];
      return `${with_} has column ${JSON.stringify(extra?.name)}${inside}, which ${without} lacks`;
    }
    if (left.name !== right.name)
      return `column ${i + 1}${inside} is ${JSON.stringify(left.name)} in ${aName}, but ${JSON.stringify(right.name)} in ${bName}`;
    const column = `column ${JSON.stringify(left.path.join('.'))}`;
    if (describeNode(left) !== describeNode(right))
      return `${column} is ${describeNode(left)} in ${aName}, but ${describeNode(right)} in ${bName}`;
    if (left.fieldId !== right.fieldId) return `${column} has ${fieldId(left)} in ${aName}, but ${fieldId(right)} in ${bName}`;
    const below = nodeDifference(left, aName, right, bName);
    if (below !== undefined) return below;
  }
  return undefined;
}

const fieldId = (node: SchemaNode): string => (node.fieldId === undefined ? 'no field id' : `field id ${node.fieldId}`);

/**
 * Why images of schema `from` cannot be described by `to`, as a clause: the bytes of their pages must mean the same nesting and
 * physical types. Names and annotations may differ.
 */
export function layoutDifference(from: Schema, to: Schema): string | undefined {
  const strip = (node: SchemaNode): SchemaNode => ({
    ...node,
    name: '',
    path: [],
    annotation: undefined,
    fieldId: undefined,
    children: node.children.map(strip),
  });
  if (from.leaves.length !== to.leaves.length) return `it has ${counted(from.leaves.length, 'column')}, the schema ${to.leaves.length}`;
  for (const [i, leaf] of from.leaves.entries()) {
    const other = to.leaves[i] as SchemaNode;
    if (describeNode(strip(leaf)) !== describeNode(strip(other)))
      return `column ${JSON.stringify(leaf.path.join('.'))} is ${describeNode(leaf)}, but the schema says ${describeNode(other)}`;
  }
  const difference = schemaDifference({ root: strip(from.root), leaves: [] }, 'it', { root: strip(to.root), leaves: [] }, 'the schema');
  return difference === undefined ? undefined : 'its columns are nested otherwise than the schema says';
}
