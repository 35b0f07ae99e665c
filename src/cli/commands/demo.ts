import type { Context } from '../context.js';

/** `gpuparser demo`. */
export async function runDemoCommand(_context: Context): Promise<number> {
  const { runDemo } = await import('../../demo/demo.js');
  return runDemo();
}
