import type { ExportOptions } from '../options.js';

/** The options that decide which values the files hold; what decides where and how fast they are written is left out. */
export type ExportRequest = Omit<
  ExportOptions,
  | 'table'
  | 'output'
  | 'overwrite'
  | 'connection'
  | 'gpus'
  | 'device'
  | 'cluster'
  | 'rayAddress'
  | 'rayTokenFile'
  | 'rayWorkers'
  | 'rayNode'
  | 'rayWait'
  | 'raySecretFrom'
  | 'jobs'
  | 'chunks'
  | 'compression'
  | 'compressionLevel'
  | 'encodings'
  | 'bloomFilters'
  | 'memory'
  | 'retries'
>;

/** What was asked for, so that the same can be asked again: by `verify`, of the same table. Holds no connection and no secret. */
export function requestOf(options: ExportOptions): ExportRequest {
  const { table, output, overwrite, connection, gpus, device, cluster, ...values } = options;
  const { rayAddress, rayTokenFile, rayWorkers, rayNode, rayWait, raySecretFrom, ...own } = values;
  const { jobs, chunks, compression, compressionLevel, encodings, bloomFilters, memory, retries, ...request } = own;
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}
