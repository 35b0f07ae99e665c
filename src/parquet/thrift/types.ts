/** Type codes of Thrift's compact protocol, as on the wire. A field's boolean value is its type: BOOL (true) or FALSE. */
export const ThriftType = {
  BOOL: 1,
  FALSE: 2,
  I8: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
  UUID: 13,
} as const;

/**
 * Any Thrift value; the type beside it says which. Integers are numbers, or bigints beyond 2^53. A double is a number, or the
 * bigint of its bits when it is a NaN whose payload a number may not keep. Binary and uuid (16 bytes) are bytes.
 */
export type ThriftValue = boolean | number | bigint | Uint8Array | ThriftStruct | ThriftList | ThriftMap;

/** A field. Booleans always have the type BOOL here. */
export interface ThriftField {
  readonly id: number;
  readonly type: number;
  readonly value: ThriftValue;
}

/** Fields in the order of the wire. */
export interface ThriftStruct {
  readonly fields: readonly ThriftField[];
}

/** A list or a set. Both BOOL and FALSE are used on the wire for elements that are booleans. */
export interface ThriftList {
  readonly elementType: number;
  readonly values: readonly ThriftValue[];
}

/** An empty map has no types on the wire: they are 0. */
export interface ThriftMap {
  readonly keyType: number;
  readonly valueType: number;
  readonly entries: readonly (readonly [ThriftValue, ThriftValue])[];
}

/** Deepest nesting of structs, lists, sets and maps that is read or written; Parquet's own metadata needs 7. */
export const maxDepth = 64;
