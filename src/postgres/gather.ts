import { counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import type { Session } from './session.js';

/** How long a connection may wait behind those that have come: a pooler without room never says no. */
const WAIT_MS = 5_000;
/** How long the first one may take. */
const FIRST_MS = 30_000;

/** Connections that came, of those that were asked for. */
export interface Gathered {
  readonly sessions: readonly Session[];
  /** Says how many came and why, where some did not. */
  readonly note: string | undefined;
}

/**
 * The sessions that can be had: those that a server or pooler has no room for are given up, as long as one comes.
 * @param begin brings a session to where it is of use, which is what waits behind a pooler.
 * @throws GpuParserError any other failure; CONNECT when none comes.
 */
export async function gather(
  opening: readonly Promise<Session>[],
  begin: (session: Session) => Promise<void>,
  { waitMs = WAIT_MS, firstMs = FIRST_MS } = {},
): Promise<Gathered> {
  const came = new Set<Session>();
  const refused: GpuParserError[] = [];
  const begun = opening.map(async (opened) => {
    try {
      const session = await opened;
      await begin(session);
      came.add(session);
    } catch (thrown) {
      const error = GpuParserError.from(thrown);
      if (!isFull(error)) throw error;
      refused.push(error);
    }
  });
  const all = Promise.all(begun);
  await within(all, waitMs);
  if (came.size === 0) await within(Promise.race([all, ...begun]), firstMs - waitMs);
  const sessions = [...came];
  for (const opened of opening) opened.then((session) => sessions.includes(session) || session.destroy()).catch(() => undefined);
  if (sessions.length === 0) throw noneCame(refused[0]);
  if (sessions.length === opening.length) return { sessions, note: undefined };
  const why = refused[0]?.message.replace(/\.$/, '') ?? `the others had to wait for more than ${waitMs / 1000} s`;
  return { sessions, note: `${sessions.length} of ${counted(opening.length, 'connection')} came: ${why}` };
}

/** Whether an error means that there are no more connections: the server's own, or a pooler's, which has no SQLSTATE for it. */
export function isFull({ sqlState, message }: GpuParserError): boolean {
  return (
    sqlState === '53300' ||
    /query_wait_timeout|no more connections allowed|too many (clients|connections)|max clients reached/i.test(message)
  );
}

async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function noneCame(refusal: GpuParserError | undefined): GpuParserError {
  return new GpuParserError('CONNECT', 'The server or its pooler gave no connection for reading beside the one that holds the snapshot.', {
    hint: 'An export needs at least two connections at a time: raise the limit of the pool or role, or connect to the server itself.',
    detail: refusal?.message,
    sqlState: refusal?.sqlState,
    cause: refusal,
  });
}
