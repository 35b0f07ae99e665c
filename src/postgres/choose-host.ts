import type { ConnectionConfig, TargetSessionAttributes } from '../config/connection.js';
import { counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import { serverName } from './open.js';
import type { Session } from './session.js';

/** An open connection. */
interface Open {
  readonly session: Session;
}

interface Candidate {
  readonly config: ConnectionConfig;
  /** Why it was not taken. */
  reason?: string;
}

/**
 * Connects to the first server that can be reached and is of the kind asked for, as libpq does: all further connections of an export
 * go to the same. A server that refuses user or password ends the search.
 * @param open connects to one server
 * @throws GpuParserError CONNECT that says of each server why it was not taken.
 */
export async function chooseHost<Connected extends Open>(
  config: ConnectionConfig,
  open: (one: ConnectionConfig) => Promise<Connected>,
): Promise<Connected> {
  const { choice, ...first } = config;
  if (choice === undefined) return open(first);
  const { others, attributes, random } = choice;
  const candidates: Candidate[] = [first, ...others].map((one) => ({ config: one }));
  if (random) shuffle(candidates);
  for (const wanted of attributes === 'prefer-standby' ? (['standby', 'any'] as const) : [attributes]) {
    for (const candidate of candidates) {
      const connected = await tried(candidate, wanted, open);
      if (connected !== undefined) return connected;
    }
  }
  throw noneTaken(candidates, attributes);
}

async function tried<Connected extends Open>(
  candidate: Candidate,
  wanted: Exclude<TargetSessionAttributes, 'prefer-standby'>,
  open: (one: ConnectionConfig) => Promise<Connected>,
): Promise<Connected | undefined> {
  let connected: Connected;
  try {
    connected = await open(candidate.config);
  } catch (thrown) {
    const error = GpuParserError.from(thrown);
    if (error.code !== 'CONNECT') throw error;
    candidate.reason = error.message.replace(/\.$/, '');
    return undefined;
  }
  const { session } = connected;
  try {
    const other = await otherThan(session, wanted);
    if (other === undefined) return connected;
    candidate.reason = other;
  } catch (error) {
    candidate.reason = GpuParserError.from(error).message.replace(/\.$/, '');
  }
  await session.close();
  return undefined;
}

/** What the server is where it is not of the kind that is wanted. */
async function otherThan(session: Session, wanted: Exclude<TargetSessionAttributes, 'prefer-standby'>): Promise<string | undefined> {
  if (wanted === 'any') return undefined;
  const [row] = await session.query<{ standby: boolean; read_only: boolean }>(
    "SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.current_setting('transaction_read_only') = 'on' AS read_only",
  );
  const standby = row?.standby === true;
  const readOnly = row?.read_only === true;
  if (wanted === 'primary') return standby ? 'it is a standby' : undefined;
  if (wanted === 'standby') return standby ? undefined : 'it is no standby';
  if (wanted === 'read-write') return readOnly ? 'it is read-only' : undefined;
  return readOnly ? undefined : 'it is not read-only';
}

function shuffle(candidates: Candidate[]): void {
  for (let i = candidates.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [candidates[i], candidates[j]] = [candidates[j] as Candidate, candidates[i] as Candidate];
  }
}

function noneTaken(candidates: readonly Candidate[], attributes: TargetSessionAttributes): GpuParserError {
  const wanted = attributes === 'any' ? '' : ` with target_session_attrs=${attributes}`;
  const reasons = candidates.map(({ config, reason }) => {
    const name = serverName(config);
    return reason?.includes(name) ? reason : `${name}: ${reason}`;
  });
  const which = candidates.length === 1 ? 'The server' : `None of ${counted(candidates.length, 'server')}`;
  return new GpuParserError('CONNECT', `${which} can${candidates.length === 1 ? 'not' : ''} be used${wanted}: ${reasons.join('; ')}.`, {
    hint:
      attributes === 'any'
        ? 'Check the hosts and ports, and that a PostgreSQL server runs at one of them.'
        : 'Check which server is the primary, and target_session_attrs.',
    retry: true,
  });
}
