import { ORIGIN_KEY, type Origin, type SnapshotInfo } from '../origin/origin.js';
import type { ColumnPlan } from '../plan/plan.js';
import { GEO_KEY } from '../types/geoparquet.js';

/** The footer's key-value metadata: where the rows came from and what PostgreSQL's types were. Holds no SQL of the user and no secret. */
export function keyValueMetadata(
  table: string,
  columns: readonly ColumnPlan[],
  snapshot: SnapshotInfo,
  origin: Origin,
  geo: string | undefined,
): Record<string, string> {
  const { id, lsn, takenAt, standby, serverVersion } = snapshot;
  return {
    'gpuparser.version': origin.tool,
    'gpuparser.table': table,
    'gpuparser.columns': JSON.stringify(columns.map(({ name, postgresType }) => ({ name, type: postgresType }))),
    'gpuparser.snapshot': JSON.stringify({ id, lsn, takenAt, standby }),
    'gpuparser.server': `PostgreSQL ${serverVersion}`,
    [ORIGIN_KEY]: JSON.stringify(origin),
    ...(geo === undefined ? {} : { [GEO_KEY]: geo }),
  };
}
