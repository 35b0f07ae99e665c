import { words } from './lineitem.js';

/**
 * SQL that makes a table of what lineitem has none of: arrays, a composite, many NULLs (also inside those) and a kibibyte of text.
 * The same `rows` and `seed` give the same rows on every server, as in lineitem.ts.
 *
 * The long texts are cut from 16 MB of words and names, at places that a hash chooses: made quickly, and within the 64 KiB that
 * snappy looks back hardly ever the same twice.
 */
export function nestedSql(rows: number, { table = 'nested', seed = 1 } = {}): string[] {
  const hash = (use: number, n: number | string) => `((hashint8extended(i, ${seed * 100 + use}) & 2147483647) % ${n})::int`;
  const orNull = (use: number, percent: number, sql: string) => `CASE WHEN ${hash(use, 100)} >= ${percent} THEN ${sql} END`;
  const vocabulary = `'{${words.map((word) => `"${word}"`).join(',')}}'::text[]`;
  // Elements: the k-th of row i, some of them NULL.
  const element = (use: number, n: number) => `((hashint8extended(i * 64 + k, ${seed * 100 + use}) & 2147483647) % ${n})::int`;
  const list = (use: number, most: number, sql: string) =>
    `(SELECT coalesce(array_agg(CASE WHEN ${element(use, 20)} > 0 THEN ${sql} END), '{}') FROM generate_series(1, ${hash(use + 1, most + 1)}) AS k)`;
  return [
    `DROP TABLE IF EXISTS ${table}`,
    `DROP TYPE IF EXISTS ${table}_place`,
    `CREATE TYPE ${table}_place AS (city text, latitude double precision, longitude double precision, visits integer)`,
    `CREATE TABLE ${table} (
  id bigint NOT NULL, tags text[], scores integer[] NOT NULL, place ${table}_place, body text, note text, amount numeric(12,2), at timestamptz)`,
    `INSERT INTO ${table}
WITH vocabulary AS MATERIALIZED (SELECT ${vocabulary} AS words),
  pool AS MATERIALIZED (
    SELECT convert_to(string_agg(words[1 + ${hash(1, words.length)}] || ' ' || substr(md5((i + ${seed})::text), 1, 3 + ${hash(2, 8)}), ' '), 'UTF8') AS bytes
    FROM vocabulary, generate_series(1, 1000000) AS i)
SELECT i, ${orNull(3, 10, list(4, 8, `words[1 + ${element(6, words.length)}]`))}, ${list(7, 16, element(9, 100000))},
  ${orNull(10, 20, `ROW(words[1 + ${hash(11, words.length)}], ${hash(12, 180000)} / 1000.0 - 90, ${hash(13, 360000)} / 1000.0 - 180, ${orNull(14, 25, hash(15, 50))})::${table}_place`)},
  ${orNull(16, 5, `convert_from(substring(bytes FROM 1 + ${hash(17, 'octet_length(bytes) - 1200')} FOR 900 + ${hash(18, 250)}), 'UTF8')`)},
  ${orNull(19, 60, `words[1 + ${hash(20, words.length)}]`)}, ${orNull(21, 30, `${hash(22, 2000000000)}::numeric / 100`)},
  ${orNull(23, 10, `timestamptz '2020-01-01 00:00+00' + ${hash(24, 200000000)} * interval '1 second'`)}
FROM generate_series(1, ${rows}::bigint) AS i, vocabulary, pool`,
  ];
}
