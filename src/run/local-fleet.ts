import { availableParallelism } from 'node:os';
import { chooseDevices } from './devices.js';
import { Dispatcher } from './dispatch.js';
import type { FleetRequest, OpenedFleet } from './fleet.js';
import { hostWorker } from './hosted-worker.js';
import type { WorkerListener } from './launcher.js';
import { launchLocal } from './local-launcher.js';
import { retryPolicy } from './retry-policy.js';

const TOO_MANY_CONNECTIONS = '53300';

/**
 * The workers of this machine: a process for each device. With one connection, and where no process gets one, this process reads in
 * the session that holds the snapshot. Throws DEVICE when what was asked for is not there.
 */
export function openLocalFleet({ options, streams, session, hooks }: FleetRequest): OpenedFleet {
  const chosen = chooseDevices(options);
  const devices = streams ? { ...chosen, names: chosen.names.slice(0, 1) } : chosen;
  const { names } = devices;
  const hosted = options.jobs === 1;
  const host = (index: number, listener: WorkerListener) => hostWorker(index, names[index] as string, session, listener);
  const launch = hosted ? host : (index: number, listener: WorkerListener) => launchLocal(index, names[index] as string, listener, streams);
  const fleet = new Dispatcher(
    {
      ...hooks,
      launch,
      standIn: ({ code, sqlState, message }, index, listener) => {
        if (hosted || code !== 'CONNECT' || sqlState !== TOO_MANY_CONNECTIONS) return undefined;
        hooks.onWarning(`${message.replace(/\.$/, '')}; the one that holds the snapshot reads.`);
        return host(index, listener);
      },
    },
    retryPolicy(options.retries),
    hosted ? 1 : names.length,
  );
  return { fleet, site: { devices, cores: availableParallelism(), sharesMemory: true, remote: false }, warnings: [] };
}
