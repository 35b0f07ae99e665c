import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import { connect } from '../postgres/connect.js';
import { type Coordinator, isAlive } from './coordinator.js';

/**
 * Looks for the coordinating backend again and again, each time on a short connection of its own. A server that cannot be
 * asked proves nothing. Calls `gone` once.
 */
export function watchCoordinator(config: ConnectionConfig, coordinator: Coordinator, gone: (error: GpuParserError) => void): void {
  const timer = setInterval(async () => {
    if (await lookedAlive(config, coordinator)) return;
    clearInterval(timer);
    gone(new GpuParserError('INTERRUPTED', 'The process that started the export has ended.'));
  }, coordinator.pollMs);
  timer.unref();
}

async function lookedAlive(config: ConnectionConfig, coordinator: Coordinator): Promise<boolean> {
  try {
    const { session } = await connect(config);
    const alive = await isAlive(session, coordinator).finally(() => session.destroy());
    return alive;
  } catch {
    return true;
  }
}
