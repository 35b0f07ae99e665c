import { FILLED, layoutOf } from './abi.js';
import { ANSWERS } from './enums.js';
import type { Library } from './library.js';
import { check, newStatus, open, type Pointer } from './status.js';

/** A snapshot as a file of pg_snapshots has it. */
export interface PageSnapshot {
  readonly xmin: number;
  readonly xmax: number;
  /** Transactions and subtransactions that were running. */
  readonly running: readonly number[];
  /** Whether there were more subtransactions than it has. */
  readonly overflowed: boolean;
}

/** What the server is asked: pg_xact_status of a transaction, pg_get_multixact_members of a multixact. */
export interface Asked {
  readonly id: number;
  readonly multi: boolean;
}

export type Answer =
  | { readonly id: number; readonly multi: false; readonly status: 'committed' | 'aborted' | 'unknown' }
  /** updater: the member that updates or deletes, 0 for none. */
  | { readonly id: number; readonly multi: true; readonly updater: number | 'unknown' };

const { bytes, at: AT } = layoutOf(FILLED.gp_asked);
/** Of one gp_asked. */
export const ASKED_BYTES = bytes;

/** Which rows a snapshot sees, by pg_xact's files and the server's answers. What is added counts for pages appended afterwards. */
export class Visibility {
  readonly #library: Library;
  readonly #status = newStatus();
  readonly handle: Pointer;

  constructor(library: Library, { xmin, xmax, running, overflowed }: PageSnapshot) {
    this.#library = library;
    const list = Buffer.from(Uint32Array.from(running).buffer);
    this.handle = open((out, status) => library.visibilityOpen(xmin, xmax, list, running.length, overflowed ? 1 : 0, out, status));
  }

  /** @param file number of a file of pg_xact. @param bytes of it, as read after the snapshot was taken. */
  xact(file: number, bytes: Uint8Array): void {
    check(this.#library.visibilityXact(this.handle, file, bytes, bytes.length, this.#status), this.#status);
  }

  answer(answers: readonly Answer[]): void {
    const native = Buffer.alloc(Math.max(1, answers.length) * ASKED_BYTES);
    for (const [i, answer] of answers.entries()) {
      const from = i * ASKED_BYTES;
      const updater = answer.multi && answer.updater !== 'unknown' ? answer.updater : undefined;
      const kind = answer.multi ? (updater === undefined ? 'unknown' : 'updater') : answer.status;
      native.writeBigInt64LE(BigInt(answer.id), from + AT.id);
      native.writeInt32LE(answer.multi ? 1 : 0, from + AT.multi);
      native.writeInt32LE(ANSWERS[kind], from + AT.kind);
      native.writeBigInt64LE(BigInt(updater ?? 0), from + AT.updater);
    }
    check(this.#library.visibilityAnswer(this.handle, native, answers.length, this.#status), this.#status);
  }

  close(): void {
    this.#library.visibilityClose(this.handle);
  }
}

/** What gp_asked structs say. */
export function readAsked(native: Buffer, count: number): Asked[] {
  return Array.from({ length: count }, (_, i) => ({
    id: Number(native.readBigInt64LE(i * ASKED_BYTES + AT.id)),
    multi: native.readInt32LE(i * ASKED_BYTES + AT.multi) !== 0,
  }));
}
