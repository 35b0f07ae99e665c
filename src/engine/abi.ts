/**
 * The border with native code as data: the functions and structs of native/include/gpuparser.h that this binding uses.
 * test/engine/border.test.ts holds them to the header, and the header to both libraries.
 */

/** GP_ABI_VERSION this binding was written for. */
export const ABI_VERSION = 8;

/** C declarations in koffi's form, by the name that Library has for the function. */
export const FUNCTIONS = {
  abiVersion: 'int32_t gp_abi_version()',
  describe: 'int32_t gp_describe(void* text, int64_t capacity, void* status)',
  engineOpen: 'int32_t gp_engine_open(const char* device, gp_engine_options* options, void* engine, void* status)',
  engineAwait: 'int32_t gp_engine_await(void* engine, void* status)',
  engineClose: 'void gp_engine_close(void* engine)',
  schemaOpen:
    'int32_t gp_schema_open(void* engine, gp_column* columns, int32_t count, gp_writer_options* options, void* schema, void* status)',
  schemaDescribe: 'int32_t gp_schema_describe(void* schema, void* bytes, int64_t capacity, void* length, void* status)',
  schemaClose: 'void gp_schema_close(void* schema)',
  memoryAlloc: 'int32_t gp_memory_alloc(void* engine, int64_t bytes, void* memory, void* status)',
  memoryFree: 'void gp_memory_free(void* engine, void* memory)',
  streamOpen: 'int32_t gp_stream_open(void* engine, void* stream, void* status)',
  streamClose: 'void gp_stream_close(void* stream)',
  streamReset: 'int32_t gp_stream_reset(void* stream, void* status)',
  streamScan: 'int32_t gp_stream_scan(void* stream, void* slot, int64_t from, int64_t to, void* scan, void* status)',
  receiverOpen: 'int32_t gp_receiver_open(void* engine, void* stream, int32_t descriptor, void* receiver, void* status)',
  receiverRead:
    'int32_t gp_receiver_read(void* receiver, void* slot, int64_t from, int64_t filled, int64_t capacity, int64_t least, void* received, int64_t id, void* status)',
  receiverOffer:
    'int32_t gp_receiver_offer(void* receiver, void* slot, int64_t capacity, int64_t least, void* received, int64_t id, void* taken, void* status)',
  receiverStop: 'void gp_receiver_stop(void* receiver)',
  receiverStatus: 'int32_t gp_receiver_status(void* receiver, void* status)',
  receiverClose: 'void gp_receiver_close(void* receiver)',
  layoutOpen: 'int32_t gp_layout_open(void* schema, gp_attribute* attributes, int32_t count, void* layout, void* status)',
  layoutClose: 'void gp_layout_close(void* layout)',
  visibilityOpen:
    'int32_t gp_visibility_open(int64_t xmin, int64_t xmax, void* running, int64_t count, int32_t overflowed, void* visibility, void* status)',
  visibilityClose: 'void gp_visibility_close(void* visibility)',
  visibilityXact: 'int32_t gp_visibility_xact(void* visibility, int32_t file, void* bytes, int64_t length, void* status)',
  visibilityAnswer: 'int32_t gp_visibility_answer(void* visibility, void* answers, int64_t count, void* status)',
  batchOpen: 'int32_t gp_batch_open(void* schema, int64_t id, void* batch, void* status)',
  batchAppend: 'int32_t gp_batch_append(void* batch, void* stream, void* slot, int64_t slot_id, void* status)',
  batchAppendPages:
    'int32_t gp_batch_append_pages(void* batch, void* layout, void* visibility, void* memory, void* blocks, int64_t count, int32_t checksums, int32_t resume, void* result, void* pages, void* asked, int64_t capacity, int64_t slot_id, void* status)',
  batchFinish: 'int32_t gp_batch_finish(void* batch, void* status)',
  batchStatus: 'int32_t gp_batch_status(void* batch, void* status)',
  batchClose: 'void gp_batch_close(void* batch)',
  wait: 'int32_t gp_wait(void* engine, void* events, int32_t capacity, int32_t timeout_ms, void* count, void* status)',
  wake: 'void gp_wake(void* engine)',
  imageFree: 'void gp_image_free(void* engine, void* image)',
} as const;

type CType = 'int32_t' | 'int64_t' | 'const char*' | 'const void*' | 'void*' | `char[${number}]`;
type Fields = Readonly<Record<string, CType>>;

/** Structs that are passed as objects. */
export const PASSED = {
  gp_engine_options: { threads: 'int32_t', reserved: 'int32_t', cpu_library: 'const char*' },
  gp_column: {
    name: 'const char*',
    kind: 'int32_t',
    required: 'int32_t',
    precision: 'int32_t',
    scale: 'int32_t',
    logical: 'int32_t',
    on_nan: 'int32_t',
    on_infinity: 'int32_t',
    parent: 'int32_t',
    bloom_filter: 'int32_t',
    reserved: 'int32_t',
  },
  gp_writer_options: {
    codec: 'int32_t',
    level: 'int32_t',
    page_bytes: 'int64_t',
    statistics_bytes: 'int32_t',
    dictionary: 'int32_t',
    created_by: 'const char*',
    encodings: 'int32_t',
    reserved: 'int32_t',
  },
  gp_attribute: {
    length: 'int32_t',
    align: 'int32_t',
    column: 'int32_t',
    form: 'int32_t',
    missing: 'const void*',
    missing_bytes: 'int64_t',
    labels: 'const void*',
    labels_bytes: 'int64_t',
    check_utf8: 'int32_t',
    reserved: 'int32_t',
  },
} as const satisfies Record<string, Fields>;

/** Structs that native code fills or reads, as their bytes. */
export const FILLED = {
  gp_status: {
    code: 'int32_t',
    column: 'int32_t',
    row: 'int64_t',
    reason: 'int32_t',
    detail: 'int32_t',
    block: 'int64_t',
    item: 'int32_t',
    reserved: 'int32_t',
    message: 'char[472]',
  },
  gp_scan: { rows: 'int64_t', end: 'int64_t', need: 'int64_t', stop: 'int32_t', trailer: 'int32_t' },
  gp_received: {
    rows: 'int64_t',
    end: 'int64_t',
    need: 'int64_t',
    filled: 'int64_t',
    stop: 'int32_t',
    ended: 'int32_t',
    moved: 'int32_t',
    reserved: 'int32_t',
  },
  gp_page: { state: 'int32_t', rows: 'int32_t' },
  gp_pages: { taken: 'int64_t', rows: 'int64_t', asked: 'int64_t' },
  gp_asked: { id: 'int64_t', multi: 'int32_t', kind: 'int32_t', updater: 'int64_t' },
  gp_event: {
    type: 'int32_t',
    code: 'int32_t',
    id: 'int64_t',
    image: 'void*',
    bytes: 'int64_t',
    rows: 'int64_t',
    input_bytes: 'int64_t',
    decode_ns: 'int64_t',
    encode_ns: 'int64_t',
  },
} as const satisfies Record<string, Fields>;

/** Bytes of a field's type, of which all but strings are aligned to themselves. */
export function sizeOf(type: CType): number {
  const [, length] = /^char\[(\d+)\]$/.exec(type) ?? [];
  return length !== undefined ? Number(length) : type === 'int32_t' ? 4 : 8;
}

/** Where each field of a struct begins, and how large the whole is. */
export function layoutOf<F extends Fields>(fields: F): { readonly bytes: number; readonly at: Readonly<Record<keyof F, number>> } {
  const at: Record<string, number> = {};
  let end = 0;
  let widest = 1;
  const aligned = (to: number) => Math.ceil(end / to) * to;
  for (const [name, type] of Object.entries(fields)) {
    const alignment = type.startsWith('char[') ? 1 : sizeOf(type);
    widest = Math.max(widest, alignment);
    at[name] = aligned(alignment);
    end = (at[name] as number) + sizeOf(type);
  }
  return { bytes: aligned(widest), at: at as Record<keyof F, number> };
}
