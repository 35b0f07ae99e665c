import { setTimeout as sleep } from 'node:timers/promises';
import { GpuParserError } from '../errors.js';
import { openStore } from '../sink/open-store.js';
import type { WorkerRequest } from './protocol.js';

const LOOK_MS = 100;
const HINT = 'The output folder must be one shared folder that every node sees under the same path; choose one with --output.';

/**
 * Proves that a worker on another machine sees the coordinator's store: it reads the marker that was put there and leaves a probe.
 * @throws GpuParserError OUTPUT that names the node.
 */
export async function reachStore({ place, marker, run, probe, node, waitMs }: Extract<WorkerRequest, { type: 'reach' }>): Promise<void> {
  const store = openStore(place);
  const deadline = performance.now() + waitMs;
  // A shared file system may show a new file late.
  while ((await store.read(marker).catch(() => undefined)) !== run) {
    if (performance.now() > deadline) {
      throw new GpuParserError('OUTPUT', `The node ${node} does not see the output folder ${place} of the coordinating machine.`, {
        hint: HINT,
      });
    }
    await sleep(LOOK_MS);
  }
  await store.put(probe, run).catch((cause) => {
    throw new GpuParserError('OUTPUT', `The node ${node} cannot write to the output folder: ${GpuParserError.from(cause).message}`, {
      hint: HINT,
      cause,
    });
  });
}
