import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

/** Physical memory of this process's worker processes in bytes, at its highest while `run` runs, looked at 50 times a second. */
export async function peakOfWorkers(run: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    const workers = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          const status = readFileSync(`/proc/${pid}/status`, 'utf8');
          return new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(status) && status.includes('gpuparser')
            ? Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024
            : 0;
        } catch {
          return 0; // it has ended meanwhile
        }
      });
    peak = Math.max(
      peak,
      workers.reduce((sum, bytes) => sum + bytes, 0),
    );
  }, 20);
  await run().finally(() => clearInterval(timer));
  assert.ok(peak > 0, 'a worker was seen');
  return peak;
}
