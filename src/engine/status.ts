import { type ErrorCode, type ErrorReason, GpuParserError } from '../errors.js';

/** A native object or a stretch of native memory. */
export type Pointer = bigint;

const STATUS_BYTES = 512;
const MESSAGE_OFFSET = 24;

/** gp_code by number. */
const CODES: readonly ErrorCode[] = ['INTERNAL', 'INTERNAL', 'MEMORY', 'PROTOCOL', 'VALUE', 'VALUE', 'DEVICE', 'VALUE', 'INTERNAL'];

/** gp_reason by number. */
const REASONS: readonly (ErrorReason | undefined)[] = [
  undefined,
  'nan',
  'infinity',
  'range',
  'fraction',
  'overflow',
  'dimensions',
  'lower_bound',
  'utf8',
  'srid',
  'geometry',
];

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
  const end = status.indexOf(0, MESSAGE_OFFSET);
  const message = status.toString('utf8', MESSAGE_OFFSET, end < 0 ? STATUS_BYTES : end);
  const code = CODES[status.readInt32LE(0)] ?? 'INTERNAL';
  const reason = REASONS[status.readInt32LE(16)];
  return new EngineError(code, message, status.readInt32LE(4), Number(status.readBigInt64LE(8)), reason, status.readInt32LE(20));
}

/** Runs a call that hands out a pointer in its out-parameter. */
export function open(call: (out: Buffer, status: Buffer) => number): Pointer {
  const out = Buffer.alloc(8);
  const status = newStatus();
  check(call(out, status), status);
  return out.readBigUInt64LE(0);
}
