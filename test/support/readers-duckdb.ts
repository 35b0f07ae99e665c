import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { dateText, timestampText, timeText } from '../../src/parquet/civil.js';
import { decimalText, doubleText, hexText } from '../../src/parquet/values.js';
import type { Filter, Rows } from './rows.js';

/** Runs SQL in a fresh in-memory database. */
export async function queryDuckDB(sql: string): Promise<{ columns: string[]; rows: DuckDBValue[][] }> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(sql);
    return { columns: result.columnNames(), rows: result.getRows() };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export async function readWithDuckDB(path: string, filter?: Filter): Promise<Rows> {
  const where = filter === undefined ? '' : ` WHERE "${filter.column.replaceAll('"', '""')}" BETWEEN ${filter.low} AND ${filter.high}`;
  const { columns, rows } = await queryDuckDB(`SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')${where}`);
  return { columns, rows: rows.map((row) => row.map(cell)) };
}

/** A value in the normal form of readers.ts. */
export function cell(value: DuckDBValue): string | null {
  const plain = normal(value);
  return plain === null || typeof plain === 'string' ? plain : JSON.stringify(plain);
}

type Normal = string | null | Normal[] | { [name: string]: Normal };

function normal(value: DuckDBValue): Normal {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof DuckDBDecimalValue) return decimalText(value.value, value.scale);
  if (value instanceof DuckDBDateValue) return dateText(value.days);
  if (value instanceof DuckDBTimeValue) return timeText(value.micros, 'us');
  if (value instanceof DuckDBTimestampValue) return timestampText(value.micros, 'us');
  if (value instanceof DuckDBTimestampTZValue) return timestampText(value.micros, 'us').replace(/( BC)?$/, '+00$1');
  if (value instanceof DuckDBTimestampMillisecondsValue) return timestampText(value.millis, 'ms');
  if (value instanceof DuckDBTimestampNanosecondsValue) return timestampText(value.nanos, 'ns');
  if (value instanceof DuckDBUUIDValue) return value.toString();
  if (value instanceof DuckDBBlobValue) return hexText(value.bytes);
  if (value instanceof DuckDBListValue) return value.items.map(normal);
  if (value instanceof DuckDBStructValue)
    return structText(Object.fromEntries(Object.entries(value.entries).map(([key, v]) => [key, normal(v)])));
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map((entry) => [String(normal(entry.key)), normal(entry.value)]));
  throw new Error(`no normal form for DuckDB's ${value.constructor.name}`);
}

/** An interval's struct has its own form. */
export function structText(entries: { [name: string]: Normal }): Normal {
  if (Object.keys(entries).join() !== 'months,days,microseconds') return entries;
  return `${entries.months} mons ${entries.days} days ${entries.microseconds} us`;
}
