import { createRequire } from 'node:module';
import type pgModule from 'pg';

/**
 * Module pg. While it loads it asks which runtime it is in; where there is no `navigator` (Node 20) it makes a Response to
 * find out, which loads Node's whole fetch and doubles the start-up time. So it is shown the navigator of later Nodes.
 */
export const pg: typeof pgModule = load();

function load(): typeof pgModule {
  const require = createRequire(import.meta.url);
  if ('navigator' in globalThis) return require('pg');
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent: `Node.js/${process.versions.node}` }, configurable: true });
  try {
    return require('pg');
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
}
