import { GpuParserError } from '../errors.js';
import { describeHolder, type LockHolder, lockHolders } from '../postgres/lock-holders.js';
import type { Session } from '../postgres/session.js';

/** How long something takes before we ask whether it waits for a lock; no later than half the time it may wait. */
const PATIENCE_MS = 2000;
/** Asked again after this; less and less often where nobody is in the way. */
const AGAIN_MS = 3000;
/** How long a connection may take that is opened to look. */
const LOOK_MS = 5000;
const LOCK_NOT_AVAILABLE = '55P03';

export interface LockWatch {
  /** A further connection, in no transaction. Without it nobody can be named. */
  readonly openSession?: ((signal: AbortSignal) => Promise<Session>) | undefined;
  /** How long the session waits for a lock. */
  readonly timeoutMs: number;
  readonly onNotice?: ((text: string) => void) | undefined;
}

/**
 * Runs what may wait for locks, says meanwhile who holds them, and names the holder in the error when the time is over.
 * @param what is waited for, where the server does not say
 */
export async function watchingLocks<Result>(
  session: Session,
  what: string,
  { openSession, timeoutMs, onNotice }: LockWatch,
  work: () => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController();
  let holders: readonly LockHolder[] = [];
  let told = '';
  const say = (text: string) => {
    if (text !== told && !ended.signal.aborted) onNotice?.(text);
    told = text;
  };
  const look = async () => {
    const other = await openSession?.(AbortSignal.any([ended.signal, AbortSignal.timeout(LOOK_MS)])).catch(() => undefined);
    if (other === undefined) return say(`Waiting to read ${what}: another session may hold a lock, and no connection came to see which.`);
    try {
      const found = await lockHolders(other, session.pid);
      if (ended.signal.aborted || found.length === 0) return;
      holders = found;
      const text = `Waiting for a lock on ${found[0]?.relation ?? what}: ${found.map(describeHolder).join(' and ')} ${found.length === 1 ? 'is' : 'are'} in the way.`;
      say(text);
    } finally {
      await other.close();
    }
  };
  const watching = watch(look, Math.min(PATIENCE_MS, timeoutMs / 2), ended.signal);
  try {
    return await work();
  } catch (thrown) {
    const error = GpuParserError.from(thrown);
    throw error.sqlState === LOCK_NOT_AVAILABLE ? notAvailable(error, what, timeoutMs, holders) : thrown;
  } finally {
    ended.abort();
    await watching;
  }
}

async function watch(look: () => Promise<void>, firstMs: number, ended: AbortSignal): Promise<void> {
  for (let wait = firstMs, again = AGAIN_MS; ; wait = again, again *= 1.5) {
    await pause(wait, ended);
    if (ended.aborted) return;
    // Who cannot look, for want of a connection, waits all the same.
    await look().catch(() => undefined);
  }
}

function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      ended.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    ended.addEventListener('abort', over);
    if (ended.aborted) over();
  });
}

function notAvailable(cause: GpuParserError, what: string, timeoutMs: number, holders: readonly LockHolder[]): GpuParserError {
  const relation = holders[0]?.relation ?? what;
  const who = holders.length === 0 ? 'another session' : holders.map(describeHolder).join(' and ');
  return new GpuParserError(
    'SERVER',
    `${relation} stayed locked for ${timeoutMs / 1000} s: ${who} ${holders.length > 1 ? 'are' : 'is'} in the way.`,
    {
      hint: 'An ALTER TABLE, TRUNCATE, VACUUM FULL or the like is running or waits its turn: try again after it, or wait longer with --lock-timeout.',
      sqlState: LOCK_NOT_AVAILABLE,
      retry: true,
      cause,
    },
  );
}
