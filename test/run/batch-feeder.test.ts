import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../../src/engine/schema.js';
import type { TaskPiece } from '../../src/plan/split.js';
import { BatchFeeder } from '../../src/run/batch-feeder.js';

test('rows that the server sent and that did not arrive end a piece, which may be tried again', () => {
  const schema = { openBatch: () => ({ append: () => undefined, close: () => undefined }) } as unknown as Schema;
  const feeder = new BatchFeeder(schema, { receive: () => undefined }, () => Number.POSITIVE_INFINITY);
  const piece = { scan: { relation: 'public.t', from: 'public.t' }, from: { page: 0, line: 0 } } as unknown as TaskPiece;
  feeder.startPiece(piece);
  feeder.append(3, 30, () => undefined);
  feeder.append(2, 20, () => undefined);
  feeder.checkPiece(5);
  assert.throws(() => feeder.checkPiece(6), { code: 'PROTOCOL', retry: true, message: /public\.t: the server sent 6 rows/ });
  feeder.startPiece(piece);
  feeder.checkPiece(0);
});
