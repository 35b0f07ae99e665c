import type { ErrorReason } from '../errors.js';
import type { Codec, Encodings } from '../options.js';
import type { Kind, NodePlan, Policy } from '../plan/plan.js';

/** The enums of native/include/gpuparser.h, by the program's own names; test/engine/border.test.ts compares them. */
export const CODES = { ok: 0, usage: 1, memory: 2, protocol: 3, value: 4, null: 5, device: 6, limit: 7, internal: 8 } as const;

export const REASONS: Readonly<Record<Exclude<ErrorReason, 'cudf' | 'password'> | 'none', number>> = {
  none: 0,
  nan: 1,
  infinity: 2,
  range: 3,
  fraction: 4,
  overflow: 5,
  dimensions: 6,
  lower_bound: 7,
  utf8: 8,
  srid: 9,
  geometry: 10,
};

export const KINDS: Readonly<Record<Kind, number>> = {
  bool: 1,
  int2: 2,
  int4: 3,
  int8: 4,
  oid: 5,
  float4: 6,
  float8: 7,
  decimal: 8,
  numeric_double: 9,
  numeric_text: 10,
  money: 11,
  text: 12,
  jsonb: 13,
  bytea: 14,
  uuid: 15,
  date: 16,
  timestamp: 17,
  timestamptz: 18,
  time: 19,
  interval: 20,
  char: 21,
  utf8: 22,
  geometry: 23,
  list: 32,
  struct: 33,
  map: 34,
  range: 35,
  multirange: 36,
  vector: 37,
  halfvec: 38,
};
export const LOGICALS: Readonly<Record<NodePlan['logical'], number>> = { none: 0, string: 1, json: 2, enum: 3 };
export const POLICIES: Readonly<Record<Policy, number>> = { error: 0, null: 1, saturate: 2 };
export const CODECS: Readonly<Record<Codec, number>> = { none: 0, snappy: 1, zstd: 2, lz4: 3 };
export const ENCODINGS: Readonly<Record<Encodings, number>> = { compatible: 0, auto: 1 };
export const EVENTS = { slot: 1, batch: 2, read: 3 } as const;

export const DISK_FORMS = { plain: 0, name: 1, char: 2, enum: 3, inet: 4, macaddr: 5, pg_lsn: 6 } as const;
export const ANSWERS = { unknown: 0, committed: 1, aborted: 2, updater: 3 } as const;
export const PAGE_STATES = {
  empty: 0,
  all_visible: 1,
  mvcc: 2,
  ask: 3,
  overflowed: 4,
  unknown: 5,
  toast: 6,
  torn: 7,
  damaged: 8,
} as const;
