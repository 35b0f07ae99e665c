import { DISK_FORMS } from './enums.js';
import type { Library } from './library.js';
import type { Pointer } from './status.js';

/** How an attribute's bytes on a page become what its column takes. */
export type DiskForm = keyof typeof DISK_FORMS;

/** One attribute of a relation as pg_attribute has it. */
export interface Attribute {
  /** attlen. */
  readonly length: number;
  /** attalign in bytes. */
  readonly align: 1 | 2 | 4 | 8;
  /** Index of the schema's column that it is; without one it is walked over. */
  readonly column?: number;
  /** Default: plain. */
  readonly form?: DiskForm;
  /** Its value in tuples that are older than it, as COPY would send it for the column; default: NULL. */
  readonly missing?: Uint8Array;
  /** Of an enum: the label of every oid. */
  readonly labels?: ReadonlyMap<number, string>;
  /** Whether its text may be no UTF-8, and is refused then. */
  readonly checkUtf8?: boolean;
}

/** How the tuples of a relation lie on its pages. */
export class Layout {
  readonly #library: Library;

  constructor(
    library: Library,
    readonly handle: Pointer,
  ) {
    this.#library = library;
  }

  close(): void {
    this.#library.layoutClose(this.handle);
  }
}

/** A gp_attribute. */
export function nativeAttribute({ length, align, column = -1, form = 'plain', missing, labels, checkUtf8 }: Attribute): object {
  const packed = packLabels(labels ?? new Map());
  return {
    length,
    align,
    column,
    form: DISK_FORMS[form],
    missing: missing?.length ? missing : null,
    missing_bytes: missing?.length ?? -1,
    labels: packed.length > 0 ? packed : null,
    labels_bytes: packed.length,
    check_utf8: checkUtf8 === true ? 1 : 0,
    reserved: 0,
  };
}

function packLabels(labels: ReadonlyMap<number, string>): Buffer {
  const parts = [...labels].flatMap(([oid, label]) => {
    const text = Buffer.from(label);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(oid, 0);
    head.writeUInt32LE(text.length, 4);
    return [head, text];
  });
  return Buffer.concat(parts);
}
