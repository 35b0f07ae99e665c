import type { FleetRequest, OpenedFleet } from '../run/fleet.js';
import { openCluster } from './cluster.js';
import { RayFleet } from './fleet.js';
import { chooseLanes } from './lanes.js';

/** The workers of a Ray cluster, none of them started yet. Throws CONNECT, AUTH or DEVICE when it cannot be used. */
export async function openRayFleet({ options, hooks }: FleetRequest): Promise<OpenedFleet> {
  const cluster = await openCluster(options, process.env);
  try {
    const lanes = chooseLanes(cluster, options);
    const cores = lanes.names.length * Math.max(1, lanes.threads);
    return {
      fleet: new RayFleet({ cluster, lanes, options, hooks }),
      site: { devices: lanes, cores, sharesMemory: false, remote: true },
      warnings: cluster.warnings,
    };
  } catch (error) {
    cluster.http.close();
    throw error;
  }
}
