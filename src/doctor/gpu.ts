import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CUDF_VERSION, findCudf, LEAST_DRIVER } from '../engine/cudf.js';
import { findCudaLibrary } from '../engine/library-file.js';
import { GpuParserError } from '../errors.js';
import { type Check, gibibytes } from './check.js';

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;

/** Turing; cuDF supports nothing older. */
const LEAST_CAPABILITY = 7.5;

export interface Gpu {
  readonly name: string;
  readonly memoryBytes: number;
  readonly driver: string;
  readonly capability: number;
}

/** GPUs, their driver, and cuDF's library. Without a GPU all is well: the CPU engine does the work. */
export async function gpuChecks(): Promise<Check[]> {
  const query = ['--query-gpu=name,memory.total,driver_version,compute_cap', '--format=csv,noheader,nounits'];
  let text: string;
  try {
    text = (await run('nvidia-smi', query, { timeout: TIMEOUT_MS })).stdout;
  } catch (error) {
    return [await withoutSmi(error as NodeJS.ErrnoException & { stdout?: string; stderr?: string }), cudaEngineCheck('ok')];
  }
  const gpus = parseGpus(text);
  if (gpus.length === 0)
    return [
      { area: 'gpu', name: 'GPU', status: 'ok', message: 'no NVIDIA GPU is found; exports use the CPU engine' },
      cudaEngineCheck('ok'),
    ];
  return [...gpus.map(gpuCheck), ...libraryChecks()];
}

/** nvidia-smi's lines `name, MiB, driver, capability`. */
export function parseGpus(csv: string): Gpu[] {
  return csv.split('\n').flatMap((line) => {
    const [name, mebibytes, driver, capability] = line.split(',').map((field) => field.trim());
    if (!name || !driver) return [];
    return [{ name, memoryBytes: Number(mebibytes) * 2 ** 20, driver, capability: Number(capability) }];
  });
}

export function gpuCheck(gpu: Gpu, index: number): Check {
  const message = `${gpu.name}, ${gibibytes(gpu.memoryBytes)}, compute capability ${gpu.capability.toFixed(1)}, driver ${gpu.driver}`;
  const base = { area: 'gpu', name: `GPU ${index}`, message } as const;
  if (gpu.capability < LEAST_CAPABILITY)
    return { ...base, status: 'warn', advice: `It needs compute capability ${LEAST_CAPABILITY} or newer; the CPU engine is used.` };
  if (Number.parseInt(gpu.driver, 10) < LEAST_DRIVER)
    return { ...base, status: 'warn', advice: `Install driver ${LEAST_DRIVER} or newer for CUDA 13; until then use --device cpu.` };
  return { ...base, status: 'ok' };
}

async function withoutSmi(error: NodeJS.ErrnoException & { stdout?: string; stderr?: string }): Promise<Check> {
  const driver = await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => undefined);
  const base = { area: 'gpu', name: 'GPU' } as const;
  if (error.code === 'ENOENT' && driver === undefined)
    return { ...base, status: 'ok', message: 'no NVIDIA GPU is found, nor a driver; exports use the CPU engine' };
  const said = (error.stdout || error.stderr || error.message).trim().split('\n')[0];
  const message = error.code === 'ENOENT' ? 'an NVIDIA driver is loaded, but nvidia-smi is not found' : `nvidia-smi failed: ${said}`;
  return { ...base, status: 'warn', message, advice: 'Mend the driver installation, or use --device cpu.' };
}

/** @param missing how bad it is where the CUDA engine is not there: nothing is wrong on a machine without a GPU. */
function cudaEngineCheck(missing: 'ok' | 'warn'): Check {
  const base = { area: 'gpu', name: 'CUDA engine' } as const;
  const library = findCudaLibrary();
  if (typeof library === 'string') return { ...base, status: 'ok', message: `built for cuDF ${CUDF_VERSION}; ${library}` };
  if (missing === 'ok') return { ...base, status: 'ok', message: `${library.message} ${library.hint}` };
  return {
    ...base,
    status: 'warn',
    message: `${library.message.replace(/\.$/, '')}; exports use the CPU engine`,
    advice: library.hint as string,
  };
}

/** The two libraries that exports on GPUs need besides the driver: ours and cuDF's. */
function libraryChecks(): Check[] {
  const engine = cudaEngineCheck('warn');
  const base = { area: 'gpu', name: 'cuDF' } as const;
  try {
    const { path, version } = findCudf();
    return [engine, { ...base, status: 'ok', message: `${version ?? 'release not told'}, ${path}` }];
  } catch (error) {
    const { message, hint } = GpuParserError.from(error);
    return [
      engine,
      {
        ...base,
        status: 'warn',
        message: `${message.replace(/\.$/, '')}; exports use the CPU engine`,
        ...(hint === undefined ? {} : { advice: hint }),
      },
    ];
  }
}
