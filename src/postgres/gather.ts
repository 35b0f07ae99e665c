import { counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import type { Session } from './session.js';

/** How long a connection may wait behind those that have come: a pooler without room never says no. */
const WAIT_MS = 5_000;

export interface GatherOptions {
  readonly waitMs?: number;
  /** How long the first one may take. Default: no longer than the others. */
  readonly firstMs?: number;
  /** How many are kept in any case. Where others had to wait, one above that goes back: a full pool has other clients. Default: 1. */
  readonly least?: number;
}

/** Why there are fewer connections than were asked for, as a clause. */
export interface Shortage {
  readonly asked: number;
  readonly came: number;
  readonly why: string;
  /** Whether one that came has been given back. */
  readonly left: boolean;
}

/** Connections that came, of those that were asked for. */
export interface Gathered {
  readonly sessions: readonly Session[];
  /** Undefined where all came. */
  readonly shortage: Shortage | undefined;
}

/**
 * The sessions that can be had: those that a server or pooler has no room for are given up, as long as one comes.
 * @param open its signal ends an attempt that has been given up.
 * @param begin brings a session to where it is of use, which is what waits behind a pooler.
 * @throws GpuParserError any other failure; CONNECT with SQLSTATE 53300 when none is left.
 */
export async function gather(
  count: number,
  open: (signal: AbortSignal) => Promise<Session>,
  begin: (session: Session) => Promise<void>,
  { waitMs = WAIT_MS, firstMs = waitMs, least = 1 }: GatherOptions = {},
): Promise<Gathered> {
  const late = new AbortController();
  const opened: Session[] = [];
  const came = new Set<Session>();
  const refused: GpuParserError[] = [];
  let first = () => {};
  const one = new Promise<void>((resolve) => {
    first = resolve;
  });
  const attempt = async () => {
    try {
      const session = await open(late.signal);
      opened.push(session);
      if (late.signal.aborted) return session.destroy();
      await begin(session);
      came.add(session);
      first();
    } catch (thrown) {
      const error = GpuParserError.from(thrown);
      if (late.signal.aborted) return;
      if (!isFull(error)) throw error;
      refused.push(error);
    }
  };
  const all = Promise.all(Array.from({ length: count }, attempt));
  const kept = new Set<Session>();
  try {
    await within(all, waitMs);
    if (came.size === 0) await within(Promise.race([all, one]), firstMs - waitMs);
    for (const session of came) kept.add(session);
    const [spare] = came;
    const waiting = came.size + refused.length < count;
    if (spare && waiting && came.size > least) kept.delete(spare);
  } finally {
    late.abort();
    for (const session of opened) if (!kept.has(session)) session.destroy();
  }
  const why = refused[0]?.message.replace(/\.$/, '') ?? 'the pool or the server has no more';
  const shortage = { asked: count, came: came.size, why, left: kept.size < came.size };
  if (kept.size === 0) throw noneLeft(shortage, refused[0]);
  return { sessions: [...kept], shortage: came.size < count ? shortage : undefined };
}

/** Whether an error means that there are no more connections: the server's own, or a pooler's, which has no SQLSTATE for it. */
export function isFull({ sqlState, message }: Pick<GpuParserError, 'sqlState' | 'message'>): boolean {
  return (
    sqlState === '53300' ||
    /query_wait_timeout|no more connections allowed|too many (clients|connections)|max clients reached/i.test(message)
  );
}

/** `2 of 4 connections came: the pool or the server has no more`. */
export function saysHowMany({ asked, came, why }: Pick<Shortage, 'asked' | 'came' | 'why'>): string {
  return `${came} of ${counted(asked, 'connection')} came: ${why}`;
}

async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  if (ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function noneLeft(shortage: Shortage, refusal: GpuParserError | undefined): GpuParserError {
  return new GpuParserError('CONNECT', `${saysHowMany(shortage)}.`, {
    hint: 'Reading beside the connection that holds the snapshot takes at least two connections at a time: raise the limit of the pool or role, or connect to the server itself.',
    detail: refusal?.message,
    sqlState: '53300',
    cause: refusal,
  });
}
