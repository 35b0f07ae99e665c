import koffi from 'koffi';
import { GpuParserError } from '../errors.js';
import { ABI_VERSION, FUNCTIONS, PASSED } from './abi.js';
import { cudaInstallCommand } from './cuda-package.js';
import { findCudf } from './cudf.js';
import { type EngineName, libraryPath } from './library-file.js';
import { check, newStatus, type Pointer } from './status.js';

/** Native threads that koffi's asynchronous calls run on need room: the default of 128 KiB overflows in deep library code. */
const ASYNC_STACK_BYTES = 4 << 20;

/** The C functions of native/include/gpuparser.h. Out-parameters are buffers; every status is the last argument. */
export interface Library {
  readonly path: string;
  describe(text: Buffer, capacity: number, status: Buffer): number;
  engineOpen(device: string, options: object, engine: Buffer, status: Buffer): number;
  /** Asynchronous: starting CUDA takes a third of a second. */
  engineAwait(engine: Pointer, status: Buffer, done: (error: Error | null, code: number) => void): void;
  engineClose(engine: Pointer): void;
  schemaOpen(engine: Pointer, columns: readonly object[], count: number, options: object, schema: Buffer, status: Buffer): number;
  schemaDescribe(schema: Pointer, bytes: Buffer, capacity: number, length: Buffer, status: Buffer): number;
  schemaClose(schema: Pointer): void;
  memoryAlloc(engine: Pointer | null, bytes: number, memory: Buffer, status: Buffer): number;
  memoryFree(engine: Pointer | null, memory: Pointer): void;
  streamOpen(engine: Pointer, stream: Buffer, status: Buffer): number;
  streamClose(stream: Pointer): void;
  streamReset(stream: Pointer, status: Buffer): number;
  streamScan(stream: Pointer, slot: Pointer, from: number, to: number, scan: Buffer, status: Buffer): number;
  receiverOpen(engine: Pointer, stream: Pointer, descriptor: number, receiver: Buffer, status: Buffer): number;
  receiverRead(
    receiver: Pointer,
    slot: Pointer,
    from: number,
    filled: number,
    capacity: number,
    least: number,
    received: Buffer,
    id: number,
    status: Buffer,
  ): number;
  receiverOffer(
    receiver: Pointer,
    slot: Pointer,
    capacity: number,
    least: number,
    received: Buffer,
    id: number,
    taken: Buffer,
    status: Buffer,
  ): number;
  receiverStop(receiver: Pointer): void;
  receiverStatus(receiver: Pointer, status: Buffer): number;
  receiverClose(receiver: Pointer): void;
  layoutOpen(schema: Pointer, attributes: readonly object[], count: number, layout: Buffer, status: Buffer): number;
  layoutClose(layout: Pointer): void;
  visibilityOpen(
    xmin: number,
    xmax: number,
    running: Buffer,
    count: number,
    overflowed: number,
    visibility: Buffer,
    status: Buffer,
  ): number;
  visibilityClose(visibility: Pointer): void;
  visibilityXact(visibility: Pointer, file: number, bytes: Uint8Array, length: number, status: Buffer): number;
  visibilityAnswer(visibility: Pointer, answers: Buffer, count: number, status: Buffer): number;
  batchOpen(schema: Pointer, id: number, batch: Buffer, status: Buffer): number;
  batchAppend(batch: Pointer, stream: Pointer, slot: Pointer, slotId: number, status: Buffer): number;
  batchAppendPages(
    batch: Pointer,
    layout: Pointer,
    visibility: Pointer,
    memory: Pointer,
    blocks: Buffer,
    count: number,
    checksums: number,
    resume: number,
    result: Buffer,
    pages: Buffer,
    asked: Buffer,
    capacity: number,
    slotId: number,
    status: Buffer,
  ): number;
  batchFinish(batch: Pointer, status: Buffer): number;
  batchStatus(batch: Pointer, status: Buffer): number;
  batchClose(batch: Pointer): void;
  /** Asynchronous: blocks a thread of koffi's pool. */
  wait(
    engine: Pointer,
    events: Buffer,
    capacity: number,
    timeoutMs: number,
    count: Buffer,
    status: Buffer,
    done: (error: Error | null, code: number) => void,
  ): void;
  wake(engine: Pointer): void;
  imageFree(engine: Pointer, image: Pointer): void;
  /** Native memory as an ArrayBuffer, without a copy. The memory must outlive every use of the view. */
  view(memory: Pointer, bytes: number): ArrayBuffer;
}

type Loaded = ReturnType<typeof koffi.load>;

const loaded = new Map<EngineName, Library>();

/** The native library with a device's engine (`cpu`, `cuda:K`), loaded once and never unloaded. Throws DEVICE when it cannot be had. */
export function loadLibrary(device = 'cpu'): Library {
  const name = device.startsWith('cuda') ? 'cuda' : 'cpu';
  let library = loaded.get(name);
  if (library === undefined) {
    library = load(name);
    loaded.set(name, library);
  }
  return library;
}

/** What gp_describe says of a library: version, codecs, CPU features, devices. */
export function describeLibrary(device = 'cpu'): { readonly abi: number; readonly path: string; readonly [key: string]: unknown } {
  const library = loadLibrary(device);
  const text = Buffer.alloc(64 << 10);
  const status = newStatus();
  check(library.describe(text, text.length, status), status);
  return { abi: ABI_VERSION, path: library.path, ...JSON.parse(text.toString('utf8', 0, text.indexOf(0))) };
}

/** Loads cuDF and what it needs, for the CUDA library to find them there. */
function loadCudf(): Loaded[] {
  const cudf = findCudf();
  let file = '';
  try {
    return cudf.libraries.map((library) => {
      file = library;
      return koffi.load(library);
    });
  } catch (cause) {
    throw new GpuParserError('DEVICE', `${file} cannot be loaded: ${(cause as Error).message}`, {
      reason: 'cudf',
      hint: `cuDF was found at ${cudf.path}; it needs the libraries that its Python wheel installs with it.`,
      cause,
    });
  }
}

/** Kept, because koffi unloads what nobody refers to. */
const kept: Loaded[] = [];

function load(name: EngineName): Library {
  const path = libraryPath(name);
  configure();
  if (name === 'cuda') kept.push(...loadCudf());
  let lib: Loaded;
  try {
    lib = koffi.load(path);
  } catch (cause) {
    const hint =
      name === 'cpu'
        ? 'It needs glibc 2.28 or newer and, on x86-64, a processor of the x86-64-v2 level (2009 or newer).'
        : `The cuDF that was loaded (${findCudf().path}) may be of another release than the one this library was built with.`;
    throw new GpuParserError('DEVICE', `The native library ${path} cannot be loaded: ${(cause as Error).message}`, { hint, cause });
  }
  const func = (which: keyof typeof FUNCTIONS) => lib.func(FUNCTIONS[which]);
  const abi = func('abiVersion')() as number;
  if (abi !== ABI_VERSION) {
    throw new GpuParserError('DEVICE', `The native library ${path} speaks version ${abi} of the interface, this program ${ABI_VERSION}.`, {
      hint:
        name === 'cpu'
          ? 'In a clone, run "npm run setup" to rebuild it; else reinstall the package.'
          : `Build or install it again: ${cudaInstallCommand()}`,
    });
  }
  return {
    path,
    describe: func('describe'),
    engineOpen: func('engineOpen'),
    engineAwait: func('engineAwait').async as Library['engineAwait'],
    engineClose: func('engineClose'),
    schemaOpen: func('schemaOpen'),
    schemaDescribe: func('schemaDescribe'),
    schemaClose: func('schemaClose'),
    memoryAlloc: func('memoryAlloc'),
    memoryFree: func('memoryFree'),
    streamOpen: func('streamOpen'),
    streamClose: func('streamClose'),
    streamReset: func('streamReset'),
    streamScan: func('streamScan'),
    receiverOpen: func('receiverOpen') as Library['receiverOpen'],
    receiverRead: func('receiverRead'),
    receiverOffer: func('receiverOffer') as Library['receiverOffer'],
    receiverStop: func('receiverStop'),
    receiverStatus: func('receiverStatus'),
    receiverClose: func('receiverClose'),
    layoutOpen: func('layoutOpen'),
    layoutClose: func('layoutClose'),
    visibilityOpen: func('visibilityOpen') as Library['visibilityOpen'],
    visibilityClose: func('visibilityClose'),
    visibilityXact: func('visibilityXact'),
    visibilityAnswer: func('visibilityAnswer'),
    batchOpen: func('batchOpen'),
    batchAppend: func('batchAppend'),
    batchAppendPages: func('batchAppendPages') as Library['batchAppendPages'],
    batchFinish: func('batchFinish'),
    batchStatus: func('batchStatus'),
    batchClose: func('batchClose'),
    wait: func('wait').async as Library['wait'],
    wake: func('wake'),
    imageFree: func('imageFree'),
    view: (memory, bytes) => koffi.view(memory, bytes),
  };
}

let configured = false;

/** Once in a process: koffi refuses settings after the first library and names that are declared twice. */
function configure(): void {
  if (configured) return;
  configured = true;
  koffi.config({ ...koffi.config(), async_stack_size: ASYNC_STACK_BYTES });
  for (const [name, fields] of Object.entries(PASSED)) koffi.struct(name, fields);
}
