import type { TraceFormat } from "../../bindings/reader.ts";
import { StalemateError } from "../errors.ts";

/** Decompressed bytes that are looked at. */
export const SAMPLE_SIZE = 4096;

const CHAMPSIM_SIZE = 64;
const MAGIC = [0x93, 0x53, 0x54, 0x4d, 0x54, 0x0d, 0x0a, 0x1a];
const DIN = /^\s*\d\s+(0x)?[0-9a-f]+(\s|$)/i;
const LACKEY = /^\s*[ILSM]\s+(0x)?[0-9a-f]+,\d+\s*$/i;
const CHATTER = /^(==|--|\*\*|SCHED|SB |valgrind:)/;
const EXPECTED = "lackey or din text, ChampSim records or the packed form";

/** The format of a trace that begins with `start` (SAMPLE_SIZE bytes, or all if there are fewer). */
export function formatOf(start: Uint8Array, name: string): TraceFormat {
	if (start.length === 0)
		throw new StalemateError("BAD_TRACE", `${name} is empty: there are no references in it`, place(name));
	if (MAGIC.every((byte, i) => start[i] === byte)) return "packed";
	if (MAGIC.slice(0, 5).every((byte, i) => start[i] === byte)) {
		throw bad(name, "a packed trace that was changed on its way: was it transferred as text?", start);
	}
	return start.some(isBinary) ? binary(start, name) : text(start, name);
}

function text(start: Uint8Array, name: string): TraceFormat {
	let lines = latin1(start).split(/\r?\n/);
	// The last line may be cut.
	if (lines.length > 1) lines = lines.slice(0, -1);
	const meant = lines.filter((line) => line.trim() !== "");
	const chatter = meant.filter((line) => CHATTER.test(line)).length;
	const lackey = meant.filter((line) => LACKEY.test(line)).length;
	const din = meant.filter((line) => DIN.test(line)).length;
	if (din > lackey) return "din";
	if (lackey > 0 || chatter > 0) return "lackey";
	throw bad(name, /^\s*</.test(meant[0] ?? "") ? "a page or XML" : "text of another kind", start);
}

/** A character for each byte. (The first TextDecoder of a process costs more than all the rest of telling a format.) */
function latin1(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes);
}

/** Flags of an instruction are 0 or 1, and most of its addresses have the same upper bits. */
function binary(start: Uint8Array, name: string): TraceFormat {
	const records = Math.floor(start.length / CHAMPSIM_SIZE);
	let plausible = records > 0;
	for (let at = 0; at < records * CHAMPSIM_SIZE; at += CHAMPSIM_SIZE) {
		// No instruction is at address 0 and does nothing: files begin with holes.
		const record = start.subarray(at, at + CHAMPSIM_SIZE);
		plausible &&= record[8]! <= 1 && record[9]! <= 1 && record.some((byte) => byte !== 0);
	}
	if (plausible) return "champsim";
	throw bad(name, "bytes of no known kind", start);
}

/** Control characters other than blanks are in no text. */
function isBinary(byte: number): boolean {
	return byte < 9 || (byte > 13 && byte < 32) || byte === 127;
}

function bad(name: string, found: string, start: Uint8Array): StalemateError {
	return new StalemateError(
		"BAD_FORMAT",
		`${name}: expected ${EXPECTED}, found ${found}: ${excerpt(start)}; if it is one of these, give its format`,
		place(name),
	);
}

function place(file: string): { file: string; offset: number } {
	return { file, offset: 0 };
}

/** Bytes as people can read them: a line of text in quotes, or hexadecimal. */
export function excerpt(bytes: Uint8Array): string {
	const line = bytes.subarray(0, 40);
	if (line.length === 0) return "nothing";
	if (line.some(isBinary))
		return Array.from(line.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
	const shown = latin1(line).split(/\r?\n/)[0]!;
	return JSON.stringify(shown.length === bytes.length || shown.length < line.length ? shown : `${shown}…`);
}
