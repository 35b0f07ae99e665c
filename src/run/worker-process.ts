import { jsonLines, type WorkerRequest } from './protocol.js';
import { Worker } from './worker.js';

// Ctrl-C reaches the whole process group; a worker obeys its stdin, whose end is the order to stop.
process.on('SIGINT', () => undefined);
process.title = 'gpuparser worker';

const worker = new Worker((event) => process.stdout.write(`${JSON.stringify(event)}\n`));
process.stdin.on(
  'data',
  jsonLines<WorkerRequest>((request) => worker.handle(request)),
);
process.stdin.on('end', async () => {
  await worker.stop();
  process.exit(0);
});
process.stdout.on('error', () => process.exit(1));
