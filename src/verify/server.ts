import { resolveConnection } from '../config/resolve.js';
import { count, counted } from '../counted.js';
import { GpuParserError } from '../errors.js';
import type { AskPassword, ConnectionOptions } from '../options.js';
import type { Codecs } from '../parquet/pages/row-group-reader.js';
import type { Plan } from '../plan/plan.js';
import { planExport } from '../planning/plan-export.js';
import { type Connected, connect } from '../postgres/connect.js';
import { connectAsking } from '../postgres/connect-asking.js';
import type { ManifestEntry } from '../sink/manifest.js';
import type { Store } from '../sink/store.js';
import { type Comparand, comparandsOf } from './comparand.js';
import { fileChecksums, type TableSums } from './file-checksums.js';
import { Problems } from './problems.js';
import type { ColumnComparison, VerifyEvent } from './report.js';
import { type ServerSums, sameOnServer, serverChecksums } from './server-checksums.js';
import { varyingCalls } from './varying.js';

/** How long a cancelled comparison may take to end. */
const CANCEL_GRACE_MS = 5000;

/** How a comparison is made, and whom it tells. */
export interface Manner {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: VerifyEvent) => void) | undefined;
  readonly lockTimeout?: number | undefined;
  readonly askPassword?: AskPassword | undefined;
}

/** The server that tables are compared with, through one connection. */
export class ServerSide {
  readonly #connected: Connected;
  readonly #manner: Manner;
  readonly #signal: AbortSignal | undefined;
  readonly #stop = () => void this.#cancel();
  /** To see who holds a lock that is waited for. */
  readonly #openSession = async (signal: AbortSignal) => (await connect(this.#connected.config, signal)).session;

  private constructor(connected: Connected, manner: Manner) {
    this.#connected = connected;
    this.#manner = manner;
    this.#signal = manner.signal;
    manner.signal?.addEventListener('abort', this.#stop, { once: true });
  }

  /** Errors: CONNECT, AUTH; SERVER for one whose hashes are not ours. */
  static async open(options: ConnectionOptions, manner: Manner): Promise<ServerSide> {
    const { connection } = await resolveConnection(options, process.env);
    const side = new ServerSide(await connectAsking(connection, manner.askPassword, manner.signal), manner);
    try {
      if (await sameOnServer(side.#connected.session)) return side;
      throw new GpuParserError('SERVER', 'The server hashes texts otherwise, as big-endian machines do, so checksums cannot be compared.', {
        hint: 'Verify the files without --server.',
      });
    } catch (error) {
      await side.close();
      throw error;
    }
  }

  /** Half of a row's way is the server's sum, half the files'. */
  #progressOf({ table, rows: expectedRows, bytes }: ManifestEntry): { server(rows: number): void; files(rows: number): void } {
    const done = { server: 0, files: 0 };
    const tell = (side: 'server' | 'files', sideRows: number) => {
      done[side] = sideRows;
      const rows = Math.floor((done.server + done.files) / 2);
      const share = expectedRows === 0 ? 1 : Math.min(1, rows / expectedRows);
      this.#manner.onEvent?.({ type: 'progress', table, rows, expectedRows, bytes: Math.round(bytes * share) });
    };
    return { server: (rows) => tell('server', rows), files: (rows) => tell('files', rows) };
  }

  /** Compares one table; what differs, or could not be compared, is in problems. */
  async compare(store: Store, entry: ManifestEntry, codecs: Codecs, problems: Problems): Promise<readonly ColumnComparison[]> {
    const not = (why: string, hint?: string): readonly ColumnComparison[] => {
      problems.add('server', `It was not compared with the server: ${why}.`, hint === undefined ? {} : { hint });
      return [];
    };
    const again = 'Export the table again with --overwrite, then verify.';
    if (entry.request === undefined) return not('the manifest does not say what was asked for (an older version wrote it)', again);
    if (entry.failures.length > 0) return not('chunks of it failed when it was exported', again);
    const { session } = this.#connected;
    let plan: Plan;
    try {
      const source = entry.request.query === undefined ? { table: entry.table } : {};
      const { lockTimeout, onEvent } = this.#manner;
      const own = lockTimeout === undefined ? {} : { lockTimeout };
      plan = await planExport(
        session,
        { ...source, ...entry.request, ...own },
        {
          devices: 1,
          cores: 1,
          createdBy: entry.tool,
          onNotice: (message) => onEvent?.({ type: 'notice', message }),
          watchLocks: this.#openSession,
        },
      );
    } catch (thrown) {
      const error = GpuParserError.from(thrown);
      if (error.code === 'INTERNAL' || this.#signal?.aborted) throw thrown;
      return not(error.message.replace(/\.$/, ''), error.hint);
    }
    try {
      const reason = incomparable(entry, plan);
      if (reason !== undefined) return not(reason);
      const comparands = await comparandsOf(session, plan, entry.origin);
      const progress = this.#progressOf(entry);
      const [server, files] = await Promise.all([
        serverChecksums(session, plan, comparands, (rows) => progress.server(rows)),
        fileChecksums(
          store,
          entry.chunks.map(({ file }) => file),
          comparands,
          codecs,
          this.#signal,
          (rows) => progress.files(rows),
        ),
      ]);
      const differences = new Problems();
      const columns = comparison(entry, comparands, files, server, differences);
      const calls = differences.none ? [] : await varyingCalls(session, plan);
      if (calls.length === 0) for (const { check, message, ...more } of differences.list) problems.add(check, message, more);
      else not(`it calls ${calls.join(', ')}, which may give other values at each reading`);
      return columns;
    } catch (thrown) {
      const error = GpuParserError.from(thrown);
      if (error.code === 'INTERNAL' || this.#signal?.aborted) throw thrown;
      return not(error.message.replace(/\.$/, ''), error.hint);
    } finally {
      await session.query('ROLLBACK').catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#stop);
    await this.#connected.session.close();
  }

  /** The server goes on with a query whose client is gone; it has to be told. That takes no connection of a pool or role. */
  async #cancel(): Promise<void> {
    const { session } = this.#connected;
    setTimeout(() => session.destroy(), CANCEL_GRACE_MS).unref();
    await session.cancel().catch(() => session.destroy());
  }
}

/** Why the server's rows cannot be set against the files', as a clause. */
function incomparable(entry: ManifestEntry, plan: Plan): string | undefined {
  const [was, is] = [entry.columns, plan.columns];
  for (let i = 0; i < Math.max(was.length, is.length); i++) {
    const [then, now] = [was[i], is[i]];
    if (then === undefined) return `column "${now?.name}" is on the server and not in the manifest`;
    if (now === undefined) return `column "${then.name}" is no longer on the server`;
    if (then.name !== now.name) return `column ${i + 1} is "${now.name}" on the server, the manifest says "${then.name}"`;
    // The origin's types are qualified: which names a search path left bare is no difference.
    const typeThen = entry.origin?.columns[i]?.type ?? then.postgresType;
    const typeNow = plan.origin.columns[i]?.type ?? now.postgresType;
    if (typeThen !== typeNow) return `column "${then.name}" is ${typeNow} on the server, the manifest says ${typeThen}`;
    if (then.parquetType !== now.parquetType)
      return `column "${then.name}" would become ${now.parquetType} today, the manifest says ${then.parquetType}`;
  }
  const { rows } = entry.request ?? {};
  // No rows are the same rows whatever their order.
  if (rows !== undefined && rows > 0 && plan.unsplittable !== undefined && entry.rows === rows)
    return `--rows ${rows} took any ${counted(rows, 'row')} of a source that has no order (${plan.unsplittable})`;
  return undefined;
}

function comparison(
  entry: ManifestEntry,
  comparands: readonly Comparand[],
  files: TableSums,
  server: ServerSums,
  problems: Problems,
): readonly ColumnComparison[] {
  const { takenAt, lsn } = entry.snapshot;
  const hint = `If the table changed after the export's snapshot (${takenAt}, LSN ${lsn}), export it again with --overwrite.`;
  if (files.rows !== server.rows)
    problems.add('server', `The files hold ${counted(files.rows, 'row')}, the server ${count(server.rows)}.`, { hint });
  const columns = comparands.map(({ column, sql, terms }, i): ColumnComparison => {
    const { name, postgresType } = column;
    if (sql === undefined) return { column: name, postgresType, status: 'not compared', files: null, server: null, reason: terms ?? null };
    const own = files.columns[i] as TableSums['columns'][number];
    const theirs = server.columns[i] as ServerSums['columns'][number];
    const ours = { values: own.values, checksum: own.text };
    const same = ours.values === theirs.values && ours.checksum === theirs.checksum;
    if (!same) {
      const counts =
        ours.values === theirs.values
          ? `both have ${counted(ours.values, 'value')} that are not NULL, but not the same ones`
          : `the files have ${counted(ours.values, 'value')} that are not NULL, the server ${count(theirs.values)}`;
      problems.add('server', `Column "${name}" (${postgresType}) differs: ${counts}.`, { column: name, hint });
    }
    return {
      column: name,
      postgresType,
      status: same ? 'same' : 'different',
      files: ours,
      server: theirs,
      reason: terms ?? null,
    };
  });
  const left = columns.filter(({ status }) => status === 'not compared');
  const ours = { values: files.rows, checksum: files.wholeRows.text };
  const theirs = { values: server.rows, checksum: server.wholeRows };
  const same = ours.values === theirs.values && ours.checksum === theirs.checksum;
  if (!same && files.rows === server.rows && columns.every(({ status }) => status !== 'different'))
    problems.add('server', 'Every column holds the same values, but they form other rows.', { hint });
  return [
    ...columns,
    {
      column: null,
      postgresType: null,
      status: same ? 'same' : 'different',
      files: ours,
      server: theirs,
      reason: left.length === 0 ? null : `without ${left.map(({ column }) => `"${column}"`).join(', ')}`,
    },
  ];
}
