import { counted } from '../counted.js';
import { findCudaLibrary } from '../engine/library-file.js';
import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';
import type { Devices } from '../run/devices.js';
import type { Cluster, RayNode } from './cluster.js';
import type { Resources } from './events.js';

export interface Lanes extends Devices {
  /** What Ray reserves for each. */
  readonly resources: Resources;
}

/** Of a node's memory for objects and workers, what its lanes take together unless --memory says otherwise. */
const MEMORY_SHARE = 0.25;
const LEAST_MEMORY_BYTES = 256 << 20;

/**
 * How many workers run, on what, and what each reserves: a GPU each where there are some, else a share of a node's CPUs.
 * @param cuda this installation's library, which the workers get, or why there is none.
 * @throws GpuParserError DEVICE when the cluster has not what was asked for and nobody wants to wait for it.
 */
export function chooseLanes(cluster: Cluster, options: ExportOptions, cuda = findCudaLibrary()): Lanes {
  const { device = 'auto' } = options;
  const gpus = cluster.nodes.reduce((sum, node) => sum + Math.floor(node.gpus), 0);
  if (
    device === 'cuda' ||
    (device === 'auto' && typeof cuda === 'string' && gpus > 0) ||
    (device === 'auto' && options.gpus !== undefined)
  ) {
    return gpuLanes(cluster, options, gpus, cuda);
  }
  const nodes = cluster.nodes.filter(({ cpus }) => cpus > 0);
  if (nodes.length === 0 && !options.rayWait) throw missing(cluster, 'CPU', 'has no CPU to run workers on', '--num-cpus=N');
  return cpuLanes(nodes, options, gpus > 0 && device === 'auto' && typeof cuda !== 'string' ? cuda : undefined);
}

function gpuLanes(cluster: Cluster, options: ExportOptions, gpus: number, cuda: string | GpuParserError): Lanes {
  const wanted = options.rayWorkers ?? options.gpus ?? gpus;
  if (gpus === 0 && !options.rayWait) throw missing(cluster, 'GPU', 'has no GPU', '--num-gpus=N');
  if (wanted > gpus && !options.rayWait) {
    throw new GpuParserError(
      'DEVICE',
      `${counted(wanted, 'GPU')} were asked for, but the Ray cluster at ${cluster.http.url.origin} has ${gpus}.`,
      {
        hint: `Ask for at most ${gpus}, or wait for more nodes with --ray-wait.`,
      },
    );
  }
  if (typeof cuda !== 'string') throw cuda;
  const count = Math.max(1, wanted);
  const names = Array.from({ length: count }, () => 'cuda:0');
  return {
    names,
    threads: 0,
    reason: `${count} of ${counted(gpus, 'GPU')} of ${where(cluster)}`,
    resources: { gpus: 1 },
    memoryBytes: memory(cluster.nodes, 1, options, count),
  };
}

function cpuLanes(nodes: readonly RayNode[], options: ExportOptions, idleGpus: GpuParserError | undefined): Lanes {
  const count = options.rayWorkers ?? options.gpus ?? Math.max(1, nodes.length);
  const perNode = Math.ceil(count / Math.max(1, nodes.length));
  const smallest = Math.min(...nodes.map(({ cpus }) => cpus), 64);
  const share = smallest / perNode;
  const cpus = share >= 1 ? Math.floor(share) : Math.max(0.01, Math.floor(share * 100) / 100);
  const why =
    idleGpus === undefined ? '' : `; the GPUs stay idle: ${idleGpus.message.replace(/\.$/, '')} (${idleGpus.hint?.replace(/\.$/, '')})`;
  return {
    names: Array.from({ length: count }, () => 'cpu'),
    threads: Math.max(1, Math.floor(cpus)),
    reason: `${counted(count, 'Ray worker')} with ${counted(cpus, 'CPU')}${count === 1 ? '' : ' each'} on ${counted(nodes.length, 'node')}${why}`,
    resources: { cpus },
    memoryBytes: memory(nodes, perNode, options, count),
  };
}

function memory(nodes: readonly RayNode[], perNode: number, options: ExportOptions, lanes: number): number {
  if (options.memory !== undefined) return Math.max(64 << 20, Math.floor(options.memory / lanes));
  const smallest = Math.min(...nodes.map(({ memoryBytes }) => memoryBytes), 2 ** 40);
  return Math.max(LEAST_MEMORY_BYTES, Math.floor((smallest * MEMORY_SHARE) / Math.max(1, perNode)));
}

function missing(cluster: Cluster, resource: 'GPU' | 'CPU', what: string, flag: string): GpuParserError {
  const nodes = cluster.nodes.map((node) => `${node.address}: ${node.cpus} CPU, ${node.gpus} GPU`).join('; ') || 'none';
  const other = resource === 'GPU' ? ', use --device cpu,' : '';
  return new GpuParserError('DEVICE', `The Ray cluster at ${cluster.http.url.origin} ${what} (nodes: ${nodes}).`, {
    hint: `Start a node with "ray start --address=HEAD:6379 ${flag}"${other} or wait for one with --ray-wait.`,
  });
}

function where({ http, nodes }: Cluster): string {
  return `${counted(nodes.length, 'node')} at ${http.url.origin}`;
}
