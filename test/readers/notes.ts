import type { MatrixReader } from './observe.js';

/** What is lost, or which other form values have, in words; docs/readers.md numbers them. */
export interface Note {
  readonly reader: MatrixReader;
  /** Columns of the table of limits. */
  readonly columns: readonly string[];
  readonly says: string;
}

const decimals = [
  'a_numeric_9_2',
  'a_numeric_9_0',
  'a_numeric_18_4',
  'a_numeric_18_18',
  'a_numeric_38_10',
  'a_numeric_38_0',
  'a_money',
  'a_numeric_5_m2',
  'a_numeric_3_5',
];

export const NOTES: readonly Note[] = [
  {
    reader: 'pandas',
    columns: ['a_int2', 'a_int4', 'a_int8', 'a_oid', 'a_domain'],
    says: 'Whole numbers become doubles where a column holds NULL, and bigints beyond 2^53 are rounded.',
  },
  {
    reader: 'pandas',
    columns: ['a_float4', 'a_float8', 'a_float_array'],
    says: 'NULL and NaN are both NaN, in arrays too.',
  },
  {
    reader: 'pandas',
    columns: ['a_date'],
    says: '`datetime.date` ends at the years 1 and 9999; a date beyond them makes the whole read fail.',
  },
  {
    reader: 'pandas',
    columns: ['an_int_array', 'a_bigint_array'],
    says: 'A NumPy array: where an array holds NULL, its numbers are doubles and NULL is NaN.',
  },
  { reader: 'pandas', columns: ['a_uuid_array'], says: 'Arrays of uuid cannot be read.' },
  { reader: 'pandas', columns: ['a_timestamptz_array'], says: 'In arrays the instant in UTC, without a zone.' },
  { reader: 'pandas', columns: ['an_hstore'], says: 'A list of pairs.' },
  { reader: 'polars', columns: ['a_json', 'a_jsonb'], says: 'The bytes of the text in UTF-8: `cast(pl.String)` makes text of them.' },
  { reader: 'polars', columns: ['a_uuid', 'a_uuid_array'], says: 'The 16 bytes.' },
  {
    reader: 'fastparquet',
    columns: ['a_float4', 'a_float8'],
    says: 'NULL and NaN are both NaN.',
  },
  { reader: 'fastparquet', columns: decimals, says: 'The nearest double: 15 digits at most are right.' },
  {
    reader: 'fastparquet',
    columns: ['a_json', 'a_jsonb'],
    says: 'Parsed: a JSON null becomes NULL, numbers become doubles, repeated keys and the text as it was are lost.',
  },
  {
    reader: 'fastparquet',
    columns: ['a_uuid'],
    says: 'Bytes without the zeros at their end: NumPy drops them, in files of every writer.',
  },
  {
    reader: 'fastparquet',
    columns: ['a_date'],
    says: 'Nanoseconds at midnight: dates before 1677-09-21 or after 2262-04-11 overflow into others, silently.',
  },
  { reader: 'fastparquet', columns: ['a_timestamptz'], says: 'The instant in UTC, without a zone.' },
  { reader: 'fastparquet', columns: ['a_time'], says: 'Microseconds since midnight.' },
  {
    reader: 'fastparquet',
    columns: ['a_text_array', 'an_hstore'],
    says: 'NULL, silently, where the column chunk has no dictionary, in files of every writer; right where it has one.',
  },
  {
    reader: 'fastparquet',
    columns: ['a_composite_array', 'a_deep_composite'],
    says: 'Lists of structs are NULL, silently, in files of every writer.',
  },
  {
    reader: 'fastparquet',
    columns: ['a_composite'],
    says: 'A column for each member: a NULL composite is like one whose members are NULL.',
  },
  {
    reader: 'fastparquet',
    columns: ['a_numeric_array', 'a_uuid_array', 'a_date_array', 'a_timestamp_array', 'a_timestamptz_array'],
    says: 'Elements as they are stored: bytes, days since 1970, microseconds since 1970.',
  },
  {
    reader: 'cudf',
    columns: ['a_uuid'],
    says:
      'An illegal memory access that ends the process, where a file with page indexes holds a text or bytea column too; files of pyarrow ' +
      'with page indexes do the same. Without such a column the 16 bytes are read, as a list of numbers.',
  },
  { reader: 'cudf', columns: ['a_uuid_array'], says: 'The 16 bytes.' },
  {
    reader: 'cudf',
    columns: ['a_timestamptz', 'a_timestamptz_array', 'a_deep_composite'],
    says: 'The instant in UTC, without a zone.',
  },
  { reader: 'cudf', columns: ['an_hstore'], says: 'A list of structs of key and value.' },
  { reader: 'arrow-rs', columns: ['a_uuid', 'a_uuid_array'], says: 'The 16 bytes.' },
  {
    reader: 'hyparquet',
    columns: [...decimals, 'a_numeric_array'],
    says: 'A double, scaled by a multiplication: 14 digits at most are right.',
  },
  {
    reader: 'hyparquet',
    columns: ['a_json', 'a_jsonb'],
    says: 'Parsed: a JSON null becomes null as NULL does, numbers become doubles, repeated keys and the text as it was are lost.',
  },
  {
    reader: 'hyparquet',
    columns: ['a_bytea', 'a_bytea_array'],
    says: 'Decoded as UTF-8, which destroys other bytes; `utf8: false` keeps them.',
  },
  { reader: 'hyparquet', columns: ['a_date'], says: 'A `Date`: none after the year 275,760.' },
  {
    reader: 'hyparquet',
    columns: ['a_timestamp', 'a_timestamptz', 'a_timestamp_array', 'a_timestamptz_array'],
    says: 'A `Date`: milliseconds, none after the year 275,760. `parsers` of your own get the microseconds.',
  },
  { reader: 'hyparquet', columns: ['a_time'], says: 'Microseconds since midnight.' },
];

export function noteFor(reader: MatrixReader, column: string): Note | undefined {
  return NOTES.find((note) => note.reader === reader && note.columns.includes(column));
}
