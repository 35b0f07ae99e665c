import type { ConnectionConfig } from '../config/connection.js';
import { GpuParserError } from '../errors.js';
import type { AskPassword } from '../options.js';
import { type Connected, connect } from './connect.js';

/** As connect(); where the server asks for a password and none was found, `ask` is asked for it, while no connection is open. */
export async function connectAsking(config: ConnectionConfig, ask: AskPassword | undefined, signal?: AbortSignal): Promise<Connected> {
  try {
    return await connect(config, signal);
  } catch (error) {
    if (ask === undefined || !(error instanceof GpuParserError) || error.reason !== 'password') throw error;
    const { host, port, database, user } = config;
    const password = await ask({ host, port, database, user });
    // Who stopped the run meanwhile is told so by the second attempt, which does not begin.
    if (!password && !signal?.aborted) throw error;
    const { choice } = config;
    const others = choice?.others.map((other) => ({ password, ...other }));
    return connect({ ...config, password, ...(choice && others && { choice: { ...choice, others } }) }, signal);
  }
}
