import { closeSync } from 'node:fs';
import { writeToGiven } from '../sink/stdout.js';
import { jsonLines, type WorkerRequest } from './protocol.js';
import { Worker } from './worker.js';

// Ctrl-C reaches the whole process group; a worker obeys its stdin, whose end is the order to stop.
process.on('SIGINT', () => undefined);
process.title = 'gpuparser worker';
writeToGiven();

const worker = new Worker((event) => process.stdout.write(`${JSON.stringify(event)}\n`));
process.stdin.on(
  'data',
  jsonLines<WorkerRequest>((request) => worker.handle(request)),
);
process.stdin.on('end', async () => {
  const goodbye = worker.idle && worker.onGpu;
  await worker.stop();
  // Everything is done and said: nobody need wait for a GPU's driver to take the memory back.
  if (goodbye) closeSync(1);
  process.exit(0);
});
process.stdout.on('error', () => process.exit(1));
