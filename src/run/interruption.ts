import { GpuParserError } from '../errors.js';

/** The caller's wish to stop. Its signal may outlive many exports. */
export class Interruption {
  readonly signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
  }

  get asked(): boolean {
    return this.signal?.aborted === true;
  }

  /** Calls the listener when it is asked for; returns what ends that. */
  on(listener: () => void): () => void {
    this.signal?.addEventListener('abort', listener);
    return () => this.signal?.removeEventListener('abort', listener);
  }

  /** The work's result, or `interrupted` as soon as it is asked for. */
  async during<Result>(work: () => Promise<Result>): Promise<Result | 'interrupted'> {
    if (this.asked) return 'interrupted';
    let unhear = () => {};
    const asked = new Promise<'interrupted'>((resolve) => {
      unhear = this.on(() => resolve('interrupted'));
    });
    return Promise.race([work(), asked]).finally(unhear);
  }
}

export function interrupted(): GpuParserError {
  return new GpuParserError('INTERRUPTED', 'The export was interrupted; finished files stay, unfinished ones were removed.');
}
