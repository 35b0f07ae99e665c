// The one door between TypeScript and native code: COPY bytes in, complete Parquet images out.
//
// A slot is a stretch of engine memory that socket reads land in. A stream walks the PostgreSQL messages in a slot and
// remembers where each row starts. A batch takes slots of whole rows and becomes one Parquet file image in memory.
//
//   engine -> schema -> batch:   open · append (slot by slot), append_rows or append_pages · finish · close
//   schema -> layout             how a relation's tuples lie on its pages     visibility: which of them a snapshot sees
//   engine -> stream:            scan (one call per socket read)
//   engine -> receiver:          read, offer (one call per slot: native threads read the socket)
//   engine -> wait:              slots that are free again, images that are ready
//
// Every call returns a gp_code; where it is not GP_OK, *status says what, in which column and row. Native code has its own
// threads, never prompts, logs, reads the environment or throws across this border. All integers are in host byte order.
// Calls on different objects may run at once; calls on one stream or one batch must follow each other.
#ifndef GPUPARSER_H
#define GPUPARSER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GP_API __attribute__((visibility("default")))
#else
#define GP_API
#endif

#define GP_ABI_VERSION 8

typedef enum gp_code {
  GP_OK = 0,
  GP_USAGE = 1,     // the caller broke the contract; message names the argument
  GP_MEMORY = 2,    // host or device memory is exhausted
  GP_PROTOCOL = 3,  // the bytes are not what PostgreSQL's protocol or COPY format allows
  GP_VALUE = 4,     // a value that the column's policy forbids or its Parquet type cannot hold
  GP_NULL = 5,      // a NULL in a required column
  GP_DEVICE = 6,    // the device failed or is not there
  GP_LIMIT = 7,     // a limit of the format: a page over 2 GiB, a row over 1 GiB
  GP_INTERNAL = 8,  // a defect of this library
} gp_code;

typedef enum gp_reason {  // what a value refused by GP_VALUE is, for callers that advise: messages are for people alone
  GP_REASON_NONE = 0,
  GP_REASON_NAN = 1,
  GP_REASON_INFINITY = 2,     // infinite; a date's, timestamp's or interval's message says no more than that
  GP_REASON_RANGE = 3,        // a date or time that is finite and beyond the Parquet type
  GP_REASON_FRACTION = 4,     // a numeric of more fraction digits than the column's scale
  GP_REASON_OVERFLOW = 5,     // a numeric of more digits than the column's type holds
  GP_REASON_DIMENSIONS = 6,   // an array of other dimensions than the column's; detail: how many
  GP_REASON_LOWER_BOUND = 7,  // an array that does not begin at 1
  GP_REASON_UTF8 = 8,         // no UTF-8
  GP_REASON_SRID = 9,         // a geometry with another SRID than the column's
  GP_REASON_GEOMETRY = 10,    // a geometry of a type that is not known; detail: its number
} gp_reason;

typedef struct gp_status {
  int32_t code;    // gp_code
  int32_t column;  // 0-based index into the schema's columns (of the child meant, in a nested one), -1 when none is meant
  int64_t row;     // 0-based row within the batch (or the stream, for scan), -1 when no row is meant
  int32_t reason;  // gp_reason
  int32_t detail;  // of the reason, where it has one; else 0
  int64_t block;   // of the row meant, where it came from a page: block and item are its ctid; else -1
  int32_t item;    // 1-based line pointer; 0 without a block
  int32_t reserved;
  char message[472];  // UTF-8, NUL-terminated: what is wrong, with the value shortened
} gp_status;

typedef struct gp_engine gp_engine;
typedef struct gp_schema gp_schema;
typedef struct gp_stream gp_stream;
typedef struct gp_receiver gp_receiver;
typedef struct gp_batch gp_batch;
typedef struct gp_layout gp_layout;
typedef struct gp_visibility gp_visibility;

// --- library and devices ---------------------------------------------------------------------------------------------

GP_API int32_t gp_abi_version(void);
// Writes a NUL-terminated JSON object into text: version, codecs with their library versions, cpu features in use, devices
// [{name, memory, free}]. Never fails for want of a GPU: devices are then listed with a "reason".
GP_API int32_t gp_describe(char* text, int64_t capacity, gp_status* status);

typedef struct gp_engine_options {
  int32_t threads;  // threads that decode and encode; 0: as many as cores
  int32_t reserved;
  const char* cpu_library;  // with "cuda:K": the CPU engine's library, for what the card cannot do; NULL: libgpuparser.so beside this one
} gp_engine_options;

// device: "cpu" or "cuda:K". A GPU starts on a thread of its own: until it runs the engine takes rows, in plain memory, and keeps
// them for it.
GP_API int32_t gp_engine_open(const char* device, const gp_engine_options* options, gp_engine** engine, gp_status* status);
// Waits until the engine's device runs. Where it cannot be used, this says why, and every batch fails with the same.
GP_API int32_t gp_engine_await(gp_engine* engine, gp_status* status);
GP_API void gp_engine_close(gp_engine* engine);  // every other object of the engine must be closed before

// --- schema: every per-column decision is made here, once ------------------------------------------------------------

typedef enum gp_kind {    // how a field looks on the wire, and what it becomes
  GP_BOOL = 1,            // 1 byte                     -> BOOLEAN
  GP_INT2 = 2,            // int16                      -> INT32 (INT 16 signed)
  GP_INT4 = 3,            // int32                      -> INT32
  GP_INT8 = 4,            // int64                      -> INT64
  GP_OID = 5,             // uint32                     -> INT32 (INT 32 unsigned)
  GP_FLOAT4 = 6,          // IEEE 754                   -> FLOAT
  GP_FLOAT8 = 7,          //                            -> DOUBLE
  GP_DECIMAL = 8,         // numeric                    -> DECIMAL(precision, scale): INT32 <= 9, INT64 <= 18, else FIXED(16)
  GP_NUMERIC_DOUBLE = 9,  // numeric                    -> DOUBLE, nearest
  GP_NUMERIC_TEXT = 10,   // numeric                    -> STRING, exactly as the server's numeric_out writes it
  GP_MONEY = 11,          // int64 in minor units       -> DECIMAL(19, scale) in FIXED(16)
  GP_TEXT = 12,           // bytes of UTF-8             -> BYTE_ARRAY annotated by gp_column.logical
  GP_JSONB = 13,          // version byte 1, then text  -> BYTE_ARRAY (JSON)
  GP_BYTEA = 14,          // bytes                      -> BYTE_ARRAY
  GP_UUID = 15,           // 16 bytes                   -> FIXED(16) (UUID)
  GP_DATE = 16,           // int32 days since 2000      -> INT32 (DATE)
  GP_TIMESTAMP = 17,      // int64 us since 2000        -> INT64 (TIMESTAMP us, local)
  GP_TIMESTAMPTZ = 18,    // int64 us since 2000        -> INT64 (TIMESTAMP us, UTC)
  GP_TIME = 19,           // int64 us since midnight    -> INT64 (TIME us, local)
  GP_INTERVAL = 20,       // int64 us, int32 d, int32 m -> group { required INT32 months, INT32 days, INT64 microseconds }
  GP_CHAR = 21,           // "char": 1 byte, 0 is ''    -> BYTE_ARRAY (STRING)
  GP_UTF8 = 22,           // bytes, U+FFFD for no UTF-8 -> BYTE_ARRAY annotated by gp_column.logical
  GP_GEOMETRY = 23,       // EWKB                       -> BYTE_ARRAY, ISO WKB
  // Nested kinds have children: the columns whose parent they are, in order.
  GP_LIST = 32,        // array_send                  -> LIST of its one child, precision deep (a list of lists for 2)
  GP_STRUCT = 33,      // record_send                 -> group of its children
  GP_MAP = 34,         // hstore_send                 -> MAP of its two children, key (required) and value: GP_TEXT
  GP_RANGE = 35,       // range_send                  -> group { its two children lower and upper, of one kind; required
                       //                                BOOLEAN lower_inc, upper_inc, empty }; an infinite bound is NULL
  GP_MULTIRANGE = 36,  // multirange_send             -> LIST of its one child, a GP_RANGE
  GP_VECTOR = 37,      // pgvector's vector_send      -> LIST of required FLOAT
  GP_HALFVEC = 38,     // pgvector's halfvec_send     -> LIST of required FLOAT
} gp_kind;

typedef enum gp_logical { GP_LOGICAL_NONE = 0, GP_LOGICAL_STRING = 1, GP_LOGICAL_JSON = 2, GP_LOGICAL_ENUM = 3 } gp_logical;
typedef enum gp_policy { GP_POLICY_ERROR = 0, GP_POLICY_NULL = 1, GP_POLICY_SATURATE = 2 } gp_policy;

typedef struct gp_column {
  const char* name;      // UTF-8; any characters
  int32_t kind;          // gp_kind
  int32_t required;      // 1: REQUIRED, a NULL is GP_NULL; 0: OPTIONAL
  int32_t precision;     // GP_DECIMAL: 1..38; GP_GEOMETRY: the SRID that every value must have, 0 for none; GP_LIST: dimensions, 1..6
  int32_t scale;         // GP_DECIMAL: 0..precision; GP_MONEY: the currency's fraction digits
  int32_t logical;       // GP_TEXT, GP_UTF8: gp_logical; ENUM: by a dictionary however large it grows
  int32_t on_nan;        // numeric kinds: gp_policy, ERROR or NULL
  int32_t on_infinity;   // numeric, date, time and interval kinds: gp_policy; also rules out-of-range dates and times
  int32_t parent;        // index of the nested column that this one is a child of, always a smaller one; -1: a field of the row
  int32_t bloom_filter;  // 1: a bloom filter in every column chunk (CPU engine); not for GP_BOOL and nested kinds
  int32_t reserved;
} gp_column;

typedef enum gp_codec { GP_NONE = 0, GP_SNAPPY = 1, GP_ZSTD = 2, GP_LZ4_RAW = 3 } gp_codec;

typedef enum gp_encodings {
  GP_ENCODINGS_COMPATIBLE = 0,  // PLAIN and dictionaries, which every reader has
  GP_ENCODINGS_AUTO = 1,        // DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY, BYTE_STREAM_SPLIT too, where they win
} gp_encodings;

typedef struct gp_writer_options {
  int32_t codec;             // gp_codec
  int32_t level;             // zstd: 1..22; 0: as hard as each column chunk is worth, about level 3 at most
  int64_t page_bytes;        // most uncompressed bytes in a data page, but for a single larger value; 0: 1 MiB
  int32_t statistics_bytes;  // longest exact bound of a BYTE_ARRAY before it is truncated; 0: 64
  int32_t dictionary;        // 1: where it wins, 0: never
  const char* created_by;    // the footer's created_by
  int32_t encodings;         // gp_encodings; the CUDA engine writes its own choice
  int32_t reserved;
} gp_writer_options;

GP_API int32_t gp_schema_open(gp_engine* engine, const gp_column* columns, int32_t count, const gp_writer_options* options,
                              gp_schema** schema, gp_status* status);
// Writes the FileMetaData (parquet.thrift, compact protocol) of a file of this schema without rows. Its schema elements hold for the
// images of every engine. *length: bytes of the whole; nothing is written if that is over capacity.
GP_API int32_t gp_schema_describe(gp_schema* schema, void* bytes, int64_t capacity, int64_t* length, gp_status* status);
GP_API void gp_schema_close(gp_schema* schema);  // batches keep what they need of it

// --- memory: page-locked where the engine is a GPU -------------------------------------------------------------------
// Always of whole pages. Without an engine (NULL, for both calls): plain memory, as writes past the page cache need it, and slots
// before the device runs: with an engine the call waits for that.

GP_API int32_t gp_memory_alloc(gp_engine* engine, int64_t bytes, void** memory, gp_status* status);
GP_API void gp_memory_free(gp_engine* engine, void* memory);

// --- stream: message headers -> row offsets --------------------------------------------------------------------------

GP_API int32_t gp_stream_open(gp_engine* engine, gp_stream** stream, gp_status* status);
GP_API void gp_stream_close(gp_stream* stream);
GP_API int32_t gp_stream_reset(gp_stream* stream, gp_status* status);  // before each COPY

typedef struct gp_scan {
  int64_t rows;     // rows completed by this call
  int64_t end;      // offset in the slot behind the last complete CopyData message
  int64_t need;     // whole length (type byte included) of the message that begins at end; 0 while its header is incomplete
  int32_t stop;     // type byte of the message that begins at end when it is complete in its header and is not CopyData, else 0
  int32_t trailer;  // 1 once the COPY trailer has been seen
} gp_scan;

// Walks the messages in slot[from, to) and remembers the rows found. from is the end of the previous call (or the caller's own
// position after a message it consumed itself); a row never spans two slots: the caller moves an unfinished message to the
// head of the next one. Only headers are touched: fields are checked when the batch is decoded.
GP_API int32_t gp_stream_scan(gp_stream* stream, const void* slot, int64_t from, int64_t to, gp_scan* scan, gp_status* status);

// --- receiver: a socket's bytes -> a slot, on the engine's own threads ------------------------------------------------

typedef struct gp_received {  // of one read; it may be looked at while the read goes on
  int64_t rows;               // found by this read
  int64_t end;                // as in gp_scan
  int64_t need;
  int64_t filled;  // bytes of the slot that are in use
  int32_t stop;    // as in gp_scan
  int32_t ended;   // 1: the connection has
  int32_t moved;   // 1: reading went on in the slot that was offered, of which another event tells
  int32_t reserved;
} gp_received;

// descriptor: a connected stream socket, whose bytes nobody else reads from now on; it is duplicated. The receiver's rows are
// stream's, which must outlive it.
GP_API int32_t gp_receiver_open(gp_engine* engine, gp_stream* stream, int32_t descriptor, gp_receiver** receiver, gp_status* status);
// Reads into slot[filled, capacity) and walks messages as gp_stream_scan does, beginning at from. The read ends, and its one
// GP_EVENT_READ with id comes, when a message that is not CopyData is there whole, when the message that has begun does not fit
// the slot, when less than `least` bytes of room are left, when the connection has ended, or with an error. Slot and received
// belong to the read until then.
GP_API int32_t gp_receiver_read(gp_receiver* receiver, void* slot, int64_t from, int64_t filled, int64_t capacity, int64_t least,
                                gp_received* received, int64_t id, gp_status* status);
// Offers a slot to go on in, so that nobody need be asked when the one that is being read has no more room: what has begun there
// moves to this one's head, the other's event comes with `moved`, and this one's read, with its own id and received, has begun.
// The rows of the slot that was left are the next that gp_batch_append takes of the stream. *taken is 0 where no read goes on any
// more. An offer that was not used ends with the read. One at a time.
GP_API int32_t gp_receiver_offer(gp_receiver* receiver, void* slot, int64_t capacity, int64_t least, gp_received* received, int64_t id,
                                 int32_t* taken, gp_status* status);
// Ends the connection, and with it the read that is going on.
GP_API void gp_receiver_stop(gp_receiver* receiver);
// The last read's error.
GP_API int32_t gp_receiver_status(gp_receiver* receiver, gp_status* status);
GP_API void gp_receiver_close(gp_receiver* receiver);  // no read may be going on

// --- pages: what a relation's main fork holds, in place of rows -------------------------------------------------------
// Heap pages of 8 KiB as PostgreSQL 12 to 18 on little-endian machines keep them. No byte of a page is trusted. The CUDA engine takes
// none: its gp_layout_open returns GP_USAGE.

typedef enum gp_disk_form {  // how an attribute's bytes become what its column's kind takes
  GP_DISK_PLAIN = 0,         // by the kind alone: numbers in the machine's order, numeric in its forms, texts as they are
  GP_DISK_NAME = 1,          // name: up to the first zero byte. From here on the column is GP_TEXT, GP_UTF8 or GP_BYTEA
  GP_DISK_CHAR = 2,          // "char": its byte, none where it is 0
  GP_DISK_ENUM = 3,          // the label of an oid, by gp_attribute.labels
  GP_DISK_INET = 4,          // inet and cidr, cast to text: always with the bits
  GP_DISK_MACADDR = 5,       // macaddr and macaddr8
  GP_DISK_PG_LSN = 6,
} gp_disk_form;

typedef struct gp_attribute {  // of a relation, dropped ones too, by attnum
  int32_t length;              // attlen: bytes, -1 varlena, -2 cstring
  int32_t align;               // attalign in bytes: 1, 2, 4, 8
  int32_t column;              // index of the schema's column that it is; -1: none, as of a dropped one
  int32_t form;                // gp_disk_form
  const void* missing;         // its value in tuples that are older (attmissingval), as COPY would send it for the column
  int64_t missing_bytes;       // -1: such tuples have NULL
  const void* labels;          // GP_DISK_ENUM: for each an uint32 oid, an uint32 length and so many bytes
  int64_t labels_bytes;
  int32_t check_utf8;  // 1: the text may be no UTF-8, and is then GP_VALUE with GP_REASON_UTF8: in SQL_ASCII databases
  int32_t reserved;
} gp_attribute;

// Every column of the schema belongs to one attribute, and none is nested, GP_JSONB or GP_GEOMETRY. The attributes are copied.
GP_API int32_t gp_layout_open(gp_schema* schema, const gp_attribute* attributes, int32_t count, gp_layout** layout, gp_status* status);
GP_API void gp_layout_close(gp_layout* layout);  // batches keep what they need of it

// A snapshot: xmin, xmax as pg_snapshots has them, and the transactions and subtransactions that were running then, in any order.
// overflowed: not all subtransactions are among them.
GP_API int32_t gp_visibility_open(int64_t xmin, int64_t xmax, const uint32_t* running, int64_t count, int32_t overflowed,
                                  gp_visibility** visibility, gp_status* status);
GP_API void gp_visibility_close(gp_visibility* visibility);  // batches keep what they need of it
// The bytes of pg_xact's file of that number (its name in hex), or its first ones, as read after the snapshot was taken; copied. They
// prove that a transaction committed and nothing else. What is given applies to pages that are appended afterwards.
GP_API int32_t gp_visibility_xact(gp_visibility* visibility, int32_t file, const void* bytes, int64_t length, gp_status* status);

typedef enum gp_answer_kind {
  GP_ANSWER_UNKNOWN = 0,    // the server does not know, or says in progress
  GP_ANSWER_COMMITTED = 1,  // a transaction
  GP_ANSWER_ABORTED = 2,
  GP_ANSWER_UPDATER = 3,  // a multixact: updater is its member with the status of an update, 0 where it has none
} gp_answer_kind;

typedef struct gp_asked {  // a transaction or multixact of which the server must be asked
  int64_t id;
  int32_t multi;  // 1: a multixact, by pg_get_multixact_members; 0: a transaction, by pg_xact_status
  int32_t kind;   // for gp_visibility_answer: gp_answer_kind
  int64_t updater;
} gp_asked;

// What the server answered. Applies to pages that are appended afterwards.
GP_API int32_t gp_visibility_answer(gp_visibility* visibility, const gp_asked* answers, int64_t count, gp_status* status);

typedef enum gp_page_state {
  GP_PAGE_EMPTY = 0,        // new, all bytes zero
  GP_PAGE_ALL_VISIBLE = 1,  // by the page's own flag
  GP_PAGE_MVCC = 2,         // by each tuple's transactions
  // The others' rows are not taken:
  GP_PAGE_ASK = 3,         // once the server has been asked, and the answers are there
  GP_PAGE_OVERFLOWED = 4,  // by COPY: the snapshot has not all subtransactions
  GP_PAGE_UNKNOWN = 5,     // by COPY: the server gave no answer; or an enum's oid has no label
  GP_PAGE_TOAST = 6,       // by COPY: a value that is wanted is in the TOAST table
  GP_PAGE_TORN = 7,        // to be read again: the checksum is wrong, or a new page is not all zero
  GP_PAGE_DAMAGED = 8,     // the checksum is right, or not looked at, and the page is not a heap's
} gp_page_state;

typedef struct gp_page {
  int32_t state;  // gp_page_state
  int32_t rows;   // that the snapshot sees, where rows can be taken
} gp_page;

typedef struct gp_pages {  // of one append
  int64_t taken;           // pages whose rows are in the batch, or that have none: always the first ones; all, once the batch has failed
  int64_t rows;            // of these
  int64_t asked;           // of what must be asked for the pages of state GP_PAGE_ASK; more than the capacity: not all were written
} gp_pages;

// --- batch: whole rows -> one Parquet file image ----------------------------------------------------------------------

// id comes back in the batch's event.
GP_API int32_t gp_batch_open(gp_schema* schema, int64_t id, gp_batch** batch, gp_status* status);
// Enqueues the rows that stream found in slot since the last append. The slot belongs to the engine until its GP_EVENT_SLOT
// with slot_id arrives (exactly one for each append, also after an error and with zero rows).
GP_API int32_t gp_batch_append(gp_batch* batch, gp_stream* stream, const void* slot, int64_t slot_id, gp_status* status);
// Enqueues rows that are in memory, without messages. Row i is memory[starts[i], ends[i]): an int16 field count, then for each field
// an int32 length (-1: NULL) and as many bytes, as COPY's binary format has them. Rows may be in any order. The 8 bytes before a row
// are read too, whatever they are, so that starts[i] is 8 or more; bytes is what may be read of memory. starts and ends are copied,
// memory belongs to the engine until its GP_EVENT_SLOT with slot_id arrives, as after gp_batch_append.
GP_API int32_t gp_batch_append_rows(gp_batch* batch, const void* memory, int64_t bytes, const uint32_t* starts, const uint32_t* ends,
                                    int64_t count, int64_t slot_id, gp_status* status);
// Enqueues the rows that the snapshot sees on `count` pages in memory, in the order of the pages; page i is the relation's block
// blocks[i] (counted on over its segments). checksums: 0 only where the cluster has none. Rows are taken up to the first page whose
// rows cannot be: from there on, and in each later append, pages are looked at and not taken, until one has resume = 1. So the caller
// keeps what was not taken, asks, reads such blocks otherwise, and appends the rest again in its order. result, pages (count of them)
// and asked (capacity of them) are filled before the slot's event comes, and belong to the engine until then, as memory does; blocks
// are copied. A batch is finished only after all its pages were taken.
GP_API int32_t gp_batch_append_pages(gp_batch* batch, gp_layout* layout, gp_visibility* visibility, const void* memory,
                                     const uint32_t* blocks, int64_t count, int32_t checksums, int32_t resume, gp_pages* result,
                                     gp_page* pages, gp_asked* asked, int64_t capacity, int64_t slot_id, gp_status* status);
// Enqueues the encoding. One GP_EVENT_BATCH follows, after all of the batch's slots. A batch without rows gives an image
// without row groups.
GP_API int32_t gp_batch_finish(gp_batch* batch, gp_status* status);
// After the batch's event: its first error; GP_OK with a message where the batch took another way than its device's, and why.
GP_API int32_t gp_batch_status(gp_batch* batch, gp_status* status);
// Drops the batch, finished or not; outstanding slots still come back. Without a finish, no GP_EVENT_BATCH follows.
GP_API void gp_batch_close(gp_batch* batch);

typedef enum gp_event_type { GP_EVENT_SLOT = 1, GP_EVENT_BATCH = 2, GP_EVENT_READ = 3 } gp_event_type;

typedef struct gp_event {  // 64 bytes
  int32_t type;            // gp_event_type
  int32_t code;            // GP_EVENT_BATCH, GP_EVENT_READ: gp_code; else 0
  int64_t id;              // slot_id, or the batch's or read's id
  void* image;             // GP_EVENT_BATCH with GP_OK: a complete Parquet file, until gp_image_free
  int64_t bytes;           // of the image
  int64_t rows;            // of the batch
  int64_t input_bytes;     // COPY or page bytes of the batch
  int64_t decode_ns;       // thread time spent on rows -> columns
  int64_t encode_ns;       // thread time spent on columns -> pages, compression included
} gp_event;

// Blocks until an event is there, timeout_ms have passed (count 0) or gp_wake. The one call made asynchronously.
GP_API int32_t gp_wait(gp_engine* engine, gp_event* events, int32_t capacity, int32_t timeout_ms, int32_t* count, gp_status* status);
GP_API void gp_wake(gp_engine* engine);
GP_API void gp_image_free(gp_engine* engine, void* image);

#ifdef __cplusplus
}
#endif
#endif  // GPUPARSER_H
