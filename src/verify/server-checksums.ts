import type { Plan, ScanPlan } from '../plan/plan.js';
import { splitTasks, type TaskPiece } from '../plan/split.js';
import type { Session } from '../postgres/session.js';
import { PassingLocks } from '../source/copy/passing-locks.js';
import { whereClause } from '../source/copy/statements.js';
import type { Comparand } from './comparand.js';
import { SentRows } from './sent-rows.js';
import { hashBytes, sumText } from './text-hash.js';

/** What one statement sums: 256 MiB, so that progress can be told. */
const PIECE_PAGES = 32_768;

/** What the server's rows sum up to: see TableSums. */
export interface ServerSums {
  readonly rows: number;
  readonly columns: readonly { readonly values: number; readonly checksum: string }[];
  readonly wholeRows: string;
}

interface Row {
  readonly rows: string;
  readonly values: readonly string[];
  readonly sums: readonly string[];
  readonly whole: string;
}

/** The hashes of all values that the plan reads, summed by the server as far as it can. The session must be in the plan's transaction. */
export async function serverChecksums(
  session: Session,
  plan: Plan,
  comparands: readonly Comparand[],
  onRows: (rows: number) => void,
): Promise<ServerSums> {
  // An export pins this to keep the rows' order, which a sum does not ask for.
  await session.query('SET LOCAL max_parallel_workers_per_gather TO DEFAULT');
  const pieces = plan.chunks.flatMap((chunk) => splitTasks(chunk, PIECE_PAGES, PIECE_PAGES, 1).flatMap((task) => task.pieces));
  const sources = pieces.map((piece) => ({ scan: piece.scan, rows: rowsOf(piece) }));
  const locks = new PassingLocks(session, false);
  if (!comparands.some(({ sent }) => sent)) return summedThere(session, locks, sources, comparands, onRows);
  const sums = new SentRows(comparands);
  for (const { scan, rows } of sources) {
    await locks.enter(scan);
    await sums.addFrom(session, rows, hashSql);
    onRows(sums.rows);
  }
  const columns = sums.columns.map(({ values, text }) => ({ values, checksum: text }));
  return { rows: sums.rows, columns, wholeRows: sums.wholeRows.text };
}

/** What follows FROM to read a piece's rows. */
function rowsOf(piece: TaskPiece): string {
  const { scan } = piece;
  const limit = scan.limit === undefined ? '' : `\nLIMIT ${scan.limit}`;
  return `${scan.from}${whereClause(piece)}${limit}`;
}

async function summedThere(
  session: Session,
  locks: PassingLocks,
  sources: readonly { readonly scan: ScanPlan; readonly rows: string }[],
  comparands: readonly Comparand[],
  onRows: (rows: number) => void,
): Promise<ServerSums> {
  let rows = 0n;
  let whole = 0n;
  const values = comparands.map(() => 0n);
  const sums = comparands.map(() => 0n);
  for (const { scan, rows: source } of sources) {
    await locks.enter(scan);
    const [row] = await session.query<Row>(checksumSql(comparands, source));
    const found = row as Row;
    rows += BigInt(found.rows);
    onRows(Number(rows));
    whole += BigInt(found.whole);
    for (const i of comparands.keys()) {
      values[i] = (values[i] as bigint) + BigInt(found.values[i] as string);
      sums[i] = (sums[i] as bigint) + BigInt(found.sums[i] as string);
    }
  }
  return {
    rows: Number(rows),
    columns: values.map((count, i) => ({ values: Number(count), checksum: sumText(sums[i] as bigint) })),
    wholeRows: sumText(whole),
  };
}

/** One row: counts and sums as arrays, for a result has at most 1,664 columns. OFFSET 0 has each hash computed once. */
function checksumSql(columns: readonly Comparand[], source: string): string {
  const hashes = columns.map(({ sql }, i) => `${sql === undefined ? 'NULL::bigint' : hashSql(sql)} AS h${i}`);
  const each = (text: (name: string) => string) => `ARRAY[${columns.map((_, i) => text(`h${i}`)).join(', ')}]::text[]`;
  // What cannot be compared is no part of the rows either.
  const row = columns.flatMap(({ sql }, i) => (sql === undefined ? [] : `h${i}`)).join(', ');
  return `SELECT pg_catalog.count(*)::text AS rows, ${each((h) => `pg_catalog.count(${h})`)} AS values, ${each((h) => `coalesce(pg_catalog.sum(${h}), 0)`)} AS sums,
    coalesce(pg_catalog.sum(pg_catalog.hashint8extended(pg_catalog.hash_array_extended(ARRAY[${row}]::bigint[], 0), 0)), 0)::text AS whole
    FROM (SELECT ${hashes.join(', ')} FROM ${source}\nOFFSET 0) AS v`;
}

const hashSql = (text: string): string => `pg_catalog.hashtextextended((${text}) COLLATE "C", 0)`;

/** ASCII, which every encoding of a server has, and of more than one round of the hash. */
const PROBE = 'gpuparser 0123456789';

/** Whether the server hashes texts as we do: one on a big-endian machine does not. */
export async function sameOnServer(session: Session): Promise<boolean> {
  const [row] = await session.query<{ hash: string }>('SELECT pg_catalog.hashtextextended($1 COLLATE "C", 0)::text AS hash', [PROBE]);
  const bytes = Buffer.from(PROBE);
  const own = { hi: 0, lo: 0 };
  hashBytes(bytes, 0, bytes.length, own);
  return sumText(BigInt(row?.hash ?? 0)) === sumText((BigInt(own.hi) << 32n) | BigInt(own.lo));
}
