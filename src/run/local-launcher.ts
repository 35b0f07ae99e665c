import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { STDOUT_FD } from '../sink/stdout.js';
import type { WorkerHandle, WorkerListener } from './launcher.js';
import { jsonLines, type WorkerEvent, type WorkerRequest } from './protocol.js';

const WORKER_MAIN = fileURLToPath(new URL('./worker-main.js', import.meta.url));
/**
 * A worker's heap is small, and views of images, which V8 counts as memory, make it collect forty times in an export of 24 M rows:
 * with a thread for each core's share of that it spent 0.6 processor seconds, alone it spends 0.06 (bench/results/gpu-h100.md).
 */
const NODE_OPTIONS = ['--single-threaded-gc'];
/** How much of a dead worker's stderr is quoted. */
const STDERR_CHARACTERS = 2000;

/**
 * Starts a worker process on this host. It shares our process group, and our death ends its stdin.
 * @param streams it gets our standard output, as STDOUT_FD
 */
export function launchLocal(index: number, device: string, listener: WorkerListener, streams = false): WorkerHandle {
  const stdio: ('pipe' | number)[] = ['pipe', 'pipe', 'pipe'];
  if (streams) stdio[STDOUT_FD] = 1;
  const child = spawn(process.execPath, [...NODE_OPTIONS, WORKER_MAIN], { stdio }) as ChildProcessByStdio<Writable, Readable, Readable>;
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    // A GPU's worker that has done everything closes its stdout. What follows needs nobody to wait for it: the driver takes a
    // quarter of a second to give the memory back.
    if (device.startsWith('cuda')) child.stdout.on('end', () => resolve());
  });
  const handle: WorkerHandle = {
    index,
    device,
    send: (request: WorkerRequest) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
    },
    stop: async (graceMs) => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
      child.unref();
      child.stderr.destroy();
    },
  };
  listen(child, handle, listener);
  return handle;
}

function listen(child: ChildProcessByStdio<Writable, Readable, Readable>, handle: WorkerHandle, listener: WorkerListener): void {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS);
  });
  child.stdin.on('error', () => undefined); // a worker that has died is reported by its end
  child.stdout.on(
    'data',
    jsonLines<WorkerEvent>((event) => listener.event(handle, event)),
  );
  child.on('error', (error) => listener.ended(handle, `could not be started: ${error.message}`));
  child.on('close', (code, signal) => {
    const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
    listener.ended(handle, stderr === '' ? how : `${how}: ${stderr.trim()}`);
  });
}
