import { type ErrorCode, GpuParserError } from '../errors.js';
import type { ServerReport } from './wire.js';

interface Meaning {
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly retry?: boolean;
}

/** SQLSTATEs, or their first two characters, that mean more to an export than "the server reported an error". */
const meanings: Readonly<Record<string, Meaning>> = {
  '08': { code: 'CONNECT', retry: true },
  '28': { code: 'AUTH', hint: "Check user and password (-u, PGUSER; PGPASSWORD or ~/.pgpass) and the server's pg_hba.conf." },
  '28P01': { code: 'AUTH', hint: 'Give the right password by PGPASSWORD, ~/.pgpass or -p.' },
  '3D000': { code: 'AUTH', hint: 'Name an existing database with --db or PGDATABASE.' },
  '40P01': { code: 'SERVER', retry: true },
  '42501': { code: 'PERMISSION', hint: 'Ask for SELECT on it, or connect as a role that has it (-u).' },
  '42P01': { code: 'NOT_FOUND' },
  '3F000': { code: 'NOT_FOUND' },
  '42703': { code: 'NOT_FOUND' },
  // The same again fills the lock table again, and others find no room in it meanwhile.
  '53200': {
    code: 'SERVER',
    hint: 'Use fewer connections (--jobs); where its lock table is full, raise max_locks_per_transaction on the server.',
  },
  '53300': { code: 'CONNECT', hint: 'Use fewer connections (--jobs) or raise max_connections on the server.', retry: true },
  '54000': { code: 'SERVER', hint: 'PostgreSQL cannot send a row of more than 1 GiB by COPY: leave a large column out with --columns.' },
  '55P03': {
    code: 'SERVER',
    hint: 'Another session holds a conflicting lock: wait for it to end, then run the export again.',
    retry: true,
  },
  '57014': { code: 'SERVER', hint: 'An administrator or a timeout cancelled the statement.' },
  '57P01': { code: 'SERVER', retry: true },
  '57P02': { code: 'SERVER', retry: true },
  '57P03': { code: 'CONNECT', hint: 'The server is starting up or shutting down: try again shortly.', retry: true },
  '57P05': { code: 'SERVER', retry: true },
};

/** An error report of the server as our error: its own words, its detail and SQLSTATE, our class and hint. */
export function serverError(report: ServerReport): GpuParserError {
  const special = meaningOfMessage(report);
  const meaning = special ?? meanings[report.sqlState] ?? meanings[report.sqlState.slice(0, 2)] ?? { code: 'SERVER' as const };
  const detail = [report.detail, report.where].filter((text) => text).join('\n');
  return new GpuParserError(meaning.code, sentence(report.message), {
    hint: special?.hint ?? (report.hint ? sentence(report.hint) : meaning.hint),
    detail: detail || undefined,
    sqlState: report.sqlState,
    retry: meaning.retry,
  });
}

/** What the SQLSTATE alone does not tell apart; where lc_messages has another language, that one's meaning stands. */
function meaningOfMessage({ sqlState, message, detail }: ServerReport): Meaning | undefined {
  // Read-only transactions fail so on a standby only. The coordinator's ends with them and its snapshot too, but for a buffer's pin.
  if (sqlState === '40001') {
    const hint = 'Set hot_standby_feedback = on or a longer max_standby_streaming_delay on the standby, or export from the primary.';
    return { code: 'SERVER', hint, retry: detail?.includes('buffer pin') ?? false };
  }
  if (sqlState === '42501' && message.includes('row-level security')) {
    const hint =
      "Export the rows the policy shows with --allow-row-security, or connect as a role with BYPASSRLS. Behind a view, it is the view's owner that needs BYPASSRLS, unless the view is a security_invoker.";
    return { code: 'PERMISSION', hint };
  }
  if (message.includes('statement pooling mode')) {
    return { code: 'CONNECT', hint: 'An export needs transactions: connect to the server itself, or to a pooler in transaction mode.' };
  }
  return undefined;
}

/** Whatever module pg threw, on a connection that ran a statement. */
export function statementError(thrown: unknown): GpuParserError {
  if (thrown instanceof GpuParserError) return thrown;
  if (isReport(thrown)) {
    return serverError({
      severity: thrown.severity,
      sqlState: thrown.code,
      message: thrown.message,
      detail: thrown.detail,
      hint: thrown.hint,
      where: thrown.where,
    });
  }
  return lostConnection(thrown);
}

export function lostConnection(cause: unknown): GpuParserError {
  const reason = (cause as NodeJS.ErrnoException | undefined)?.code;
  return new GpuParserError('SERVER', 'The connection to the server was lost.', {
    hint: "The server's log says whether it crashed, was shut down, or the network failed.",
    detail: reason,
    retry: true,
    cause,
  });
}

/** The socket could not be opened. `target` is what people call the server: `db.example.com:5432`. */
export function unreachable(target: string, cause: unknown): GpuParserError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const socket = target.startsWith('/');
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return new GpuParserError('CONNECT', `No server listens at ${target}.`, {
        hint: socket
          ? 'Is PostgreSQL running on this machine? Name its host with -h: -h localhost for one that listens by TCP only.'
          : 'Is PostgreSQL running there, and are host (-h) and port (-P) right?',
        retry: true,
        cause,
      });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new GpuParserError('CONNECT', `The host name of ${target} cannot be resolved.`, {
        hint: 'Check the spelling of the host (--host or PGHOST).',
        retry: code === 'EAI_AGAIN',
        cause,
      });
    case 'EACCES':
      return new GpuParserError('CONNECT', `The socket ${target} may not be opened by this user.`, { cause });
    default:
      return new GpuParserError('CONNECT', `Cannot connect to ${target}: ${message}.`, {
        hint: 'Check the network, a firewall between, and host (-h) and port (-P).',
        retry: true,
        cause,
      });
  }
}

interface Report {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
}

function isReport(thrown: unknown): thrown is Report {
  return thrown instanceof Error && 'severity' in thrown && 'code' in thrown && typeof thrown.code === 'string';
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
