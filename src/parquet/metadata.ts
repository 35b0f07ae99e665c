import { commonOrigin, ORIGIN_KEY } from '../origin/origin.js';
import { packageVersion } from '../package.js';
import type { Footer } from './footer.js';
import { FileMetaDataField as F } from './format.js';
import { listField, textField } from './thrift/access.js';
import { ThriftType as T, type ThriftStruct } from './thrift/types.js';

/** What a file says about itself besides its schema and data. */
export interface FileMetadata {
  readonly createdBy: string | undefined;
  readonly keyValues: ReadonlyMap<string, string>;
}

export function metadataOf(footer: Footer): FileMetadata {
  const others: ThriftStruct = { fields: footer.others };
  const pairs = listField<ThriftStruct>(others, F.keyValueMetadata, T.STRUCT) ?? [];
  return {
    createdBy: textField(others, F.createdBy),
    keyValues: new Map(pairs.map((pair) => [textField(pair, 1) ?? '', textField(pair, 2) ?? ''])),
  };
}

export interface CommonMetadata {
  readonly createdBy: string;
  /** Whether one writer wrote all files, so that created_by is true for every column chunk. */
  readonly sameWriter: boolean;
  readonly keyValueMetadata: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** What is true of all files together: entries of the key-value metadata that all have with the same value, a common writer. */
export function commonMetadata(files: readonly FileMetadata[]): CommonMetadata {
  const warnings: string[] = [];
  const [first, ...rest] = files as readonly [FileMetadata, ...FileMetadata[]];
  const sameWriter = rest.every((file) => file.createdBy === first.createdBy);
  if (!sameWriter)
    warnings.push('The files were written by different programs: bounds of text and binary columns were left out of the statistics.');
  const dropped = new Set(files.flatMap((file) => [...file.keyValues.keys()]));
  const origins = files.map((file) => file.keyValues.get(ORIGIN_KEY));
  const origin = origins.every((text) => text !== undefined) ? commonOrigin(origins) : undefined;
  const kept: [string, string][] = [];
  for (const [key, own] of first.keyValues) {
    const value = key === ORIGIN_KEY ? origin : own;
    if (value === undefined || (key !== ORIGIN_KEY && !rest.every((file) => file.keyValues.get(key) === value))) continue;
    kept.push([key, value]);
    dropped.delete(key);
  }
  if (dropped.size > 0) warnings.push(`Metadata that is not the same in all files was left out: ${[...dropped].join(', ')}.`);
  const own = `gpuparser version ${packageVersion}`;
  return { createdBy: (sameWriter ? first.createdBy : undefined) ?? own, sameWriter, keyValueMetadata: Object.fromEntries(kept), warnings };
}
