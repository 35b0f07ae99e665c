import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import { connect } from '../postgres/connect.js';
import { type Coordinator, isAlive } from './coordinator.js';

/** A look that has to wait behind others, as in a full pool, is given up. */
const LOOK_MS = 5_000;

/**
 * Looks for the coordinating backend again and again, each time on a short connection of its own. A server that cannot be
 * asked proves nothing. Calls `gone` once.
 * @returns a function that ends it.
 */
export function watchCoordinator(
  config: ConnectionConfig,
  coordinator: Coordinator,
  gone: (error: GpuParserError) => void,
  lookMs = LOOK_MS,
): () => void {
  let looking = false;
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    const alive = await lookedAlive(config, coordinator, lookMs);
    looking = false;
    if (alive) return;
    clearInterval(timer);
    gone(new GpuParserError('INTERRUPTED', 'The process that started the export has ended.'));
  }, coordinator.pollMs);
  timer.unref();
  return () => clearInterval(timer);
}

async function lookedAlive(config: ConnectionConfig, coordinator: Coordinator, lookMs: number): Promise<boolean> {
  const late = AbortSignal.timeout(lookMs);
  try {
    const { session } = await connect(config, late);
    const cut = () => session.destroy();
    late.addEventListener('abort', cut);
    if (late.aborted) cut();
    return await isAlive(session, coordinator).finally(cut);
  } catch {
    return true;
  }
}
