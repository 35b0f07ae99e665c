export type Library = typeof import('../index.js');

/** The public interface. It brings the driver and the engine's binding with it, so it is loaded when a command needs it. */
export function loadLibrary(): Promise<Library> {
  return import('../index.js');
}
