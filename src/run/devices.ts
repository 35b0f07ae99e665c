import { availableParallelism } from 'node:os';
import { counted } from '../counted.js';
import { findCudf } from '../engine/cudf.js';
import { type Gpus, visibleGpus } from '../engine/gpus.js';
import { findCudaLibrary, libraryPath } from '../engine/library-file.js';
import { GpuParserError } from '../errors.js';
import type { ExportOptions } from '../options.js';

export interface Devices {
  /** One per worker: `cpu` or `cuda:K`. */
  readonly names: readonly string[];
  /** Why these, for people. */
  readonly reason: string;
  /** Engine threads of each worker; 0: as the engine sees fit. */
  readonly threads: number;
  /** Of each worker. Default: its share of this machine's. */
  readonly memoryBytes?: number;
}

/** What this machine offers; tests put their own in its place. */
export interface Machine {
  readonly cores: number;
  readonly gpus: () => Gpus;
  /** Throws DEVICE where the CUDA engine or cuDF is missing. */
  readonly checkCuda: () => void;
  /** The CUDA engine's library, or why there is none. */
  readonly cudaLibrary: () => string | GpuParserError;
}

const thisMachine: Machine = {
  cores: availableParallelism(),
  gpus: visibleGpus,
  checkCuda: () => {
    libraryPath('cuda');
    findCudf();
  },
  cudaLibrary: findCudaLibrary,
};

/** The devices an export runs on, one worker each. Throws DEVICE when what was asked for is not there. */
export function chooseDevices({ device = 'auto', gpus }: Pick<ExportOptions, 'device' | 'gpus'>, machine = thisMachine): Devices {
  if (device === 'cpu') return cpuWorkers(gpus ?? 1, machine, counted(machine.cores, 'core'));
  const { count, reason } = machine.gpus();
  if (count === 0) {
    if (gpus !== undefined) throw tooFew(gpus, 0, reason as string);
    if (device === 'cuda') throw noGpu(reason as string, machine.cudaLibrary());
    return cpuWorkers(1, machine, `${counted(machine.cores, 'core')}; ${reason}`);
  }
  try {
    machine.checkCuda();
  } catch (error) {
    const { message, hint } = GpuParserError.from(error);
    const found = `${counted(count, 'GPU')} found, but `;
    if (device === 'cuda') throw error;
    if (gpus !== undefined) throw tooFew(gpus, 0, `${found}${message.replace(/\.$/, '')}`, hint);
    return cpuWorkers(
      1,
      machine,
      `${counted(machine.cores, 'core')}; ${found}${message.replace(/\.$/, '')}${hint === undefined ? '' : ` (${hint.replace(/[.;]?$/, '')})`}`,
    );
  }
  if (gpus !== undefined && gpus > count) throw tooFew(gpus, count);
  const used = gpus ?? count;
  return {
    names: Array.from({ length: used }, (_, i) => `cuda:${i}`),
    reason: `${used} of ${counted(count, 'GPU')}`,
    threads: 0,
  };
}

/** Some tens may stand for a host of GPUs; thousands would be the end of a machine. */
const CPU_WORKERS = 64;

function cpuWorkers(count: number, { cores }: Machine, reason: string): Devices {
  const most = Math.max(CPU_WORKERS, 4 * cores);
  if (count > most) {
    throw new GpuParserError(
      'DEVICE',
      `--gpus ${count} asks for ${counted(count, 'CPU worker')}, but a machine of ${counted(cores, 'core')} runs at most ${most}.`,
      {
        hint: `One worker uses all cores: leave --gpus out, and use --chunks ${count} for ${counted(count, 'file')}.`,
      },
    );
  }
  return { names: Array.from({ length: count }, () => 'cpu'), reason, threads: Math.max(1, Math.ceil(cores / count)) };
}

/** Whoever is going to mend one of the two reads of the other at once. */
function noGpu(reason: string, library: string | GpuParserError): GpuParserError {
  const message = `--device cuda needs a GPU, but ${reason}.`;
  if (typeof library === 'string') return new GpuParserError('DEVICE', message, { hint: 'Use --device cpu, or see "gpuparser doctor".' });
  return new GpuParserError('DEVICE', `${message} ${library.message}`, { hint: library.hint as string });
}

function tooFew(wanted: number, count: number, reason?: string, hint?: string): GpuParserError {
  const why = reason === undefined ? '' : `: ${reason}`;
  const fewer = count === 0 ? 'Leave --gpus out' : `Use --gpus ${count}, leave it out for all`;
  return new GpuParserError('DEVICE', `--gpus ${wanted} asks for ${counted(wanted, 'GPU')}, but ${count} can be used here${why}.`, {
    hint: `${hint === undefined ? '' : `${hint} `}${fewer}, or use --device cpu --gpus ${wanted} for ${counted(wanted, 'CPU worker')}.`,
  });
}
