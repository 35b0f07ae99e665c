import { availableParallelism } from 'node:os';
import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';

export interface Devices {
  /** One per worker: `cpu` or `cuda:K`. */
  readonly names: readonly string[];
  /** Why these, for people. */
  readonly reason: string;
  /** Engine threads of each worker. */
  readonly threads: number;
}

/** The devices an export runs on, one worker each. Throws DEVICE when what was asked for is not there. */
export function chooseDevices({ device = 'auto', gpus }: Pick<ExportOptions, 'device' | 'gpus'>): Devices {
  if (device === 'cuda') {
    throw new GpuParserError('DEVICE', 'The CUDA engine is not in this build of gpuparser.', { hint: 'Use --device cpu.' });
  }
  if (device === 'auto' && gpus !== undefined) {
    throw new GpuParserError('DEVICE', `-g ${gpus} asks for ${gpus} GPU${gpus === 1 ? '' : 's'}, but 0 can be used here: the CUDA engine is not in this build.`, {
      hint: `Leave -g out, or use --device cpu -g ${gpus} for ${gpus} CPU worker${gpus === 1 ? '' : 's'}.`,
    });
  }
  const count = gpus ?? 1;
  const cores = availableParallelism();
  const threads = Math.max(1, Math.ceil(cores / count));
  const reason = device === 'cpu' ? `${cores} cores` : `${cores} cores; the CUDA engine is not in this build`;
  return { names: Array.from({ length: count }, () => 'cpu'), reason, threads };
}
