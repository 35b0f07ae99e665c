import type { Origin } from '../origin/origin.js';
import type { ColumnPlan, Plan } from '../plan/plan.js';
import type { Session } from '../postgres/session.js';
import { canonicalSql } from './canonical-sql.js';

/** A column that the server and the files are asked about in the same way. */
export interface Comparand {
  readonly column: ColumnPlan;
  /** SQL of the canonical text; undefined where the column cannot be compared. */
  readonly sql: string | undefined;
  /** See CanonicalSql. */
  readonly sent?: boolean;
  /** Why not, or on which terms; undefined where every value is compared as it is. */
  readonly terms: string | undefined;
  /** See TextFacts. */
  readonly converted: boolean;
}

/**
 * The columns of a plan whose transaction the session is in.
 * @param origin of the files: the SRIDs that their geometries have are its, whatever the server's are by now
 */
export async function comparandsOf(session: Session, { columns: planned, chunks }: Plan, origin: Origin | undefined): Promise<Comparand[]> {
  const [row] = await session.query<{ encoding: string }>("SELECT pg_catalog.current_setting('server_encoding') AS encoding");
  // A database without an encoding sends the bytes it stores, and hashes them too.
  const converted = row?.encoding !== 'UTF8' && row?.encoding !== 'SQL_ASCII';
  const columns = planned.map((column, i) => {
    const spatial = column.kind === 'geometry' ? origin?.columns[i]?.spatial : undefined;
    return spatial === undefined ? column : { ...column, precision: spatial.srid };
  });
  const select = chunks[0]?.scans[0]?.select;
  const described = select === undefined || columns.length === 0 ? [] : (await session.describe(select)).columns;
  return columns.map((column, i) => ({ column, ...canonicalSql(column, { converted, typeOid: described[i]?.typeOid ?? 0 }), converted }));
}
