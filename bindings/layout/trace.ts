// Trace formats, statuses and the state the readers share with the host. Read by asc and by tsc.

// Formats, as `parse` takes them.

export const FORMAT_DIN = 1;
export const FORMAT_LACKEY = 2;
export const FORMAT_CHAMPSIM = 3;
export const FORMAT_PACKED = 4;

// What a reader fills.

/** Records and runs (records.ts), cut at cache lines: what the simulator eats. */
export const SINK_RECORDS = 0;
/** Accesses as the trace has them: what the packer eats. */
export const SINK_ACCESSES = 1;

// How an access that touches several lines becomes records.

export const STRADDLE_SPLIT = 0;
export const STRADDLE_ONCE = 1;

// Statuses of `parse`. From STATUS_BAD_LINE on they are errors.

/** Read as far as whole items go: give more input (or, after the last input, be done). */
export const STATUS_MORE = 0;
/** The batch is full: run it, then call again with the rest of the same input. */
export const STATUS_FULL = 1;
/** The packed form's end marker was read. */
export const STATUS_END = 2;
/** A line that is no reference and no chatter either. */
export const STATUS_BAD_LINE = 16;
/** Not a label the format knows. */
export const STATUS_BAD_LABEL = 17;
/** Not 1 to 16 significant hexadecimal digits. */
export const STATUS_BAD_ADDRESS = 18;
/** Not a decimal number from 1 to ACCESS_MAX_SIZE, or the access would leave the address space. */
export const STATUS_BAD_SIZE = 19;
/** A line longer than LINE_MAX. */
export const STATUS_LONG_LINE = 20;
/** The input ends inside an item. */
export const STATUS_TRUNCATED = 21;
/** Not a record of this binary format. */
export const STATUS_BAD_RECORD = 22;
/** Not the packed form. */
export const STATUS_BAD_MAGIC = 23;
/** A packed form of another version. */
export const STATUS_BAD_VERSION = 24;
/** A header, block or end marker of the packed form does not match its checksum. */
export const STATUS_BAD_CHECKSUM = 25;
/** The checksum holds and the content still makes no sense: written by a broken writer. */
export const STATUS_BAD_BLOCK = 26;
/** Bytes after the end marker of the packed form. */
export const STATUS_TRAILING = 27;
/** An operation this version does not know, in the range that must not be skipped. */
export const STATUS_UNKNOWN_OPERATION = 28;

// Sizes.

/** Longest access, in bytes. Bounds what one item can add to a batch. */
export const ACCESS_MAX_SIZE = 65536;
/** Longest text line, in bytes. */
export const LINE_MAX = 65536;
/** A reader stops as soon as a batch holds this many records (or accesses): they stay in the processor's cache. */
export const BATCH_FULL = 4096;
/** Records one item or one part of a packed block may add beyond that. */
export const BATCH_SLACK = 20480;
/** Runs a batch has room for. */
export const BATCH_RUNS = 16384;
/** Bytes of input the host copies in at most: a block of the packed form always fits. */
export const INPUT_SIZE = 1048576;
/** Bytes before and after the input that may be read (never believed). */
export const INPUT_SLACK = 64;

// An access as the trace has it: 16 bytes.
//
//   0: u64 address   8: u32 size   12: u8 kind or operation   13: u8 cpu   14: u16 asid
//
// Kinds are those of records.ts, and KIND_MODIFY.

export const KIND_MODIFY = 3;
export const ACCESS_SIZE = 16;
export const ACCESS_BYTES = 8;
export const ACCESS_KIND = 12;
export const ACCESS_CPU = 13;
export const ACCESS_ASID = 14;

// The state of the readers, at the address `traceState()` gives.

/** u32: address of the input area, of the records, the runs, the accesses. */
export const TRACE_INPUT = 0;
export const TRACE_RECORDS = 4;
export const TRACE_RUNS = 8;
export const TRACE_ACCESSES = 12;
/** u32: how many of them the last `parse` left. */
export const TRACE_RECORD_COUNT = 16;
export const TRACE_RUN_COUNT = 20;
export const TRACE_ACCESS_COUNT = 24;
/** u32: STATUS_* of the last `parse`. */
export const TRACE_STATUS = 28;
/** u32: address of the item in error. */
export const TRACE_ERROR_AT = 32;
/** u32: 1: bad items are skipped and counted instead of stopping. */
export const TRACE_SKIP = 36;
/** u64: whole lines read so far (text formats). */
export const TRACE_LINES = 40;
/** u64: bad items skipped so far. */
export const TRACE_SKIPPED = 48;
/** u32: address of the operations, and how many of them the last `parse` left. */
export const TRACE_OPERATIONS = 56;
export const TRACE_OPERATION_COUNT = 60;
/** u32: threads that a scheduler has switched to so far (lackey). */
export const TRACE_THREADS = 64;
export const TRACE_SIZE = 72;

// An operation of the batch (OPERATION_MAP to OPERATION_SWITCH).

export const MAINTAIN_ADDRESS = 0; // u64
export const MAINTAIN_LENGTH = 8; // u64
export const MAINTAIN_AT = 16; // u32: accesses of the batch before it
export const MAINTAIN_CODE = 20; // u8: OPERATION_*
export const MAINTAIN_WHAT = 21; // u8: FLUSH_*; of a shootdown, 1: all CPUs
export const MAINTAIN_CPU = 22; // u8
export const MAINTAIN_ASID = 24; // u16
export const MAINTAIN_OBJECT = 28; // u32, of a map: what is mapped, 0: memory of its own
export const MAINTAIN_OFFSET = 32; // u64, in that
export const MAINTAIN_SIZE = 40;
/** Operations a batch has room for. */
export const BATCH_OPERATIONS = 2048;

/** Longest range that is flushed line by line. */
export const FLUSH_MOST = 4294967296;

/** Writes dirty lines back; and removes all; removes all without writing them back. */
export const FLUSH_CLEANS = 0;
export const FLUSH_REMOVES = 1;
export const FLUSH_PURGES = 2;

// The packed form (docs/packed-format.md). Offsets are from the start of the header, block or end marker.

/** The first eight bytes of a file, as a little-endian u64: 93 53 54 4d 54 0d 0a 1a. */
export const PACKED_MAGIC_LOW = 0x4d545393;
export const PACKED_MAGIC_HIGH = 0x1a0a0d54;
export const PACKED_VERSION = 2;

export const HEADER_VERSION = 8;
export const HEADER_BYTES = 10;
export const HEADER_WIDTH = 12;
export const HEADER_FLAGS = 13;
export const HEADER_COUNTS = 16;
export const HEADER_CHECKSUM = 56;
export const HEADER_SIZE = 64;
/** Flag of the header: the counts in it are those of the file. */
export const FLAG_COUNTS = 1;

/** "BLK1" and "END1". */
export const BLOCK_MARK = 0x314b4c42;
export const END_MARK = 0x31444e45;

export const BLOCK_BYTES = 4;
export const BLOCK_TOKENS = 8;
export const BLOCK_MOVES = 12;
export const BLOCK_OPERANDS = 16;
export const BLOCK_OPERATIONS = 20;
/** u16 */
export const BLOCK_SHAPES = 24;
export const BLOCK_SEQUENCES = 26;
export const BLOCK_ROWS = 28;
export const BLOCK_INSIDE = 30;
export const BLOCK_PLACE = 32;
export const BLOCK_INDEX = 36;
export const BLOCK_BEFORE = 40;
export const BLOCK_DATA = 48;
export const BLOCK_HEADER = 56;
export const BLOCK_CHECKSUM_SIZE = 8;
/** Most bytes of a block. */
export const BLOCK_MAX_BYTES = 983040;
/** Most shapes, rows and sequences of a block; accesses and data accesses of a sequence; and bytes of an access in one. */
export const MAX_SHAPES = 256;
export const MAX_ROWS = 256;
export const MAX_SEQUENCES = 4096;
export const SEQUENCE_ACCESSES = 16;
export const SEQUENCE_DATA = 8;
export const SHAPE_MAX_SIZE = 255;

export const END_COUNTS = 8;
export const END_BLOCKS = 40;
export const END_TOKENS = 48;
export const END_CHECKSUM = 56;
export const END_SIZE = 64;

/** A shape's first byte: kind in bits 0-1; bit 2: the distance of this fetch stands in the sequence. */
export const SHAPE_FAR = 4;
/** log2 of the bytes at whose multiples data accesses are told apart: those that lie between two, and those that do not. */
export const INSIDE_LOG = 5;

/** Operations: u8 operation, u8 length, then so many bytes. From 128 on, an unknown one may be skipped. */
export const OPERATION_ACCESS = 1;
export const OPERATION_PLACE = 2;
export const OPERATION_MAP = 16;
export const OPERATION_UNMAP = 17;
export const OPERATION_FLUSH = 18;
export const OPERATION_SHOOTDOWN = 19;
export const OPERATION_SWITCH = 20;
export const OPERATION_MAY_SKIP = 128;
