import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { optionsOf } from "../../input/options.ts";
import { object } from "../../input/shape.ts";
import { patternOf } from "../axes.ts";
import { type EngineOptions, outcomesOf } from "../engine.ts";
import { planOptions, runOptions, sweepRules, workOptions } from "../options.ts";
import { type Unit, WHOLE } from "../plan.ts";
import { badJournal } from "../problem.ts";
import { checkSpec } from "../read.ts";
import type { ResultFormat, Row } from "../results.ts";
import { type LimitOptions, type Planned, planOn, rowsOf, sweepOn } from "../sweep.ts";
import type { SweepSpec } from "../types.ts";
import { writeWhole } from "./files.ts";
import {
	headerOf,
	journalFile,
	locked,
	readOwnJournal,
	readSetup,
	type Setup,
	setupFile,
	writeResults,
} from "./folder.ts";
import { nodeHost } from "./host.ts";
import { type Entry, Journal, readJournal } from "./journal.ts";
import type { WorkOptions } from "./redis.ts";

/** How a sweep is planned. */
export interface PlanOptions extends LimitOptions {
	/** What the paths of inputs start from. Default: the working directory. */
	inputs?: string;
}

/** How a sweep is run, row by row. */
export interface SweepOptions extends PlanOptions, EngineOptions {
	/** The module that threads load, where a bundler has put it elsewhere than beside this one. */
	worker?: URL;
}

/** What a sweep would run, and how. Throws BAD_SWEEP, IO, UNKNOWN_PROFILE, BAD_PROFILE, BAD_OPTION. */
export async function planSweep(spec: SweepSpec, given: PlanOptions = {}): Promise<Planned> {
	const options = optionsOf(planOptions(), given);
	return planOn(nodeHost(options.inputs ?? "."), spec, options);
}

/**
 * Runs a sweep and tells rows as they come, in no particular order; nothing more is begun while nobody asks for one. Throws what
 * planSweep does, what a trace that cannot be read throws, CANCELLED after `signal`.
 */
export async function* sweep(spec: SweepSpec, given: SweepOptions = {}): AsyncGenerator<Row, void, undefined> {
	const options = optionsOf(object(sweepRules()), given);
	yield* sweepOn(nodeHost(options.inputs ?? ".", options.worker), spec, options);
}

/** How far a sweep is, in points. */
export interface SweepProgress {
	done: number;
	/** Points of this shard. */
	total: number;
	failed: number;
	/** Of those done, how many an earlier process had finished. */
	before: number;
}

/** How a sweep is run into a folder. */
export interface RunSweepOptions extends SweepOptions {
	/** Default parquet. */
	formats?: readonly ResultFormat[];
	/** Told after each few points. */
	onProgress?: (progress: SweepProgress) => void;
	/** Told what is worth knowing and no error. */
	onNote?: (text: string) => void;
	/** Points that failed are run again. */
	retryFailed?: boolean;
	/** Have the points run by those who work for this Redis (`sweep work`), instead of threads. */
	redis?: string;
}

/** What a sweep came to, and the files that it wrote. */
export interface SweepReport extends SweepProgress {
	/** The results, by content key. */
	files: string[];
}

/**
 * Runs a sweep into a folder that is new: its journal, and in the end the results. Throws what planSweep does, BAD_JOURNAL
 * where there is a sweep already, CANCELLED after `signal`; what was finished is kept, for resumeSweep.
 */
export async function runSweep(spec: SweepSpec, folder: string, given: RunSweepOptions = {}): Promise<SweepReport> {
	const options = optionsOf(runOptions(), given);
	const { inputs = ".", formats = ["parquet"], shard = WHOLE } = options;
	if (existsSync(journalFile(folder))) {
		throw badJournal(folder, "there is a sweep in it: go on with it by sweep resume, or give another folder");
	}
	const setup: Setup = { spec: checkSpec(spec), inputs: resolve(inputs), formats: [...formats], shard };
	const planned = await planOn(nodeHost(inputs), spec, options);
	const unlock = await locked(folder);
	try {
		await mkdir(folder, { recursive: true });
		await writeWhole(setupFile(folder), `${JSON.stringify(setup, undefined, "\t")}\n`);
		const journal = await Journal.create(journalFile(folder), headerOf(setup, planned.total));
		return await work(folder, setup, planned, journal, new Map(), options);
	} finally {
		await unlock();
	}
}

/** Goes on with a sweep that ended early: no finished point is lost, and none run again. */
export async function resumeSweep(
	folder: string,
	given: Omit<RunSweepOptions, "shard" | "inputs"> = {},
): Promise<SweepReport> {
	const options = optionsOf(runOptions(), given);
	const setup = await readSetup(folder);
	const unlock = await locked(folder);
	try {
		const { inputs, shard } = setup;
		const planned = await planOn(nodeHost(inputs), setup.spec, { shard, limit: Number.POSITIVE_INFINITY });
		const begun = existsSync(journalFile(folder)) && (await isBegun(folder));
		if (!begun) await rm(journalFile(folder), { force: true });
		const journaled = begun ? await readOwnJournal(folder, setup) : undefined;
		const entries = journaled?.entries ?? new Map<string, Entry>();
		if (journaled && journaled.damaged > 0) {
			options.onNote?.(
				`${journalFile(folder)}: ${journaled.damaged} cut or damaged record(s); those points are run again`,
			);
		}
		const keys = new Set(planned.units.flatMap(({ points }) => points.map(({ key }) => key)));
		const foreign = [...entries.keys()].filter((key) => !keys.has(key)).length;
		if (foreign > 0) {
			throw badJournal(
				folder,
				`${foreign} of its finished points are not of this sweep: an input file has changed since`,
			);
		}
		if (options.retryFailed) for (const [key, { row }] of entries) if (row.status === "failed") entries.delete(key);
		const journal = journaled
			? await Journal.extend(journalFile(folder), journaled.length)
			: await Journal.create(journalFile(folder), headerOf(setup, planned.total));
		return await work(folder, setup, planned, journal, entries, options);
	} finally {
		await unlock();
	}
}

/** Killed before its first line was written, a sweep has a journal and nothing in it. */
async function isBegun(folder: string): Promise<boolean> {
	const { size } = await stat(journalFile(folder));
	if (size > 4096) return true;
	return readJournal(journalFile(folder)).then(
		() => true,
		() => false,
	);
}

async function work(
	folder: string,
	setup: Setup,
	{ units }: Planned,
	journal: Journal,
	finished: Map<string, Entry>,
	options: RunSweepOptions,
): Promise<SweepReport> {
	const { spec, formats, inputs } = setup;
	const rowOf = rowsOf(spec, units);
	const left = units.flatMap((unit): Unit[] => {
		const points = unit.points.filter(({ key }) => !finished.has(key));
		return points.length > 0 ? [{ ...unit, points }] : [];
	});
	const progress: SweepProgress = {
		done: finished.size,
		total: units.reduce((sum, { points }) => sum + points.length, 0),
		failed: [...finished.values()].filter(({ row }) => row.status === "failed").length,
		before: finished.size,
	};
	try {
		options.onProgress?.({ ...progress });
		const { redis } = options;
		const source =
			left.length === 0
				? []
				: redis !== undefined
					? (await import("./redis.ts")).outcomesOver(redis, setup, left, options)
					: outcomesOf(left, nodeHost(inputs, options.worker), options);
		for await (const outcomes of source) {
			const entries = outcomes.map((outcome): Entry => {
				return { row: rowOf(outcome), milliseconds: outcome.milliseconds, how: outcome.how };
			});
			await journal.add(entries);
			for (const entry of entries) {
				finished.set(entry.row.key, entry);
				if (entry.row.status === "failed") progress.failed++;
			}
			progress.done = finished.size;
			options.onProgress?.({ ...progress });
		}
	} finally {
		await journal.close();
	}
	for (const output of unknownOutputs(
		spec,
		[...finished.values()].map(({ row }) => row),
	)) {
		options.onNote?.(`outputs: no point has a column ${JSON.stringify(output)}; "*" is all there are`);
	}
	return { ...progress, files: await writeResults(folder, { entries: finished }, formats) };
}

/** Outputs asked for that no point has. Which columns there are depends on the profile: it is known in the end. */
function unknownOutputs({ outputs = [] }: SweepSpec, rows: readonly Row[]): string[] {
	const names = new Set(rows.filter(({ status }) => status === "ok").flatMap((row) => Object.keys(row)));
	if (names.size === 0) return [];
	return outputs.filter((output) => {
		const pattern = patternOf(output);
		return ![...names].some((name) => pattern.test(name));
	});
}

/** Runs points of the sweeps that are submitted to a Redis (`redis` of runSweep), on as many hosts as there are. */
export async function workSweeps(redis: string, given: WorkOptions = {}): Promise<{ done: number }> {
	const options = optionsOf(workOptions(), given);
	const { workOver } = await import("./redis.ts");
	return workOver(redis, options);
}
