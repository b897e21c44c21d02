// What a file is that was dropped, told by its first bytes: traces may be of any length, everything else is text.

import { StalemateError } from "../src/errors.ts";
import { LIMITS } from "../src/scenario/limits.ts";
import { compressionOf } from "../src/trace/compression.ts";
import { formatOf, SAMPLE_SIZE } from "../src/trace/format.ts";

export type Dropped = { kind: "trace"; file: File } | { kind: "scenario" | "profile"; name: string; text: string };

/** How a scenario, or a litmus test of whatever architecture, begins; of traces no line does. */
const SCHEDULES = /^(scenario|library|\(\*.*|X86|X86_64|AArch64|ARM|ASL|BPF|C|CPP|JAVA|LISA|Bell|MIPS|PPC|PTX|RISCV)$/;
/** Bytes among which a text begins: there may be comments before. */
const HEAD = 65_536;
/** What a profile has some of. */
const PROFILE = ["extends", "id", "title", "caches", "tlbs", "costs"];

/** Throws a sentence where it is nothing that this page takes. `anyTrace`: what is told by nothing is a trace of a format to be given. */
export async function tell(file: File, anyTrace: boolean): Promise<Dropped> {
	const { name } = file;
	const start = new Uint8Array(await bytesOf(file, HEAD));
	const latin = Array.from(start, (byte) => String.fromCharCode(byte)).join("");
	const first = /^(?:\xef\xbb\xbf)?(?:\s+|#[^\n]*\n)*(\S*)/.exec(latin)?.[1] ?? "";
	if (first.startsWith("{") || first.startsWith("[")) return json(name, await textOf(file));
	if (SCHEDULES.test(first)) return { kind: "scenario", name, text: await textOf(file) };
	try {
		if (!anyTrace && compressionOf(start, name) === "none") formatOf(start.subarray(0, SAMPLE_SIZE), name);
	} catch (error) {
		const isText = file.size > 0 && error instanceof StalemateError && error.code === "BAD_FORMAT";
		throw isText ? new Error(`${error.message}, and a scenario begins with "scenario NAME".`) : error;
	}
	return { kind: "trace", file };
}

/** The text of a file, which may be anything and of any length. */
async function textOf(file: File): Promise<string> {
	if (file.size > LIMITS.text)
		throw new Error(`${file.name} is longer than ${LIMITS.text / 1e6} MB: only a trace may be, and it is none.`);
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(await bytesOf(file, LIMITS.text));
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		throw new Error(`${file.name} is neither text, in UTF-8, nor a trace.`);
	}
}

async function bytesOf(file: File, most: number): Promise<ArrayBuffer> {
	try {
		return await file.slice(0, most).arrayBuffer();
	} catch {
		throw new Error(`${file.name} cannot be read: it may be a folder, or have changed since; choose it once more.`);
	}
}

function json(name: string, text: string): Dropped {
	let data: unknown;
	try {
		data = JSON.parse(text);
	} catch {
		// What is wrong with it is said where it is read.
		return { kind: "profile", name, text };
	}
	const has = (key: string) => typeof data === "object" && data !== null && key in data;
	if (has("actors")) return { kind: "scenario", name, text };
	// Results have caches, too.
	if (PROFILE.some(has) && !has("references")) return { kind: "profile", name, text };
	throw new Error(
		`${name} is neither a scenario nor a profile; if it is a result, "npx stalemate report ${name} -o report.html" shows it.`,
	);
}
