import pg from 'pg';
import { startServer } from '../support/server.js';

export interface Database {
  /** Where it is, for an export's environment. */
  readonly environment: Readonly<Record<string, string>>;
  sql(text: string): Promise<Record<string, string | null>[]>;
  stop(): Promise<void>;
}

/** The server that PGHOST and PGPORT name: GPU machines have one of their own. Else one of npm's, as all tests have it. */
export async function openDatabase(): Promise<Database> {
  const { PGHOST, PGPORT = '5432', PGUSER = 'postgres', PGDATABASE = 'postgres', PGPASSWORD } = process.env;
  if (PGHOST === undefined) {
    const server = await startServer();
    const environment = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGDATABASE: server.database };
    return { environment, sql: server.sql, stop: server.stop };
  }
  const types = { getTypeParser: () => (value: string) => value };
  const client = new pg.Client({ host: PGHOST, port: Number(PGPORT), user: PGUSER, database: PGDATABASE, password: PGPASSWORD, types });
  await client.connect();
  const environment = { PGHOST, PGPORT, PGUSER, PGDATABASE, ...(PGPASSWORD === undefined ? {} : { PGPASSWORD }) };
  return { environment, sql: async (text) => (await client.query(text)).rows, stop: () => client.end() };
}
