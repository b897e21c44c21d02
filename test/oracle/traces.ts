/** Small readers for the traces with trusted counts. Not the product's: they are written for these checks alone. */

import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { KIND_FETCH, KIND_READ, KIND_WRITE, RECORD_PART } from "../../bindings/layout/records.ts";

const FOLDER = new URL("../../../shared/traces/", import.meta.url);

/** The trace and the counts to expect, or undefined with a loud word on why. */
export function trustedTrace(file: string): { text: Buffer; expected: TrustedCounts } | undefined {
	const trace = new URL(file, FOLDER);
	if (!existsSync(trace)) {
		console.warn(`SKIPPED: ../shared/traces/${file} is not there, so no trusted counts can be compared.`);
		return undefined;
	}
	const expected = JSON.parse(readFileSync(new URL("expected.json", FOLDER), "utf8"));
	return { text: gunzipSync(readFileSync(trace)), expected };
}

interface Level {
	rd: number;
	rdm: number;
	wr: number;
	wrm: number;
	wb: number;
}

interface TlbLevel {
	acc: number;
	miss: number;
}

type Hierarchy = { L1I: Pick<Level, "rd" | "rdm"> } & Record<"L1D" | "L2" | "L3", Level>;

export interface TrustedCounts {
	"ls.mix.2M": {
		b2: Hierarchy;
		bdw: Hierarchy;
		tlb: Record<"ITLB" | "DTLB" | "STLB", TlbLevel>;
	};
	cachegrind_gzip_20k: Record<"Irefs" | "I1m" | "LLim" | "Dr" | "D1mr" | "LLdmr" | "Dw" | "D1mw" | "LLdmw", number>;
}

const NEWLINE = 10;
const SPACE = 32;

/** "label hexaddr": 0 read, 1 write, 2 fetch, which are the kinds of a record. */
export function readDin(text: Buffer): BigUint64Array {
	const records = new BigUint64Array(lines(text));
	let count = 0;
	for (let at = 0; at < text.length; ) {
		const end = lineEnd(text, at);
		const kind = text[at]! - 48;
		records[count++] = record(kind, hex(text, at + 2, end)[0]);
		at = end + 1;
	}
	return records.subarray(0, count);
}

/**
 * valgrind's lackey with straddle "once": `M` is one read; an access that crosses a line (`line` bytes, the smallest) is a
 * pair of records.
 */
export function readLackey(text: Buffer, line: number): BigUint64Array {
	const records = new BigUint64Array(2 * lines(text));
	let count = 0;
	const kinds: Record<string, number> = { I: KIND_FETCH, L: KIND_READ, M: KIND_READ, S: KIND_WRITE };
	for (let at = 0; at < text.length; ) {
		const end = lineEnd(text, at);
		let letter = at;
		while (letter < end && text[letter] === SPACE) letter++;
		const kind = kinds[String.fromCharCode(text[letter]!)];
		// "I  addr,size" and " L addr,size"; anything else is valgrind's own "==pid==" lines
		if (letter <= at + 1 && text[letter + 1] === SPACE && kind !== undefined) {
			let start = letter + 1;
			while (text[start] === SPACE) start++;
			const [address, comma] = hex(text, start, end);
			let size = 0;
			for (let i = comma + 1; i < end; i++) size = size * 10 + text[i]! - 48;
			const last = address + Math.min(size, line) - 1;
			if (Math.floor(address / line) === Math.floor(last / line)) {
				records[count++] = record(kind, address);
			} else {
				records[count++] = record(kind | RECORD_PART, address);
				records[count++] = record(kind, last - (last % line));
			}
		}
		at = end + 1;
	}
	return records.subarray(0, count);
}

function record(bits: number, address: number): bigint {
	return (BigInt(Math.floor(address / 8)) << 3n) | BigInt(bits);
}

function lines(text: Buffer): number {
	let count = 1;
	for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count++;
	return count;
}

function lineEnd(text: Buffer, at: number): number {
	const end = text.indexOf(NEWLINE, at);
	return end < 0 ? text.length : end;
}

/** The hexadecimal number at `at` and where it ends. All addresses of these traces are below 2^53. */
function hex(text: Buffer, at: number, end: number): [value: number, end: number] {
	let value = 0;
	let i = at;
	for (; i < end; i++) {
		const letter = text[i]! | 32;
		if (letter >= 48 && letter <= 57) value = value * 16 + letter - 48;
		else if (letter >= 97 && letter <= 102) value = value * 16 + letter - 87;
		else break;
	}
	return [value, i];
}
