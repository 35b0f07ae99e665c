import type { Session } from '../postgres/session.js';
import type { Devices } from './devices.js';
import { Dispatcher } from './dispatch.js';
import type { FleetHooks } from './fleet.js';
import { hostWorker } from './hosted-worker.js';
import type { WorkerListener } from './launcher.js';
import { launchLocal } from './local-launcher.js';

const TOO_MANY_CONNECTIONS = '53300';

/**
 * The workers of this machine: a process for each device. Where none of them gets a connection, this process reads in the session
 * that holds the snapshot.
 * @param hosted do so from the start.
 * @param streams the file goes to standard output.
 */
export function localDispatcher(
  hooks: FleetHooks,
  { names }: Devices,
  retries: number,
  session: () => Session | undefined,
  hosted: boolean,
  streams: boolean,
): Dispatcher {
  const host = (index: number, listener: WorkerListener) => hostWorker(index, names[index] as string, session, listener);
  const launch = hosted ? host : (index: number, listener: WorkerListener) => launchLocal(index, names[index] as string, listener, streams);
  return new Dispatcher(
    {
      ...hooks,
      launch,
      standIn: ({ code, sqlState, message }, index, listener) => {
        if (hosted || code !== 'CONNECT' || sqlState !== TOO_MANY_CONNECTIONS) return undefined;
        hooks.onWarning(`${message.replace(/\.$/, '')}; the one that holds the snapshot reads.`);
        return host(index, listener);
      },
    },
    retries,
  );
}
