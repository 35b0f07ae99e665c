// COPY streams as a server sends them, and a consumer of what a CopyReader makes of them.
import type { Batch } from '../../src/engine/batch.js';
import type { RowConsumer } from '../../src/engine/row-consumer.js';
import type { Slot } from '../../src/engine/slot.js';
import type { Stream } from '../../src/engine/stream.js';
import type { ColumnPlan } from '../../src/plan/plan.js';

const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** One column, for rows whose values stand in the image as they were sent. */
export const bytea: ColumnPlan = {
  name: 'b',
  expression: '"b"',
  postgresType: 'bytea',
  parquetType: 'BYTE_ARRAY',
  kind: 'bytea',
  required: true,
  precision: 0,
  scale: 0,
  logical: 'none',
  onNan: 'error',
  onInfinity: 'error',
  asText: false,
  policies: {},
};
export const writer = { codec: 'none', level: 0, createdBy: 'gpuparser test', rowSecurity: false } as const;

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function row(value: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeInt16BE(1, 0);
  head.writeInt32BE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** A COPY as a server sends it: the header shares the first row's message, notices stand anywhere, ReadyForQuery ends it. */
export function copyMessages(values: readonly Buffer[], noticeAfter: number): Buffer {
  const trailer = Buffer.from([0xff, 0xff]);
  const rows = values.map((value, i) => message('d', i === 0 ? Buffer.concat([COPY_HEADER, row(value)]) : row(value)));
  if (values.length === 0) rows.push(message('d', COPY_HEADER));
  rows.splice(noticeAfter % (rows.length + 1), 0, message('N', Buffer.from('SNOTICE\0Mhello\0\0')));
  const end = [
    message('d', trailer),
    message('c', Buffer.alloc(0)),
    message('C', Buffer.from(`COPY ${values.length}\0`)),
    message('Z', Buffer.from('I')),
  ];
  return Buffer.concat([message('H', Buffer.from([1, 0, 1, 0, 1])), ...rows, ...end]);
}

/** Appends every slot to one batch and counts. */
export class Collector implements RowConsumer {
  rows = 0;
  appends = 0;
  #out = 0;
  constructor(readonly batch: Batch) {}

  append(rows: number, _bytes: number, into: (batch: Batch) => void): void {
    this.rows += rows;
    this.appends++;
    this.#out++;
    const append = (stream: Stream, slot: Slot, free: () => void) => {
      this.see(slot);
      this.batch.append(stream, slot, () => {
        this.#out--;
        free();
      });
    };
    into({ append } as unknown as Batch);
  }

  /** Each slot before it is appended. */
  see(_slot: Slot): void {}

  /** Resolves when the engine needs none of the slots any more. */
  async home(): Promise<void> {
    while (this.#out > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
