// Results in all the forms that commands write them in.

import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Result } from "../report/results.ts";
import { nameOf, readBytes } from "./input.ts";
import { sweeping } from "./sweeping.ts";

/** A result, and of which bytes it was read. */
export async function readResult(path: string): Promise<Result & { hash: string; length: number }> {
	const folder = path !== "-" && (await stat(path).catch(() => undefined))?.isDirectory() === true;
	const name = nameOf(path);
	const found = folder ? await sweepIn(path, name) : undefined;
	const bytes = await readBytes(folder ? join(path, "journal.jsonl") : path);
	const hash = createHash("sha256").update(bytes).digest("hex");
	return { ...(found ?? (await resultOf(bytes, path, name))), hash, length: bytes.length };
}

/** What is finished of a sweep. */
async function sweepIn(folder: string, name: string): Promise<Result> {
	const { readRows } = await sweeping();
	const { rows, points } = await readRows(folder);
	const { badResult } = await import("../report/results.ts");
	if (rows.length === 0) throw badResult(name, `no point of this sweep is finished: stalemate sweep resume ${folder}`);
	return { name, data: rows, points };
}

async function resultOf(bytes: Uint8Array, path: string, name: string): Promise<Result> {
	const start = new TextDecoder("latin1").decode(bytes.subarray(0, 64)).trimStart();
	const { badResult, makers } = await import("../report/results.ts");
	const { decodeResults } = await sweeping();
	const decoded = async (format: "parquet" | "csv" | "json", words: string) => {
		try {
			return await decodeResults(bytes, format);
		} catch (cause) {
			const cut = /unexpected end|unterminated|footer|parquet file|is incomplete/i.test((cause as Error).message);
			const what = cut
				? "it ends in the middle: was it written to its end?"
				: `it is no ${words} (${(cause as Error).message}). ${makers()}`;
			throw badResult(name, what, cause);
		}
	};
	if (bytes.length === 0) throw badResult(name, "it is empty: did the command that should have written it fail?");
	if (/^[0-9a-f]{8} \{"journal"/.test(start)) return sweepIn(dirname(path), name);
	if (start.startsWith("PAR1")) return { name, data: await decoded("parquet", "Parquet") };
	if (start.startsWith("key,status,")) return { name, data: await decoded("csv", "CSV") };
	const data = await decoded("json", "JSON");
	return isSetup(data) ? sweepIn(dirname(path), name) : { name, data };
}

/** sweep.json: what was asked for. */
function isSetup(data: unknown): boolean {
	return typeof data === "object" && data !== null && "spec" in data && "formats" in data;
}
