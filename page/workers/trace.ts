// Simulation of traces, off the page's own thread: a file is streamed, however long it is.

import { StalemateError } from "../../src/errors.ts";
import { load, type Stalemate } from "../../src/load.ts";
import { parseProfile } from "../../src/profiles/parse.ts";
import { profile, profileNames } from "../../src/profiles/shipped.ts";
import { TimeLine } from "../../src/report/intervals.ts";
import { byName, cacheSize, tlbSize } from "../../src/report/rows.ts";
import { runTogether, type Simulation } from "../../src/simulate.ts";
import { openTrace } from "../../src/trace/trace.ts";
import type {
	Chosen,
	Counted,
	Described,
	MissCurve,
	Pressure,
	Ran,
	Setup,
	TraceMethods,
	TraceWanted,
} from "../trace/types.ts";
import { answer, type Context, type Methods } from "./port.ts";

/** Lines that the miss-ratio curve follows at once: 6 MB, and exact for traces with fewer. */
const FOLLOWED = 65_536;
/** Points that a curve over time is to have, about; and what may lie between two of them. */
const POINTS = 128;
const [LEAST, MOST] = [4096, 262_144];
/** Milliseconds between two pictures of a run. */
const PICTURE = 250;

let core: Promise<Stalemate> | undefined;

function loaded(): Promise<Stalemate> {
	core ??= load();
	core.catch(() => {
		core = undefined;
	});
	return core;
}

function profileOf(chosen: Chosen) {
	if ("id" in chosen) return profile(chosen.id);
	try {
		return parseProfile(JSON.parse(chosen.text));
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		throw new StalemateError("BAD_PROFILE", `the profile is no JSON: ${error.message}`);
	}
}

async function simulations(
	{ machines, sets, cpus }: Setup,
	{ pressure, aliases }: Pick<TraceWanted, "pressure" | "aliases"> = { pressure: null, aliases: false },
): Promise<Simulation[]> {
	const { simulator } = await loaded();
	return machines.map((chosen) => {
		const options = { sets, cpus, aliases };
		const made = simulator(profileOf(chosen), options);
		const cache = made.machine.caches.find(({ name }) => name === pressure);
		if (!cache) return made;
		return simulator(profileOf(chosen), { ...options, hot: { cache: cache.name, by: "set", top: cache.sets } });
	});
}

async function describe(setup: Setup): Promise<Described[]> {
	return (await simulations(setup)).map(({ profile, machine }) => {
		const { seed: _, ...rest } = machine;
		return { id: profile.id, title: profile.title, machine: rest };
	});
}

/** References between two points of the curves, by what a file of this size may hold. */
function everyOf({ size, type }: { size: number; type: "text" | "packed" }): number {
	const references = type === "text" ? size / 10 : size;
	return Math.round(Math.min(MOST, Math.max(LEAST, references / POINTS)));
}

function counted(simulation: Simulation, time: TimeLine): Counted {
	const { machine, profile } = simulation;
	const result = simulation.result();
	return {
		id: profile.id,
		caches: byName(result.caches).map((row) => ({ ...row, size: cacheSize(machine, row.name) })),
		tlbs: byName(result.tlbs).map((row) => ({ ...row, size: tlbSize(machine, row.name) })),
		cyclesPerReference: result.cycles?.perReference ?? null,
		curves: [...time.levels()].map(([name, stretches]) => ({
			name,
			references: Float64Array.from(stretches, ({ references }) => references),
			ratios: Float32Array.from(stretches, ({ accesses, misses }) => (accesses > 0 ? misses / accesses : 0)),
		})),
		pressure: pressureOf(simulation, result.hottest),
	};
}

function pressureOf({ machine }: Simulation, rows: ReturnType<Simulation["result"]>["hottest"]): Pressure | null {
	const [first] = rows ?? [];
	const cache = machine.caches.find(({ name }) => name === first?.cache);
	if (!rows || !cache) return null;
	const misses = new Float64Array(cache.sets);
	for (const row of rows) misses[Number(row.key)] = row.misses;
	return { cache: cache.name, sets: cache.sets, misses };
}

async function run(wanted: TraceWanted, { signal, progress }: Context): Promise<Ran> {
	const all = await simulations(wanted, wanted);
	const packed = /\.(gz|zst|xz|packed)$/i.test(wanted.name);
	const every = everyOf({ size: wanted.file.size, type: packed ? "packed" : "text" });
	const times = all.map(() => new TimeLine(every));
	const begun = performance.now();
	const state = { references: 0, bytes: 0 };
	let picture = begun;
	let stopped: string | null = null;
	const machines = () => all.map((simulation, i) => counted(simulation, times[i]!));
	try {
		await runTogether(all, trace(wanted), {
			signal,
			every,
			onInterval: (interval, i) => times[i]!.add(interval),
			onProgress(now) {
				Object.assign(state, now);
				const milliseconds = performance.now() - begun;
				const due = performance.now() - picture > PICTURE;
				progress({ progress: state, milliseconds, ...(due && { machines: machines() }) });
				if (due) picture = performance.now();
			},
		});
	} catch (error) {
		const result = all[0]?.result();
		// What ran before is counted; nothing at all is no result.
		if (!(error instanceof StalemateError) || !result || result.references.total === 0) throw error;
		stopped = error.code === "CANCELLED" ? "cancelled" : error.message;
	}
	const milliseconds = performance.now() - begun;
	const { references, trace: info, skipped = 0 } = all[0]!.result();
	return {
		progress: { references: references.total, bytes: info?.bytes ?? state.bytes },
		milliseconds,
		machines: machines(),
		references,
		format: info?.format ?? "",
		compression: info?.compression ?? "none",
		skipped,
		warnings: info?.warnings ?? [],
		notes: info?.notes ?? [],
		stopped,
	};
}

function trace({ file, name, format, skip }: Pick<TraceWanted, "file" | "name" | "format" | "skip">) {
	return openTrace(slices(file), { name, ...(format && { format }), onError: skip ? "skip" : "stop" });
}

/** Bytes of a file read at once: its own stream comes in small pieces, each of which waits for its turn. */
const SLICE = 2 ** 21;

/** A file in slices, the next of which is read while one is looked at. */
async function* slices(file: Blob): AsyncGenerator<Uint8Array> {
	const read = (at: number) => file.slice(at, at + SLICE).arrayBuffer();
	let next = read(0);
	for (let at = 0; at < file.size; at += SLICE) {
		const bytes = await next;
		if (at + SLICE < file.size) {
			next = read(at + SLICE);
			// Looked at when its turn comes, or never.
			next.catch(() => {});
		}
		yield new Uint8Array(bytes);
	}
}

async function curve(wanted: Parameters<TraceMethods["curve"]>[0], { signal, progress }: Context): Promise<MissCurve> {
	const { missRatioCurve } = await loaded();
	const line = 64;
	const curve = await missRatioCurve({ line, of: "data", sample: { lines: FOLLOWED } });
	const result = await curve.runTrace(trace(wanted), { signal, onProgress: progress });
	return { points: result.points(), footprint: result.footprint, line, rate: result.sample?.rate ?? 1 };
}

const methods: { [K in keyof TraceMethods]: (argument: Parameters<TraceMethods[K]>[0], context: Context) => unknown } =
	{
		profiles: () => profileNames().map((id) => ({ id, title: profile(id).title })),
		describe,
		run,
		curve,
	};

answer(methods as Methods);
