import assert from 'node:assert/strict';
import koffi from 'koffi';

const MIB = 1 << 20;

/** Takes the GPU's memory until `left` bytes are free, through the driver. */
export class Hog {
  /** Where this process opens an engine, that comes first: koffi takes its settings before the first library. */
  static #load() {
    const lib = koffi.load('libcuda.so.1');
    return {
      init: lib.func('int cuInit(unsigned int flags)'),
      retain: lib.func('int cuDevicePrimaryCtxRetain(void* context, int device)'),
      current: lib.func('int cuCtxSetCurrent(void* context)'),
      info: lib.func('int cuMemGetInfo_v2(void* free, void* total)'),
      alloc: lib.func('int cuMemAlloc_v2(void* memory, size_t bytes)'),
      free: lib.func('int cuMemFree_v2(uint64_t memory)'),
    };
  }
  readonly #driver = Hog.#load();
  readonly #memory: bigint[] = [];

  constructor(left: number, device = 0) {
    const { init, retain, current, info, alloc } = this.#driver;
    assert.equal(init(0), 0);
    const context = Buffer.alloc(8);
    assert.equal(retain(context, device), 0);
    assert.equal(current(context.readBigUInt64LE()), 0);
    const [free, total, memory] = [Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(8)];
    for (let size = 4096 * MIB; size >= 2 * MIB; ) {
      assert.equal(info(free, total), 0);
      if (Number(free.readBigUInt64LE()) < left + size || alloc(memory, size) !== 0) size /= 2;
      else this.#memory.push(memory.readBigUInt64LE());
    }
    assert.equal(info(free, total), 0);
    assert.ok(Number(free.readBigUInt64LE()) < left + 64 * MIB, 'the memory that should be taken is still free');
  }

  free(): void {
    for (const memory of this.#memory) assert.equal(this.#driver.free(memory), 0);
  }
}
