export type Library = typeof import('../functions.js');

/** The public functions, whose errors name options as flags. They bring the driver and the engine's binding with them, so they are loaded when a command needs them. */
export function loadLibrary(): Promise<Library> {
  return import('../functions.js');
}
