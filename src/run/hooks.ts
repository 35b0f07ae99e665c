import type { AskPassword } from '../options.js';
import type { ExportEvent } from './events.js';

export interface ExportHooks {
  /** What it throws ends the export as an abort does, and is what the export rejects with. */
  readonly onEvent?: (event: ExportEvent) => void;
  /** Aborting cancels the queries, removes unfinished files and rejects with INTERRUPTED; finished chunks stay. */
  readonly signal?: AbortSignal;
  readonly askPassword?: AskPassword;
}

/**
 * Runs an export whose listener may throw. Many events come from timers and workers, where nobody would catch that: it would end
 * the whole process, or leave the export waiting for ever.
 */
export async function heedingListener<Result>(hooks: ExportHooks, run: (heeded: ExportHooks) => Promise<Result>): Promise<Result> {
  const { onEvent, signal } = hooks;
  if (onEvent === undefined) return run(hooks);
  const ending = new AbortController();
  const end = () => ending.abort();
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  const thrown: unknown[] = [];
  const heeded = (event: ExportEvent) => {
    if (thrown.length > 0) return;
    try {
      onEvent(event);
    } catch (error) {
      thrown.push(error);
      end();
    }
  };
  try {
    const result = await run({ ...hooks, onEvent: heeded, signal: ending.signal });
    if (thrown.length === 0) return result;
  } catch (error) {
    if (thrown.length === 0) throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
  throw thrown[0];
}
