import type { ThriftField, ThriftList, ThriftStruct, ThriftValue } from './types.js';
import { ThriftType } from './types.js';

// Typed looks into generic structs. A field of another type than expected reads as absent.

export function field(struct: ThriftStruct, id: number): ThriftField | undefined {
  return struct.fields.find((candidate) => candidate.id === id);
}

function typedValue(struct: ThriftStruct, id: number, ...types: readonly number[]): ThriftValue | undefined {
  const found = field(struct, id);
  return found !== undefined && types.includes(found.type) ? found.value : undefined;
}

/** An i8, i16 or i32. */
export function intField(struct: ThriftStruct, id: number): number | undefined {
  return typedValue(struct, id, ThriftType.I8, ThriftType.I16, ThriftType.I32) as number | undefined;
}

/** An i64 (or smaller) as a number; beyond 2^53 the nearest one. */
export function longField(struct: ThriftStruct, id: number): number | undefined {
  const value = typedValue(struct, id, ThriftType.I16, ThriftType.I32, ThriftType.I64);
  return value === undefined ? undefined : Number(value);
}

export function boolField(struct: ThriftStruct, id: number): boolean | undefined {
  return typedValue(struct, id, ThriftType.BOOL) as boolean | undefined;
}

export function bytesField(struct: ThriftStruct, id: number): Uint8Array | undefined {
  return typedValue(struct, id, ThriftType.BINARY) as Uint8Array | undefined;
}

const utf8 = new TextDecoder();

export function textField(struct: ThriftStruct, id: number): string | undefined {
  const bytes = bytesField(struct, id);
  return bytes === undefined ? undefined : utf8.decode(bytes);
}

export function structField(struct: ThriftStruct, id: number): ThriftStruct | undefined {
  return typedValue(struct, id, ThriftType.STRUCT) as ThriftStruct | undefined;
}

/** The elements of a list of elementType; undefined when there is no such list. */
export function listField<T extends ThriftValue>(struct: ThriftStruct, id: number, elementType: number): readonly T[] | undefined {
  const list = typedValue(struct, id, ThriftType.LIST) as ThriftList | undefined;
  if (list === undefined || (list.elementType !== elementType && list.values.length > 0)) return undefined;
  return list.values as readonly T[];
}
