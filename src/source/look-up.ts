import type { ExportOptions } from '../options.js';
import type { Origin, SnapshotInfo } from '../origin/origin.js';
import type { ChunkPlan, ColumnPlan, Plan } from '../plan/plan.js';
import type { ServerFacts } from '../postgres/catalog-server.js';
import type { Session } from '../postgres/session.js';
import type { PolicyTable } from '../types/policy-table.js';

/** What the machine and the caller bring to a plan. */
export interface PlanContext {
  /** Devices that will work: one chunk each unless --chunks says otherwise. */
  readonly devices: number;
  /** CPU cores. */
  readonly cores: number;
  /** The devices are GPUs. */
  readonly cuda?: boolean;
  /** Of all workers together, in bytes, where they share it and --memory bounds it. */
  readonly memory?: number | undefined;
  /** The footers' created_by. */
  readonly createdBy: string;
  /** Connections this export holds besides the coordinator's: they do not count as taken by others. */
  readonly connections?: number;
  /** Told when the snapshot has been taken; again when planning had to begin again. */
  readonly onSnapshot?: () => void;
  /** A connection to see who holds a lock. Default: openSession. */
  readonly watchLocks?: (signal: AbortSignal) => Promise<Session>;
  /** Told who holds a lock that is waited for. */
  readonly onNotice?: (text: string) => void;
  /** Called before locks are waited for, and when they are there. */
  readonly onLock?: (waiting: boolean) => void;
  /** A further connection, in no transaction, for counting side by side; closed again here. Default: the coordinator counts alone. */
  readonly openSession?: (signal: AbortSignal) => Promise<Session>;
}

/** What every step of planning has at hand. */
export interface Planning {
  readonly session: Session;
  readonly options: ExportOptions;
  readonly context: PlanContext;
  readonly policies: PolicyTable;
}

/** Planning once the transaction is open. */
export interface SnapshotPlanning extends Planning {
  readonly snapshot: SnapshotInfo;
  readonly facts: ServerFacts;
}

/** A source found outside any transaction: what to lock, and how to go on under the snapshot. */
export interface LookUp {
  /** Plan.table. */
  readonly table: string;
  /** The relation's name without schema, or `query`. */
  readonly name: string;
  /** Quoted names for LOCK TABLE. */
  readonly locks: readonly string[];
  /** Lays the export out; undefined when the source is no longer what was looked up. */
  lay(planning: SnapshotPlanning): Promise<Layout | undefined>;
}

/** The source's part of an Origin. */
export type SourceOrigin = Pick<Origin, 'relation' | 'columns' | 'types' | 'incomplete'>;

/** The source's part of a plan. */
export interface Layout extends Pick<Plan, 'source' | 'estimatedRows' | 'exactRows' | 'heapBytes' | 'unsplittable' | 'warnings'> {
  readonly columns: readonly ColumnPlan[];
  readonly origin: SourceOrigin;
  /** GeoParquet's metadata, where columns hold geometries. */
  readonly geo?: string | undefined;
  readonly chunks: readonly Omit<ChunkPlan, 'index' | 'file'>[];
}
