import { type ArgsDef, defineCommand } from "citty";
import type { CurveJson, CurveResult } from "../curves/curve.ts";
import { load, VERSION } from "../index.ts";
import { quote } from "../input/words.ts";
import { parseNumber } from "../profiles/size.ts";
import { curveText, doublings, roughBytes, SEEN } from "../report/curve.ts";
import { many, percent, bytes as size } from "../report/numbers.ts";
import { PAGE } from "../report/table.ts";
import { count, flag, type Given, list, one, word, wrongCall } from "./arguments.ts";
import { FORMATS, formatOptions } from "./formats.ts";
import type { Command } from "./help.ts";
import { inputError, openInput } from "./input.ts";
import { interruptible } from "./interrupt.ts";
import { ProgressLine } from "./progress.ts";
import { note, out, print } from "./terminal.ts";

const STREAMS = ["unified", "data", "fetch"] as const;

const args: ArgsDef = {
	file: { type: "positional", required: true, description: "trace to read; - is standard input" },
	of: {
		type: "string",
		valueHint: STREAMS.join("|"),
		description: "which references the cache sees (default unified: all of them)",
	},
	line: { type: "string", valueHint: "BYTES", description: "bytes of a line (default 64)" },
	at: { type: "string", valueHint: "SIZE,…", description: "show these sizes (default: powers of two)" },
	ratio: { type: "string", valueHint: "R", description: "the smallest cache that misses at most so often: 1% or 0.01" },
	sample: { type: "string", valueHint: "R", description: "follow this part of the lines: quicker, with bounds" },
	lines: { type: "string", valueHint: "N", description: "follow at most N lines at once: bounded memory, with bounds" },
	seed: { type: "string", valueHint: "N", description: "which lines are followed (default 0)" },
	...formatOptions,
	json: { type: "boolean", description: "print the curve as JSON" },
};

export const curve: Command = {
	def: defineCommand({
		meta: { name: "curve", description: "Miss ratios of caches of all sizes, from one pass over a trace." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "trace curve",
	more: [
		"The caches are fully associative, with LRU, and alone: one level. --sample and --lines follow some of the lines (SHARDS) and " +
			"give bounds beside each ratio.",
	],
	examples: [
		"stalemate trace curve app.lackey.gz --of data",
		"stalemate trace curve app.packed --at 32K,256K,2M --ratio 1%",
		"stalemate trace curve long.packed --lines 8192 --json",
	],
};

async function run(given: Given): Promise<void> {
	const of = word(given, "of", STREAMS) ?? "unified";
	const line = sizeOf(one(given, "line") ?? "64", "line");
	const wanted = list(given, "at").map((text) => linesIn(text, line));
	const ratio = part(given, "ratio");
	const rate = part(given, "sample");
	const lines = count(given, "lines", 256, 2 ** 24);
	const seed = count(given, "seed", 0);
	if (seed !== undefined && rate === undefined && lines === undefined)
		throw wrongCall("--seed says which lines are followed: give --sample or --lines, too", "--seed");
	const format = word(given, "format", FORMATS);
	const onError = word(given, "on-error", ["stop", "skip"] as const);
	const sample = {
		...(rate !== undefined && { rate }),
		...(lines !== undefined && { lines }),
		...(seed !== undefined && { seed }),
	};
	const core = await load();
	const distances = await core.missRatioCurve({ line, of, ...(Object.keys(sample).length > 0 && { sample }) });
	const input = await openInput(one(given, "")!, { ...(format && { format }), ...(onError && { onError }) });
	const progress = new ProgressLine(input, size);
	const interrupt = interruptible();
	let failure: { cause: unknown } | undefined;
	try {
		const onProgress = (bytes: number) => progress.update(bytes);
		await distances.runTrace(input.trace, { signal: interrupt.signal, onProgress });
	} catch (cause) {
		failure = { cause };
	} finally {
		interrupt.done();
		progress.clear();
	}
	for (const warning of input.trace.warnings) note(`warning: ${warning}`);
	const result = distances.result();
	const { fetches, reads, writes } = result.references;
	if (fetches + reads + writes > 0) {
		if (flag(given, "json")) {
			const { name, compression = "none" } = input.trace;
			const trace = { name, format: await input.trace.format(), compression };
			const { kind, ...curve } = result.toJSON();
			const all: CurveJson = { kind, stalemate: VERSION, trace, complete: failure === undefined, ...curve };
			print(JSON.stringify(all, undefined, "\t"));
		} else report(result, wanted, ratio);
	} else failure ??= { cause: inputError(input.trace.name, `there is no ${SEEN[of]} in it`, "BAD_TRACE") };
	if (failure) throw failure.cause;
}

/** Also of a trace that ended early: what there was of it. */
function report(curve: CurveResult, wanted: number[], ratio: number | undefined): void {
	const width = Math.min(PAGE, process.stdout.columns || PAGE);
	const capacities = doublings(curve);
	print(curveText(curve, wanted.length > 0 ? wanted : capacities, out, width).join("\n"));
	if (ratio === undefined) return;
	const enough = curve.capacityFor(ratio);
	const most = percent(ratio);
	const cold = percent(curve.at(capacities.at(-1)!).missRatio);
	print(
		enough === undefined
			? `\nno cache misses at most ${most}: ${cold} are first uses`
			: `\n${roughBytes(enough * curve.line)} (${many(enough, "line")}) miss at most ${most}`,
	);
}

function sizeOf(text: string, name: string): number {
	const value = parseNumber(text);
	if (value !== undefined && Number.isSafeInteger(value) && value > 0) return value;
	throw wrongCall(`--${name} is ${quote(text)}: write bytes, as 64, 32K or 2M`, `--${name}`);
}

function linesIn(text: string, line: number): number {
	const bytes = sizeOf(text, "at");
	if (bytes >= line) return Math.floor(bytes / line);
	throw wrongCall(`--at has ${quote(text)}: no line of ${line} bytes fits there`, "--at");
}

/** "1%" or "0.01" */
function part(given: Given, name: string): number | undefined {
	const text = one(given, name);
	if (text === undefined) return undefined;
	const [, digits, percent] = /^(\d*\.?\d+(?:e-?\d+)?)\s*(%?)$/i.exec(text) ?? [];
	const value = digits === undefined ? Number.NaN : Number(digits) / (percent ? 100 : 1);
	if (value >= 0 && value <= 1) return value;
	throw wrongCall(`--${name} is ${quote(text)}: write a part, from 0 to 1 or with %, as 0.01 or 1%`, `--${name}`);
}
