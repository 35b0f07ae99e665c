import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Check, gibibytes } from './check.js';

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;

/** CUDA 13 needs this driver branch: https://docs.nvidia.com/deploy/cuda-compatibility/ */
const LEAST_DRIVER = 580;
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
    return [await withoutSmi(error as NodeJS.ErrnoException & { stdout?: string; stderr?: string })];
  }
  const gpus = parseGpus(text);
  if (gpus.length === 0) return [{ area: 'gpu', name: 'GPU', status: 'ok', message: 'none found; exports use the CPU engine' }];
  return [...gpus.map(gpuCheck), await cudfCheck()];
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
    return { ...base, status: 'ok', message: 'no NVIDIA driver found; exports use the CPU engine' };
  const said = (error.stdout || error.stderr || error.message).trim().split('\n')[0];
  const message = error.code === 'ENOENT' ? 'an NVIDIA driver is loaded, but nvidia-smi is not found' : `nvidia-smi failed: ${said}`;
  return { ...base, status: 'warn', message, advice: 'Mend the driver installation, or use --device cpu.' };
}

/** Asks the Python that a user's shell would start, since cuDF comes as a wheel. */
async function cudfCheck(): Promise<Check> {
  const base = { area: 'gpu', name: 'cuDF' } as const;
  const program = `
import importlib.metadata as m, importlib.util as u
for name in ("libcudf-cu13", "libcudf-cu12"):
    try: print(name, m.version(name), (u.find_spec("libcudf").submodule_search_locations or [""])[0]); break
    except Exception: pass`;
  const found = await run('python3', ['-c', program], { timeout: TIMEOUT_MS }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  if (found.startsWith('libcudf-cu13 ')) return { ...base, status: 'ok', message: found };
  const advice = 'pip install libcudf-cu13 --extra-index-url https://pypi.nvidia.com';
  if (found !== '') return { ...base, status: 'warn', message: `${found} is for an older CUDA`, advice };
  return { ...base, status: 'warn', message: 'the libcudf-cu13 wheel is not found by python3; exports use the CPU engine', advice };
}
