import type { Session } from '../postgres/session.js';
import type { WorkerHandle, WorkerListener } from './launcher.js';

/** Loaded where it is needed: with an engine, which most coordinators leave to their workers. */
const loadParts = async () => {
  const modules = [import('./worker.js'), import('../source/copy/copy-source.js'), import('../source/copy/snapshot-session.js')] as const;
  const [{ Worker }, { CopySource }, { SnapshotSession }] = await Promise.all(modules);
  return { Worker, CopySource, SnapshotSession };
};

/** A worker in the coordinator's process, which reads in the session that holds the snapshot. @param session once there is a plan. */
export function hostWorker(index: number, device: string, session: () => Session | undefined, listener: WorkerListener): WorkerHandle {
  const loaded = loadParts().then(
    ({ Worker, CopySource, SnapshotSession }) =>
      new Worker(
        (event) => listener.event(handle, event),
        ({ plan, locks }) => new CopySource(new SnapshotSession(session() as Session, locks), plan, locks),
      ),
  );
  loaded.catch((error: Error) => listener.ended(handle, `could not be loaded: ${error.message}`));
  const handle: WorkerHandle = {
    index,
    device,
    send: (request) => {
      loaded.then((worker) => worker.handle(request)).catch(() => undefined);
    },
    stop: async (graceMs) => {
      stopped ??= end();
      let timer: NodeJS.Timeout | undefined;
      // It cannot be killed, but need not be waited for.
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([stopped, late.then(() => session()?.destroy())]);
      clearTimeout(timer);
    },
  };
  let stopped: Promise<void> | undefined;
  const end = async () => {
    const worker = await loaded.catch(() => undefined);
    await worker?.stop();
    await worker?.release();
  };
  return handle;
}
