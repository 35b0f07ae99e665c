import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';
import { dashboardAddress, isPrivate } from './address.js';
import { RayHttp } from './http.js';
import { findToken, type Token } from './token.js';

/** The oldest Ray this was tried with, and the one its tests use. */
const LEAST_VERSION = [2, 40] as const;
const TESTED_VERSION = '2.60';
const FIRST_NODE_MS = 10_000;

export interface RayNode {
  readonly id: string;
  readonly address: string;
  readonly cpus: number;
  readonly gpus: number;
  readonly memoryBytes: number;
}

/** A cluster that answers and lets us in. */
export interface Cluster {
  readonly http: RayHttp;
  readonly rayVersion: string;
  /** Those alive. */
  readonly nodes: readonly RayNode[];
  readonly warnings: readonly string[];
}

/**
 * Finds the cluster and asks what it has.
 * @throws GpuParserError CONNECT or AUTH when it cannot be used, DEVICE when its Ray is too old.
 */
export async function openCluster(options: ExportOptions, environment: NodeJS.ProcessEnv): Promise<Cluster> {
  const url = dashboardAddress(options.rayAddress, environment);
  const token = await findToken(options.rayTokenFile, environment);
  const http = new RayHttp(url, token);
  try {
    const rayVersion = await version(http);
    const nodes = await readNodes(http);
    return { http, rayVersion, nodes, warnings: warnings(url, token, options) };
  } catch (error) {
    http.close();
    throw error;
  }
}

async function version(http: RayHttp): Promise<string> {
  const { ray_version: found } = await http.json<{ ray_version?: string }>('GET', '/api/version');
  const parts = /^(\d+)\.(\d+)/.exec(found ?? '');
  const least = LEAST_VERSION.join('.');
  if (parts === null) {
    throw new GpuParserError('CONNECT', `What answers at ${http.url.origin} is not Ray's dashboard.`, {
      hint: 'Check --ray-address; the usual port is 8265.',
    });
  }
  const [major, minor] = [Number(parts[1]), Number(parts[2])];
  if (major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1])) {
    throw new GpuParserError('DEVICE', `The cluster at ${http.url.origin} runs Ray ${found}; version ${least} or newer is needed.`, {
      hint: `On all nodes: pip install -U "ray[default]" (tested with ${TESTED_VERSION}).`,
    });
  }
  return found as string;
}

interface NodesAnswer {
  readonly data: {
    readonly result: {
      readonly result: readonly {
        readonly node_id: string;
        readonly node_ip: string;
        readonly state: string;
        readonly resources_total: Readonly<Record<string, number>>;
      }[];
    };
  };
}

/** The dashboard of a head that has just been started answers before its first node has joined. */
async function readNodes(http: RayHttp): Promise<RayNode[]> {
  const deadline = performance.now() + FIRST_NODE_MS;
  let nodes = await aliveNodes(http);
  while (nodes.length === 0 && performance.now() < deadline) {
    await sleep(200);
    nodes = await aliveNodes(http);
  }
  return nodes;
}

async function aliveNodes(http: RayHttp): Promise<RayNode[]> {
  const answer = await http.json<NodesAnswer>('GET', '/api/v0/nodes?limit=10000&detail=1');
  return answer.data.result.result
    .filter(({ state }) => state === 'ALIVE')
    .map(({ node_id: id, node_ip: address, resources_total: total = {} }) => {
      return { id, address, cpus: total.CPU ?? 0, gpus: total.GPU ?? 0, memoryBytes: total.memory ?? 0 };
    });
}

/** The connection is sealed for the driver, but a key that comes over plain HTTP may be somebody else's. */
function warnings(url: URL, token: Token | undefined, { raySecretFrom }: ExportOptions): string[] {
  if (isPrivate(url)) return [];
  const risks = [
    ...(token === undefined ? [] : ["Ray's token can be read on the way"]),
    ...(raySecretFrom === 'node' ? [] : ["whoever can change what passes can take the database's password"]),
  ];
  if (risks.length === 0) return [];
  return [
    `${url.origin} is not encrypted: ${risks.join(', and ')}. Use https or a tunnel${raySecretFrom === 'node' ? '' : ', or --secret-from node'}.`,
  ];
}
