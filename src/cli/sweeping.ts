// What the commands of `sweep` have in common.

import type { ArgsDef } from "citty";
import { StalemateError } from "../index.ts";
import { clock, short } from "../report/numbers.ts";
import type { RunSweepOptions, Shard, SweepProgress, SweepReport } from "../sweep/index.ts";
import { count, flag, type Given, one, word, wrongCall } from "./arguments.ts";
import { interruptible } from "./interrupt.ts";
import { StatusLine } from "./progress.ts";
import { note, print } from "./terminal.ts";

/** The module that sweeps: loaded by the commands that need it. */
export function sweeping() {
	return import("../sweep/index.ts");
}

export const limitOptions = {
	yes: { type: "boolean", description: "run however many points there are" },
	limit: { type: "string", valueHint: "N", description: "points that there may be (default 100k)" },
	shard: { type: "string", valueHint: "I/N", description: "the I-th of N parts of the work, from 1" },
} as const satisfies ArgsDef;

export const redisOption = {
	type: "string",
	valueHint: "URL",
	description: "have the points run by those who work for this Redis: redis://host:6379",
} as const;

export const workOptions = {
	workers: {
		type: "string",
		valueHint: "N",
		description: "threads (default: as many as there are CPUs); 0: none besides this",
	},
	timeout: { type: "string", valueHint: "SECONDS", description: "time for a point, at most: it fails then" },
	json: { type: "boolean", description: "progress and the end as lines of JSON, on standard output" },
} as const satisfies ArgsDef;

export function limitOf(given: Given): { limit?: number; shard?: Shard } {
	const limit = flag(given, "yes") ? Number.POSITIVE_INFINITY : count(given, "limit", 1);
	const text = one(given, "shard");
	if (text === undefined) return limit === undefined ? {} : { limit };
	const [, i, n] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
	const shard = { index: Number(i), count: Number(n) };
	if (!(shard.index >= 1 && shard.index <= shard.count)) {
		throw wrongCall(`--shard is ${JSON.stringify(text)}: write I/N with I from 1 to N, for example 2/8`, "--shard");
	}
	return { shard, ...(limit !== undefined && { limit }) };
}

export function formatsOf(given: Given) {
	const all = ["parquet", "csv", "json"] as const;
	const texts = (given.get("format") ?? []).flatMap((text) => text.split(","));
	for (const text of texts) word(new Map([["format", [text]]]), "format", all);
	return texts.length > 0 ? { formats: texts as (typeof all)[number][] } : {};
}

export function threadsOf(given: Given): { workers?: number; timeout?: number } {
	const workers = count(given, "workers", 0, 1024);
	const text = one(given, "timeout");
	const timeout = text === undefined ? undefined : Number(text);
	if (timeout !== undefined && !(timeout > 0 && timeout < 1e6)) {
		throw wrongCall(`--timeout is ${JSON.stringify(text)}: seconds, more than 0`, "--timeout");
	}
	return { ...(workers !== undefined && { workers }), ...(timeout !== undefined && { timeout }) };
}

/** Runs something with progress, until it is done or Ctrl-C. */
export async function withProgress(
	given: Given,
	folder: string,
	work: (options: RunSweepOptions) => Promise<SweepReport>,
): Promise<void> {
	const json = flag(given, "json");
	const status = new StatusLine();
	const interrupt = interruptible();
	let last: SweepProgress | undefined;
	let told = 0;
	try {
		const report = await work({
			...threadsOf(given),
			signal: interrupt.signal,
			onNote: (text) => note(`warning: ${text}`),
			onProgress: (progress) => {
				last = progress;
				status.show((seconds) => line(progress, seconds));
				if (!json || performance.now() - told < 1000) return;
				told = performance.now();
				print(JSON.stringify({ progress }));
			},
		});
		status.clear();
		const { files, done, total, failed, before } = report;
		if (json) print(JSON.stringify({ finished: { done, total, failed, before, files } }));
		else {
			const sum = [
				`${done} points`,
				...(before > 0 ? [`${before} of them from before`] : []),
				...(failed > 0 ? [`${failed} failed`] : []),
			];
			print([sum.join(", "), ...files].join("\n"));
		}
		if (failed > 0) process.exitCode = 1;
	} catch (cause) {
		status.clear();
		if (!(cause instanceof StalemateError) || !last || last.done === 0) throw cause;
		const kept = `${last.done} of ${last.total} points are kept: stalemate sweep resume ${folder}`;
		throw new StalemateError(cause.code, `${cause.message} (${kept})`, cause.place, { cause });
	} finally {
		interrupt.done();
	}
}

const BAR = 24;

function line({ done, total, failed, before }: SweepProgress, seconds: number): string {
	const full = Math.round((done / total) * BAR);
	const bar = "█".repeat(full) + "░".repeat(BAR - full);
	const rate = (done - before) / seconds;
	const left = rate > 0 ? `, ${clock((total - done) / rate)} left` : "";
	return `${bar} ${done} of ${total}, ${short(rate)} points/s${left}${failed > 0 ? `, ${failed} failed` : ""}`;
}
