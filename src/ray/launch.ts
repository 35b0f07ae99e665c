import type { ExportOptions } from '../options.js';
import type { Devices } from '../run/devices.js';
import type { Fleet, FleetHooks } from '../run/fleet.js';
import { openCluster } from './cluster.js';
import { RayFleet } from './fleet.js';
import { chooseLanes } from './lanes.js';

export interface OpenedFleet {
  readonly fleet: Fleet;
  readonly devices: Devices;
  readonly warnings: readonly string[];
}

/** The workers of a Ray cluster, none of them started yet. Throws CONNECT, AUTH or DEVICE when it cannot be used. */
export async function openRayFleet(options: ExportOptions, environment: NodeJS.ProcessEnv, hooks: FleetHooks): Promise<OpenedFleet> {
  const cluster = await openCluster(options, environment);
  try {
    const lanes = chooseLanes(cluster, options);
    return { fleet: new RayFleet({ cluster, lanes, options, hooks }), devices: lanes, warnings: cluster.warnings };
  } catch (error) {
    cluster.http.close();
    throw error;
  }
}
