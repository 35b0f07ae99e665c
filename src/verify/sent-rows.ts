import type { Session } from '../postgres/session.js';
import type { Comparand } from './comparand.js';
import { CopyRows, type Field } from './copy-rows.js';
import { type Hash64, HashSum, hashBytes, hashElement, RowHashes } from './text-hash.js';
import { wellFormed } from './well-formed.js';

/** Rows whose hashes are in memory at once. */
const BATCH_ROWS = 4096;

/**
 * Sums, on our side, rows of which the server sends the hash of each column or, where a column is `sent`, its bytes: what they
 * become in a file no SQL can say.
 */
export class SentRows {
  rows = 0;
  readonly columns: readonly HashSum[];
  readonly wholeRows = new HashSum();
  /** Those that the server is asked for. */
  readonly #asked: readonly { readonly sql: string; readonly sent: boolean; readonly sum: HashSum }[];
  #batch = new RowHashes(BATCH_ROWS);
  #inBatch = 0;
  readonly #hash: Hash64 = { hi: 0, lo: 0 };
  readonly #element: Hash64 = { hi: 0, lo: 0 };

  constructor(comparands: readonly Comparand[]) {
    this.columns = comparands.map(() => new HashSum());
    this.#asked = comparands.flatMap(({ sql, sent = false }, i) =>
      sql === undefined ? [] : [{ sql, sent, sum: this.columns[i] as HashSum }],
    );
  }

  /** Adds the rows of one scan, given what follows FROM. */
  async addFrom(session: Session, from: string, hashSql: (sql: string) => string): Promise<void> {
    const list = this.#asked.map(({ sql, sent }) => (sent ? sql : hashSql(sql)));
    const sink = new CopyRows((fields) => this.#add(fields));
    await session.copyOut(`COPY (SELECT ${list.join(', ')} FROM ${from}\n) TO STDOUT (FORMAT binary)`, sink);
    this.#flush();
  }

  #add(fields: readonly Field[]): void {
    for (const [i, { sent, sum }] of this.#asked.entries()) {
      const field = fields[i];
      if (field === undefined) {
        this.#batch.add(this.#inBatch, 0, 0);
        continue;
      }
      if (sent) this.#hashOf(wellFormed(field));
      else [this.#hash.hi, this.#hash.lo] = [field.readUInt32BE(0), field.readUInt32BE(4)];
      sum.add(this.#hash);
      hashElement(this.#hash, this.#element);
      this.#batch.add(this.#inBatch, this.#element.hi, this.#element.lo);
    }
    this.rows++;
    if (++this.#inBatch === BATCH_ROWS) this.#flush();
  }

  #hashOf(bytes: Uint8Array): void {
    hashBytes(bytes, 0, bytes.length, this.#hash);
  }

  #flush(): void {
    this.#batch.addTo(this.wholeRows, this.#inBatch);
    this.#batch = new RowHashes(BATCH_ROWS);
    this.#inBatch = 0;
  }
}
