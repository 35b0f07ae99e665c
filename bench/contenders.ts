import type { Server } from '../src/demo/server.js';

export interface Contender {
  readonly name: string;
  /** Whose ratio to whom is printed: contenders of one codec are compared with DuckDB's. */
  readonly codec: 'snappy' | 'zstd' | undefined;
  /** Writes into the folder and nowhere else. */
  command(folder: string): string[];
}

export interface Source {
  readonly server: Server;
  readonly table: string;
  /** The table's size in pages; the drain reads two halves. */
  readonly pages: number;
  /** psql's path. */
  readonly psql: string;
}

/** What the server can give at best: two psql that throw a binary COPY of half the table each away. */
export function drain({ server, table, pages, psql }: Source): Contender {
  const middle = `(${Math.floor(pages / 2)},0)`;
  const half = (comparison: string) =>
    `"$0" -X -q -h ${server.host} -p ${server.port} -U ${server.user} -d ${server.database} -c "COPY (SELECT * FROM ${table} WHERE ctid ${comparison} '${middle}') TO STDOUT (FORMAT binary)" > /dev/null`;
  const script = `${half('<')} & first=$!; ${half('>=')} & second=$!; wait $first && wait $second`;
  return { name: 'drain', codec: undefined, command: () => ['/bin/sh', '-c', script, psql] };
}

export function gpuparser({ server, table }: Source, codec: 'snappy' | 'zstd', options: readonly string[] = []): Contender {
  const connection = ['-h', server.host, '-P', String(server.port), '-u', server.user, '-d', server.database];
  const command = (folder: string) => [
    process.execPath,
    'bin/gpuparser.js',
    'export',
    '-t',
    table,
    '-o',
    folder,
    ...connection,
    '--compression',
    codec,
    '--device',
    'cpu',
    '--quiet',
    '--overwrite',
    ...options,
  ];
  return { name: 'gpuparser', codec, command };
}

const scripts = { duckdb: 'DuckDB', connectorx: 'ConnectorX', adbc: 'ADBC' };
export type Peer = keyof typeof scripts;
export const peers = Object.keys(scripts) as Peer[];

export function peer(which: Peer, { server, table }: Source, codec: 'snappy' | 'zstd'): Contender {
  const { host, port, user, database } = server;
  const dsn =
    which === 'duckdb' ? `host=${host} port=${port} user=${user} dbname=${database}` : `postgresql://${user}@127.0.0.1:${port}/${database}`;
  return {
    name: scripts[which],
    codec,
    command: (folder) => ['.venv/bin/python', `bench/export_${which}.py`, dsn, table, `${folder}/${table}.parquet`, codec],
  };
}
