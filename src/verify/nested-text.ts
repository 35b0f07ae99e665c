import { PageError } from '../parquet/pages/hybrid.js';
import type { SchemaNode } from '../parquet/schema.js';
import type { NodePlan } from '../plan/plan.js';
import { canonicalText, intervalText } from './canonical-text.js';
import type { LeafCursor } from './leaf-cursor.js';
import { TextBuffer } from './text-buffer.js';

/** Writes the value that the cursors stand on, and leaves them behind it. */
type Write = () => void;

/** Puts the rows of a nested column together again from its leaves, as the texts that nestedSql() has the server make. */
export class NestedText {
  readonly text = new TextBuffer();
  readonly #cursors: readonly LeafCursor[];
  readonly #converted: boolean;
  readonly #node: SchemaNode;
  readonly #write: Write;
  #next = 0;

  /** `cursors` of all leaves of the column, in order. @throws PageError when the file's types are not the plan's. */
  constructor(node: SchemaNode, plan: NodePlan, cursors: readonly LeafCursor[], converted: boolean) {
    this.#node = node;
    this.#cursors = cursors;
    this.#converted = converted;
    this.#write = this.#value(node, plan, 0, 0);
  }

  /** Writes the next row's text; false where the row is NULL. */
  row(): boolean {
    const [first] = this.#cursors as [LeafCursor];
    if (first.ended) throw new PageError('it ends before its last row');
    if (first.repetition !== 0) throw new PageError('a row begins inside a list');
    const isNull = this.#node.repetition === 'optional' && first.definition === 0;
    this.text.clear();
    this.#write();
    return !isNull;
  }

  /** After the last row. @throws PageError when a leaf goes on. */
  end(): void {
    if (this.#cursors.some((cursor) => !cursor.ended)) throw new PageError('it goes on behind its last row');
  }

  /** @param definition and repetition that a value of the node's parent has */
  #value(node: SchemaNode, plan: NodePlan, definition: number, repetition: number): Write {
    const [child] = plan.children ?? [];
    if (node.type !== undefined) return this.#leaf(node, plan);
    const own = definition + (node.repetition === 'optional' ? 1 : 0);
    const first = this.#next;
    let write: Write;
    switch (plan.kind) {
      case 'interval':
        write = this.#interval();
        break;
      case 'list':
        write = this.#list(node, plan.precision > 1 ? { ...plan, precision: plan.precision - 1 } : (child as NodePlan), own, repetition);
        break;
      case 'multirange':
        write = this.#list(node, child as NodePlan, own, repetition);
        break;
      case 'vector':
      case 'halfvec':
        write = this.#list(node, { ...plan, kind: 'float4' }, own, repetition);
        break;
      case 'struct':
        write = this.#group(node.children.map((member, i) => this.#value(member, at(plan.children, i), own, repetition)));
        break;
      case 'range': {
        const flag: NodePlan = { ...plan, kind: 'bool' };
        const members = [child as NodePlan, child as NodePlan, flag, flag, flag];
        write = this.#group(node.children.map((member, i) => this.#value(member, at(members, i), own, repetition)));
        break;
      }
      case 'map':
        write = this.#map(node, own, repetition);
        break;
      default:
        throw new PageError(`its type is not that of ${plan.parquetType}`);
    }
    if (node.repetition !== 'optional') return write;
    const leaves = this.#cursors.slice(first, this.#next);
    return () => {
      if ((leaves[0] as LeafCursor).definition >= own) write();
      else {
        skip(leaves);
        this.text.character('~');
      }
    };
  }

  #leaf(node: SchemaNode, plan: NodePlan): Write {
    const cursor = at(this.#cursors, this.#next++);
    const text = canonicalText(node, plan, this.#converted);
    if (text === undefined) throw new PageError(`its type is not that of a value of kind ${plan.kind}`);
    return () => {
      if (cursor.ended) throw new PageError('it ends before its last row');
      if (!cursor.hasValue) this.text.character('~');
      else if (text === 'bytes') {
        const { block, index } = cursor;
        this.text.bytes(block.bytes.subarray(block.start(index), block.end(index)));
      } else this.text.value(text(cursor.block, cursor.index));
      cursor.advance();
    };
  }

  #group(members: readonly Write[]): Write {
    return () => {
      this.text.character('(');
      for (const write of members) write();
      this.text.character(')');
    };
  }

  #interval(): Write {
    const [months, days, micros] = [0, 1, 2].map((i) => at(this.#cursors, this.#next + i)) as [LeafCursor, LeafCursor, LeafCursor];
    this.#next += 3;
    return () => {
      if (![months, days, micros].every((cursor) => !cursor.ended && cursor.hasValue)) throw new PageError('an interval lacks a part');
      this.text.value(intervalText(months.block, months.index, days.block, days.index, micros.block, micros.index));
      for (const cursor of [months, days, micros]) cursor.advance();
    };
  }

  #list(node: SchemaNode, element: NodePlan, definition: number, repetition: number): Write {
    const [repeated] = node.children;
    const [inner] = repeated?.children ?? [];
    if (repeated?.repetition !== 'repeated' || inner === undefined) throw new PageError('it is no list');
    const first = this.#next;
    const write = this.#value(inner, element, definition + 1, repetition + 1);
    const each = this.#repeated(this.#cursors.slice(first, this.#next), definition + 1, repetition + 1, write);
    return () => {
      this.text.character('[');
      each();
      this.text.character(']');
    };
  }

  /** hstore_out(): `"key"=>"value", "other"=>NULL`. */
  #map(node: SchemaNode, definition: number, repetition: number): Write {
    const [repeated] = node.children;
    if (repeated?.repetition !== 'repeated' || repeated.children.length !== 2) throw new PageError('it is no map');
    const [key, value] = [at(this.#cursors, this.#next), at(this.#cursors, this.#next + 1)];
    this.#next += 2;
    let pairs: string[] = [];
    const each = this.#repeated([key, value], definition + 1, repetition + 1, () => {
      const [name, content] = [quoted(key), quoted(value)];
      pairs.push(`${name}=>${content ?? 'NULL'}`);
    });
    return () => {
      pairs = [];
      each();
      this.text.bytes(Buffer.from(pairs.join(', ')));
    };
  }

  /** All of what repeats below a list or map that is there; nothing where it is empty. */
  #repeated(leaves: readonly LeafCursor[], definition: number, repetition: number, write: Write): Write {
    const [first] = leaves as [LeafCursor];
    return () => {
      if (first.definition < definition) {
        skip(leaves);
        return;
      }
      do write();
      while (!first.ended && first.repetition === repetition);
    };
  }
}

/** Leaves an entry that stands for nothing: all leaves have one, and it says the same. */
function skip(leaves: readonly LeafCursor[]): void {
  const definition = leaves[0]?.definition;
  for (const cursor of leaves) {
    if (cursor.definition !== definition) throw new PageError('its leaves do not agree on what is NULL');
    cursor.take();
  }
}

function quoted(cursor: LeafCursor): string | undefined {
  const text = cursor.hasValue
    ? Buffer.from(cursor.block.bytes.subarray(cursor.block.start(cursor.index), cursor.block.end(cursor.index)))
    : undefined;
  cursor.take();
  return text && `"${text.toString().replace(/["\\]/g, '\\$&')}"`;
}

function at<Item>(items: readonly Item[] | undefined, i: number): Item {
  const item = items?.[i];
  if (item === undefined) throw new PageError('it is nested otherwise than its type');
  return item;
}
