import { type ArgsDef, defineCommand } from "citty";
import { load, runTogether, type Simulation, type SimulatorOptions, StalemateError } from "../index.ts";
import { nearest, quote } from "../input/words.ts";
import type { Profile } from "../profiles/types.ts";
import { beside } from "../report/beside.ts";
import { intervalTable, TimeLine } from "../report/intervals.ts";
import { short } from "../report/numbers.ts";
import { type Printed, single } from "../report/single.ts";
import { PAGE } from "../report/table.ts";
import type { HotOptions } from "../simulate/options.ts";
import { count, flag, type Given, one, word, wrongCall } from "./arguments.ts";
import { convert } from "./convert.ts";
import { curve } from "./curve.ts";
import { FORMATS, formatOptions } from "./formats.ts";
import type { Command } from "./help.ts";
import { openInput } from "./input.ts";
import { interruptible } from "./interrupt.ts";
import { chosenProfiles, machineOptions } from "./machines.ts";
import { ProgressLine } from "./progress.ts";
import { note, out, print } from "./terminal.ts";

const KEYS = ["line", "page", "set"] as const;

const args: ArgsDef = {
	file: { type: "positional", required: true, description: "trace to read; - is standard input" },
	...machineOptions,
	...formatOptions,
	json: { type: "boolean", description: "print the result as JSON; of several machines, a list of results" },
	cpus: { type: "string", valueHint: "N", description: "how many CPUs the trace uses, or its threads get (default 1)" },
	seed: { type: "string", valueHint: "N", description: "seed of random replacement and random frames (default 0)" },
	warmup: { type: "string", valueHint: "N", description: "count only what comes after the first N references" },
	every: { type: "string", valueHint: "N", description: "counts of every N references, too" },
	plot: { type: "boolean", description: "draw miss ratios over time" },
	classify: { type: "boolean", description: "class misses as compulsory, capacity or conflict (slower)" },
	hot: { type: "string", valueHint: "CACHE:KIND", description: `where a cache misses most: per ${KEYS.join(", ")}` },
	sharing: { type: "boolean", description: "lines that CPUs take from each other, and who uses which part" },
	aliases: { type: "boolean", description: "count synonyms and homonyms in virtually addressed caches" },
	top: { type: "string", valueHint: "K", description: "how many of --hot or --sharing (default 10)" },
};

const def = defineCommand({
	meta: { name: "trace", description: "Simulates the caches and TLBs of a machine on a trace of memory references." },
	args,
	async run({ data }) {
		const given = data as Given;
		await simulate(one(given, "")!, given, await chosenProfiles(given));
	},
});

export const trace: Command = {
	def,
	name: "trace",
	more: [
		"Reads din, valgrind's lackey, ChampSim and packed traces, plain or compressed by gzip, zstd or xz. " +
			"`stalemate trace convert` writes the packed form, which is smaller and quicker to read.",
		"Numbers of references may be written 500k or 2M: thousands and millions. Lines and pages of --hot have the addresses " +
			"that the cache sees: with --set translation.policy=identity these are the program's own.",
	],
	examples: [
		"stalemate trace app.lackey.gz --profile broadwell",
		"stalemate trace app.lackey.gz --profile broadwell,pa8800 --set caches.L1D.ways=4",
		"stalemate trace app.din --every 100k --plot",
		"stalemate trace app.din --classify --hot L1D:line --top 5",
		"stalemate trace threads.lackey --cpus 4 --sharing",
		"valgrind --tool=lackey --trace-mem=yes --log-fd=9 ls 9>&1 >/dev/null | stalemate trace -",
	],
	commands: [convert, curve],
};

/** Runs a trace on machines and prints what came of it, also when it ends early. */
export async function simulate(file: string, given: Given, profiles: Profile[]): Promise<void> {
	const json = flag(given, "json");
	const plot = flag(given, "plot");
	if (json && plot)
		throw wrongCall("--plot draws for people: with --json give --every alone, and the result has intervals");
	const every = count(given, "every", 1);
	const warmup = count(given, "warmup", 0);
	const onError = word(given, "on-error", ["stop", "skip"] as const);
	const format = word(given, "format", FORMATS);
	const options = simulatorOptions(given);
	const core = await load();
	const simulations = profiles.map((profile) => core.simulator(profile, options));
	const input = await openInput(file, { ...(format && { format }), ...(onError && { onError }) });
	const line = new ProgressLine(input, (references) => `${short(references)} refs`);
	const interrupt = interruptible();
	const time = plot ? simulations.map(() => new TimeLine(every)) : undefined;
	let failure: { cause: unknown } | undefined;
	try {
		await runTogether(simulations, input.trace, {
			signal: interrupt.signal,
			onProgress: ({ references }) => line.update(references),
			...(warmup !== undefined && { warmup }),
			...(time ? { every: time[0]!.every, onInterval: (interval, i) => time[i]!.add(interval) } : every && { every }),
		});
	} catch (cause) {
		failure = { cause };
	} finally {
		interrupt.done();
		line.clear();
	}
	for (const warning of input.trace.warnings) note(`warning: ${warning}`);
	if (!failure || simulations.some((simulation) => simulation.result().references.total > 0)) {
		report(simulations, json, time);
	}
	if (failure) throw withRemedy(failure.cause);
}

/** The trace has more CPUs than the machine: only here is it known how they are asked for. */
function withRemedy(cause: unknown): unknown {
	if (!(cause instanceof StalemateError) || cause.place.path !== "cpus") return cause;
	return new StalemateError(cause.code, `${cause.message} with --cpus N`, cause.place, { cause });
}

function simulatorOptions(given: Given): SimulatorOptions {
	const cpus = count(given, "cpus", 1, 256);
	const seed = count(given, "seed", 0);
	const top = count(given, "top", 1, 1_000_000);
	const hot = hotOf(given, top);
	return {
		sets: given.get("set") ?? [],
		classify: flag(given, "classify"),
		aliases: flag(given, "aliases"),
		...(flag(given, "sharing") && { sharing: top === undefined ? {} : { top } }),
		...(cpus !== undefined && { cpus }),
		...(seed !== undefined && { seed }),
		...(hot && { hot }),
	};
}

/** "L1D:line" */
function hotOf(given: Given, top: number | undefined): HotOptions | undefined {
	const text = one(given, "hot");
	if (text === undefined) {
		if (top !== undefined && !flag(given, "sharing"))
			throw wrongCall("--top says how many of --hot or --sharing: give --hot CACHE:KIND, too", "--top");
		return undefined;
	}
	const colon = text.lastIndexOf(":");
	const by = text.slice(colon + 1) as HotOptions["by"];
	if (colon < 1 || !KEYS.includes(by)) {
		const meant = colon < 1 ? `L1D:${nearest(text, KEYS)}` : `${text.slice(0, colon)}:${nearest(by, KEYS)}`;
		throw wrongCall(
			`--hot is ${quote(text)}: write CACHE:KIND with a kind of ${KEYS.join(", ")}; did you mean "${meant}"?`,
			"--hot",
		);
	}
	return { cache: text.slice(0, colon), by, ...(top !== undefined && { top }) };
}

function report(simulations: Simulation[], json: boolean, time: TimeLine[] | undefined): void {
	const all = simulations.map((simulation): Printed => {
		return { profile: simulation.profile, machine: simulation.machine, result: simulation.result() };
	});
	if (json) {
		const results = all.map(({ result }) => result);
		print(JSON.stringify(results.length === 1 ? results[0] : results, undefined, "\t"));
		return;
	}
	print((all.length === 1 ? single(all[0]!, out) : beside(all, out)).join("\n"));
	for (const [i, { profile, result }] of all.entries()) {
		const lines = time
			? time[i]!.charts(Math.min(PAGE, process.stdout.columns || PAGE))
			: intervalTable(result.intervals ?? [], out);
		if (lines.length > 0) print(["", ...(all.length > 1 ? [out.bold(profile.id)] : []), ...lines].join("\n"));
	}
}
