import { type ErrorCode, type ErrorReason, GpuParserError } from '../errors.js';
import { FILLED, layoutOf } from './abi.js';
import { CODES, REASONS } from './enums.js';

/** A native object or a stretch of native memory. */
export type Pointer = bigint;

const { bytes: STATUS_BYTES, at: AT } = layoutOf(FILLED.gp_status);

const ERRORS: Readonly<Record<keyof typeof CODES, ErrorCode>> = {
  ok: 'INTERNAL',
  usage: 'INTERNAL',
  memory: 'MEMORY',
  protocol: 'PROTOCOL',
  value: 'VALUE',
  null: 'VALUE',
  device: 'DEVICE',
  limit: 'VALUE',
  internal: 'INTERNAL',
};

/** By number. */
const codes = new Map(Object.entries(CODES).map(([name, code]) => [code as number, ERRORS[name as keyof typeof CODES]]));
const reasons = new Map(Object.entries(REASONS).map(([name, reason]) => [reason, name === 'none' ? undefined : (name as ErrorReason)]));

/** Where a row is: its block, and its line pointer from 1 on. */
export interface Ctid {
  readonly block: number;
  readonly item: number;
}

/** An error that native code reported, with where it is. */
export class EngineError extends GpuParserError {
  constructor(
    code: ErrorCode,
    message: string,
    /** Index into the plan's columns, -1 for none. */
    readonly column: number,
    /** Row within the batch (or stream), -1 for none. */
    readonly row: number,
    reason?: ErrorReason,
    /** A number that belongs to the reason: an array's dimensions, a geometry's type. */
    readonly number = 0,
    /** Of the row, where it came from a page. */
    readonly ctid?: Ctid,
  ) {
    super(code, message, reason && { reason });
  }
}

/** Memory for one gp_status. */
export function newStatus(): Buffer {
  return Buffer.alloc(STATUS_BYTES);
}

/** Throws what the status says unless the code is GP_OK. */
export function check(code: number, status: Buffer): void {
  if (code !== 0) throw statusError(status);
}

/** A gp_status as an error. */
export function statusError(status: Buffer): EngineError {
  const end = status.indexOf(0, AT.message);
  const message = status.toString('utf8', AT.message, end < 0 ? STATUS_BYTES : end);
  const code = codes.get(status.readInt32LE(AT.code)) ?? 'INTERNAL';
  const reason = reasons.get(status.readInt32LE(AT.reason));
  const row = Number(status.readBigInt64LE(AT.row));
  const item = status.readInt32LE(AT.item);
  const ctid = item === 0 ? undefined : { block: Number(status.readBigInt64LE(AT.block)), item };
  return new EngineError(code, message, status.readInt32LE(AT.column), row, reason, status.readInt32LE(AT.detail), ctid);
}

/** Runs a call that hands out a pointer in its out-parameter. */
export function open(call: (out: Buffer, status: Buffer) => number): Pointer {
  const out = Buffer.alloc(8);
  const status = newStatus();
  check(call(out, status), status);
  return out.readBigUInt64LE(0);
}
