import {
	ACCESS_MAX_SIZE,
	LINE_MAX,
	PACKED_VERSION,
	STATUS_BAD_ADDRESS,
	STATUS_BAD_BLOCK,
	STATUS_BAD_CHECKSUM,
	STATUS_BAD_LABEL,
	STATUS_BAD_LINE,
	STATUS_BAD_MAGIC,
	STATUS_BAD_RECORD,
	STATUS_BAD_SIZE,
	STATUS_BAD_VERSION,
	STATUS_LONG_LINE,
	STATUS_TRAILING,
	STATUS_TRUNCATED,
	STATUS_UNKNOWN_OPERATION,
} from "../../bindings/layout/trace.ts";
import type { Problem, TraceFormat } from "../../bindings/reader.ts";
import { type ErrorPlace, StalemateError } from "../errors.ts";
import { excerpt } from "./format.ts";

const SHAPES: Record<TraceFormat, string> = {
	din: '"label address": 0 read, 1 write or 2 fetch, and a hexadecimal address',
	lackey: '"I  address,size", " L address,size", " S …" or " M …"',
	champsim: "64 bytes for an instruction, its flags 0 or 1",
	packed: "a whole block of the packed form",
};

/** What the status of a reader means to people. */
export function problemError(problem: Problem, format: TraceFormat, name: string): StalemateError {
	const { status, offset, line, found } = problem;
	const place: ErrorPlace = { file: name, offset };
	if (line !== undefined) place.line = line;
	const where = line === undefined ? `${name}, byte ${offset}` : `${name}, line ${line} (byte ${offset})`;
	const wrongFormat = status === STATUS_BAD_MAGIC || status === STATUS_BAD_VERSION;
	const what = sentence(status, format, excerpt(found), found);
	return new StalemateError(wrongFormat ? "BAD_FORMAT" : "BAD_TRACE", `${where}: ${what}`, place);
}

function sentence(status: number, format: TraceFormat, found: string, bytes: Uint8Array): string {
	switch (status) {
		case STATUS_BAD_LINE:
			return `expected ${SHAPES[format]}; found ${found}`;
		case STATUS_BAD_LABEL:
			return `expected label 0 (read), 1 (write) or 2 (fetch); found ${found}`;
		case STATUS_BAD_ADDRESS:
			return `expected an address of 1 to 16 hexadecimal digits${format === "lackey" ? " and a comma" : ""}; found ${found}`;
		case STATUS_BAD_SIZE:
			return `expected a size from 1 to ${ACCESS_MAX_SIZE} that ends within the address space; found ${found}`;
		case STATUS_LONG_LINE:
			return `expected lines of at most ${LINE_MAX} bytes; found a longer one: ${found}`;
		case STATUS_TRUNCATED:
			return `expected ${SHAPES[format]}; found the end of the input: it is cut short`;
		case STATUS_BAD_RECORD:
			return `expected ${SHAPES[format]}; found ${found}`;
		case STATUS_BAD_MAGIC:
			return `expected the packed form; found ${found}`;
		case STATUS_BAD_VERSION:
			return `expected version ${PACKED_VERSION} of the packed form; found version ${(bytes[8] ?? 0) + 256 * (bytes[9] ?? 0)}`;
		case STATUS_BAD_CHECKSUM:
			return "expected a part of the packed form with its checksum; found damage";
		case STATUS_BAD_BLOCK:
			return "expected a block of the packed form; found one whose checksum holds and whose content makes no sense";
		case STATUS_TRAILING:
			return `expected the end of the input after the packed form's end marker; found ${found}`;
		case STATUS_UNKNOWN_OPERATION:
			return "expected references; found an operation that this version does not know and that must not be skipped";
		default:
			return `the core answers with the unknown status ${status}`;
	}
}
