import { type ArgsDef, defineCommand } from "citty";
import { load } from "../index.ts";
import { quote } from "../input/words.ts";
import { many, bytes as size, whole } from "../report/numbers.ts";
import { count, type Given, one, word, wrongCall } from "./arguments.ts";
import { FORMATS, formatOptions } from "./formats.ts";
import type { Command } from "./help.ts";
import { openInput } from "./input.ts";
import { interruptible } from "./interrupt.ts";
import { ProgressLine } from "./progress.ts";
import { note } from "./terminal.ts";

const args: ArgsDef = {
	file: { type: "positional", required: true, description: "trace to read; - is standard input" },
	output: { type: "string", alias: "o", valueHint: "OUT", description: "file to write; - is standard output" },
	...formatOptions,
	cpus: {
		type: "string",
		valueHint: "N",
		description: "CPUs for the threads of lackey's --trace-sched=yes (default 1)",
	},
	skip: { type: "string", valueHint: "N", description: "leave out the first N accesses" },
	take: { type: "string", valueHint: "N", description: "write at most N accesses" },
	sample: { type: "string", valueHint: "N/M", description: "write N of every M accesses" },
};

export const convert: Command = {
	def: defineCommand({
		meta: { name: "convert", description: "Writes a trace in the packed form: smaller, checked, and quicker to read." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "trace convert",
	more: [
		"An access is a line of the trace: a lackey modify is one. The packed form may be compressed further by gzip, zstd or xz.",
	],
	examples: [
		"stalemate trace convert app.lackey.gz -o app.packed",
		"stalemate trace convert app.lackey.gz -o - | gzip > app.packed.gz",
		"stalemate trace convert threads.lackey -o threads.packed --cpus 4",
		"stalemate trace convert app.din -o part.packed --skip 1M --take 500k",
		"stalemate trace convert app.din -o tenth.packed --sample 10k/100k",
	],
};

async function run(given: Given): Promise<void> {
	const path = one(given, "");
	const sink = one(given, "output");
	if (path === undefined || sink === undefined) throw wrongCall("trace convert needs -o OUT: the file to write", "-o");
	if (path === sink && path !== "-") throw wrongCall(`-o is ${quote(sink)}, the trace itself: give another file`, "-o");
	const cpus = count(given, "cpus", 1, 256);
	const skip = count(given, "skip", 0);
	const take = count(given, "take", 0);
	const sample = sampleOf(given);
	const format = word(given, "format", FORMATS);
	const onError = word(given, "on-error", ["stop", "skip"] as const);
	const core = await load();
	const input = await openInput(path, { ...(format && { format }), ...(onError && { onError }) });
	const line = new ProgressLine(input, size);
	const interrupt = interruptible();
	try {
		const { reads, writes, fetches, modifies, skipped, bytes, packed } = await core.convertTrace(input.trace, sink, {
			signal: interrupt.signal,
			progress: (bytes) => line.update(bytes),
			...(cpus !== undefined && { cpus }),
			...(skip !== undefined && { skip }),
			...(take !== undefined && { take }),
			...(sample && { sample }),
		});
		line.clear();
		for (const warning of input.trace.warnings) note(`warning: ${warning}`);
		if (skipped > 0) note(`warning: ${many(skipped, "bad item was", "bad items were")} skipped`);
		const kinds = [many(fetches, "fetch", "fetches"), many(reads, "read"), many(writes, "write")];
		if (modifies > 0) kinds.push(`${whole(modifies)} modifies`);
		const accesses = many(fetches + reads + writes + modifies, "access", "accesses");
		note(`${sink}: ${accesses} (${kinds.join(", ")}), ${size(bytes)} became ${size(packed)}`);
	} finally {
		interrupt.done();
		line.clear();
	}
}

/** "1/10", also "10k/1M" */
function sampleOf(given: Given): { keep: number; every: number } | undefined {
	const text = one(given, "sample");
	if (text === undefined) return undefined;
	const [keep, every, ...more] = text.split("/").map((part) => {
		try {
			return count(new Map([["sample", [part]]]), "sample", 1);
		} catch {
			return undefined;
		}
	});
	if (keep === undefined || every === undefined || more.length > 0 || keep > every) {
		throw wrongCall(
			`--sample is ${quote(text)}: write N/M, N of every M accesses, for example 1/10 or 10k/1M`,
			"--sample",
		);
	}
	return { keep, every };
}
