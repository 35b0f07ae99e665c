import pg from 'pg';
import type { ConnectionConfig } from '../../src/config/connection.js';
import { type Server, type ServerOptions, startServer as start } from '../../src/demo/server.js';
import { dataTemplate } from './data-template.js';

export { availableMajors } from '../../src/demo/server-binaries.js';

export interface TestServer extends Server {
  /** The superuser over the Unix socket, ready for connect(); `changes` replace parts. */
  config(changes?: Partial<ConnectionConfig>): ConnectionConfig;
  /**
   * Runs one or more statements as the superuser and returns the last one's rows, every value as the server's own text.
   * Statements of one call share a connection that stays open between calls.
   */
  sql(text: string, parameters?: readonly unknown[]): Promise<Record<string, string | null>[]>;
  /** The first column of the first row of sql(). */
  value(text: string, parameters?: readonly unknown[]): Promise<string | null>;
  /** A second, independent connection of module pg; the caller ends it. */
  client(changes?: pg.ClientConfig): Promise<pg.Client>;
}

/** Starts a real PostgreSQL server for a test; stop() it in `after`, though nothing of it survives this process anyway. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const { major, binaries, initdbArgs } = options;
  const server = await start(binaries === undefined ? { template: await dataTemplate(major, initdbArgs), ...options } : options);
  const { host, port, user, database } = server;
  let own: Promise<pg.Client> | undefined;

  const client = async (changes: pg.ClientConfig = {}) => {
    const made = new pg.Client({ host, port, user, database, types: { getTypeParser: () => (value: string) => value }, ...changes });
    // The server may be killed under this connection; the statement in hand reports it.
    made.on('error', () => undefined);
    await made.connect();
    return made;
  };
  const sql = async (text: string, parameters?: readonly unknown[]) => {
    own ??= client();
    const result: unknown = await (await own).query(text, parameters as unknown[] | undefined);
    const last = (Array.isArray(result) ? result.at(-1) : result) as pg.QueryResult<Record<string, string | null>>;
    return last.rows;
  };
  return {
    ...server,
    client,
    sql,
    value: async (text, parameters) => Object.values((await sql(text, parameters))[0] ?? {})[0] ?? null,
    config: (changes = {}) => ({
      host,
      port,
      user,
      database,
      applicationName: 'gpuparser test',
      connectTimeoutMs: 10_000,
      ssl: { mode: 'disable' },
      channelBinding: 'prefer',
      ...changes,
    }),
    stop: async () => {
      if (own) await (await own).end().catch(() => undefined);
      own = undefined;
      await server.stop();
    },
  };
}
