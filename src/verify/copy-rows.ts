import { GpuParserError } from '../errors.js';
import type { CopySink, ServerMessage } from '../postgres/session.js';
import { messageType } from '../postgres/wire.js';

/** Type byte and length word of a message. */
const MESSAGE_HEAD = 5;
/** Signature, flags and an extension's length before the first row. */
const COPY_HEADER = 19;
const FIRST_BYTES = 256 * 1024;

/** A field of a row as it stands on the wire, undefined for NULL; valid until the next row. */
export type Field = Buffer | undefined;

/** Takes a binary COPY apart into rows. Holds no more than what one read brings, or one row where that is larger. */
export class CopyRows implements CopySink {
  readonly full = false;
  onDrain: (() => void) | undefined;
  readonly #onRow: (fields: readonly Field[]) => void;
  #memory = Buffer.allocUnsafe(FIRST_BYTES);
  /** What has arrived and was not taken yet: [from, to). */
  #from = 0;
  #to = 0;
  #begun = false;

  constructor(onRow: (fields: readonly Field[]) => void) {
    this.#onRow = onRow;
  }

  window(): Uint8Array {
    if (this.#from > 0) {
      this.#memory.copyWithin(0, this.#from, this.#to);
      [this.#from, this.#to] = [0, this.#to - this.#from];
    }
    if (this.#to === this.#memory.length) {
      const message = 1 + this.#memory.readUInt32BE(1);
      const grown = Buffer.allocUnsafe(Math.max(message, 2 * this.#memory.length));
      this.#memory.copy(grown, 0, 0, this.#to);
      this.#memory = grown;
    }
    return this.#memory.subarray(this.#to);
  }

  received(bytes: number): void {
    this.#to += bytes;
  }

  next(): ServerMessage | undefined {
    while (this.#to - this.#from >= MESSAGE_HEAD) {
      const type = this.#memory[this.#from] as number;
      const length = this.#memory.readUInt32BE(this.#from + 1);
      if (length < 4) throw malformed('a message has no length');
      if (this.#to - this.#from < 1 + length) return undefined;
      const body = this.#memory.subarray(this.#from + MESSAGE_HEAD, this.#from + 1 + length);
      this.#from += 1 + length;
      if (type !== messageType.copyData) return { type, body };
      this.#data(body);
    }
    return undefined;
  }

  /** The server sends each row in a message of its own, the first one behind the header, and -1 behind the last. */
  #data(body: Buffer): void {
    let at = this.#begun ? 0 : COPY_HEADER;
    this.#begun = true;
    if (body.length < at + 2) throw malformed('a row has no number of fields');
    const count = body.readInt16BE(at);
    at += 2;
    if (count < 0) return;
    const fields: Field[] = [];
    for (let i = 0; i < count; i++) {
      if (body.length < at + 4) throw malformed('a row ends too early');
      const length = body.readInt32BE(at);
      at += 4;
      if (length < 0) {
        fields.push(undefined);
        continue;
      }
      if (body.length < at + length) throw malformed('a field ends too early');
      fields.push(body.subarray(at, at + length));
      at += length;
    }
    if (at !== body.length) throw malformed('a row goes on behind its last field');
    this.#onRow(fields);
  }
}

const malformed = (what: string) => new GpuParserError('PROTOCOL', `The server's COPY cannot be read: ${what}.`);
