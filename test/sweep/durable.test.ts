// What must not get lost: sweeps as processes of their own, killed, starved of disk, with threads that die.

import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mergeSweeps, readRows, resumeSweep, runSweep, type SweepSpec, sweep } from "../../src/sweep/index.ts";
import { randomOf } from "../../src/sweep/random.ts";
import { CLI, ROOT, stalemate } from "../cli/cli.ts";
import { all, folder, GEOMETRIES, SINGLE } from "./common.ts";

const here = folder();
const spec: SweepSpec = {
	verb: "trace",
	inputs: { trace: join(here, "short.din"), profile: "broadwell", sets: [...SINGLE, "caches.L1D.size=4K"] },
	axes: [
		{ path: "profile.caches.L1D.ways", list: [1, 2, 4, 8] },
		{ path: "profile.caches.L1D.replacement", list: ["lru", "fifo", "random"] },
		{ path: "warmup", range: { from: 0, to: 70, step: 10 } },
	],
	outputs: ["*"],
};
const file = join(here, "kill.sweep.json");
const WORKER = join(ROOT, "dist/chunks/sweep-worker.js");

beforeAll(() => {
	const lines = Array.from({ length: 3000 }, (_, i) => `${i % 3} ${((i * 72) % 50_000).toString(16)}\n`);
	writeFileSync(join(here, "short.din"), lines.join(""));
	writeFileSync(file, JSON.stringify(spec));
});

const failure = (promise: Promise<unknown>) =>
	promise.then(
		() => expect.unreachable(),
		(cause) => cause,
	);

/** A process of the command line, killed after so many milliseconds; true: it was at work still. */
async function killed(args: string[], after: number): Promise<boolean> {
	const child = spawn(process.execPath, [CLI, ...args], { stdio: "ignore" });
	const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("close", (_, signal) => resolve(signal)));
	await Promise.race([ended, sleep(after)]);
	child.kill("SIGKILL");
	return (await ended) === "SIGKILL";
}

const journalOf = (out: string) => readFileSync(join(out, "journal.jsonl"), "utf8").trim().split("\n");
const keysOf = (lines: string[]) => lines.slice(1).map((line) => JSON.parse(line.slice(9)).row.key as string);

describe("a sweep that is killed", () => {
	test("50 times at random moments has the same results, byte for byte, and ran no finished point again", async () => {
		const whole = join(here, "whole");
		const formats = ["--format", "csv,parquet,json"];
		const begun = performance.now();
		expect((await stalemate(["sweep", "run", file, "-o", whole, ...formats])).status).toBe(0);
		const took = performance.now() - begun;
		const expected = ["csv", "parquet", "json"].map((format) => readFileSync(join(whole, `results.${format}`)));
		const random = randomOf(50);
		let [kills, finished] = [0, 0];
		for (let round = 0; kills < 50; round++) {
			const out = join(here, `killed-${round}`);
			let done = false;
			let before: string[] = [];
			while (!done) {
				const begins = !existsSync(join(out, "sweep.json"));
				const args = begins ? ["sweep", "run", file, "-o", out, ...formats] : ["sweep", "resume", out];
				const enough = kills >= 50;
				const dead = await killed(args, enough ? 60_000 : random() * took * 1.1);
				if (dead) kills++;
				done = !dead;
				if (!existsSync(join(out, "journal.jsonl"))) continue;
				const lines = journalOf(out);
				// Nothing that was finished is lost; the last line may be half a one.
				const whole = lines.filter((line) => /^[0-9a-f]{8} \{.*\}$/.test(line));
				expect(whole.slice(0, before.length)).toEqual(before);
				before = whole;
			}
			const keys = keysOf(journalOf(out));
			expect(new Set(keys).size).toBe(keys.length);
			expect(keys.length).toBe(96);
			const found = ["csv", "parquet", "json"].map((format) => readFileSync(join(out, `results.${format}`)));
			expect(found.every((bytes, i) => bytes.equals(expected[i]!))).toBe(true);
			finished++;
		}
		expect(finished).toBeGreaterThan(0);
	}, 240_000);

	test("has its journal cut in the middle of a record: only that point is run again", async () => {
		const out = join(here, "cut");
		await runSweep(spec, out, { workers: 0, formats: ["csv"] });
		const expected = readFileSync(join(out, "results.csv"), "utf8");
		const length = readFileSync(join(out, "journal.jsonl")).length;
		truncateSync(join(out, "journal.jsonl"), length - 40);
		const notes: string[] = [];
		const report = await resumeSweep(out, { workers: 0, onNote: (text) => notes.push(text) });
		expect([report.before, report.done]).toEqual([95, 96]);
		expect(notes.join()).toContain("1 cut or damaged");
		expect(readFileSync(join(out, "results.csv"), "utf8")).toBe(expected);
	});

	test("has a byte of its journal changed: that point is run again, and what came after is kept", async () => {
		const out = join(here, "changed");
		await runSweep(spec, out, { workers: 0, formats: ["csv"] });
		const bytes = readFileSync(join(out, "journal.jsonl"));
		bytes[bytes.length >> 1]! ^= 1;
		writeFileSync(join(out, "journal.jsonl"), bytes);
		expect((await resumeSweep(out, { workers: 0 })).before).toBe(95);
	});

	test("is refused where it was made of other files, by another version, or is at work", async () => {
		const out = join(here, "other");
		await runSweep({ ...spec, axes: spec.axes!.slice(0, 1) }, out, { workers: 0 });
		const lines = journalOf(out);
		expect((await failure(runSweep(spec, out))).message).toContain("there is a sweep in it");
		writeFileSync(join(out, "lock"), "1");
		expect((await failure(resumeSweep(out))).message).toContain("process 1 is at work in it");
		rmSync(join(out, "lock"));
		const setup = JSON.parse(readFileSync(join(out, "sweep.json"), "utf8"));
		setup.spec.inputs.trace = join(ROOT, "examples/sample/sample.packed.gz");
		const changed = join(here, "changed-input");
		mkdirSync(changed);
		writeFileSync(join(changed, "sweep.json"), JSON.stringify(setup));
		writeFileSync(join(changed, "journal.jsonl"), `${lines.join("\n")}\n`);
		const error = await failure(resumeSweep(changed, { workers: 0 }));
		expect([error.code, error.message]).toEqual(["BAD_JOURNAL", expect.stringContaining("another specification")]);
		expect((await failure(resumeSweep(join(here, "nowhere")))).message).toContain("there is no sweep in it");
	});

	test("by a full disk says so, and goes on when there is room", async ({ skip }) => {
		const disk = join(here, "disk");
		mkdirSync(disk);
		const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24k", "tmpfs", disk]).status === 0;
		if (!mounted) console.warn("\nTHE TEST OF A FULL DISK IS SKIPPED: only root can mount a small one\n");
		skip(!mounted);
		try {
			const out = join(disk, "out");
			const { status, stderr } = await stalemate([
				"sweep",
				"run",
				file,
				"-o",
				out,
				"--workers",
				"0",
				"--format",
				"csv",
			]);
			expect([status, stderr]).toEqual([
				2,
				expect.stringMatching(/disk is full.*points are kept: stalemate sweep resume/s),
			]);
			const before = (await readRows(out)).rows.length;
			expect(before).toBeGreaterThan(0);
			spawnSync("mount", ["-o", "remount,size=4m", disk]);
			const report = await resumeSweep(out, { workers: 0 });
			expect([report.before, report.done]).toEqual([before, 96]);
			expect(readFileSync(join(out, "results.csv"), "utf8")).toBe(
				readFileSync(join(here, "whole/results.csv"), "utf8"),
			);
		} finally {
			spawnSync("umount", [disk]);
		}
	});
});

describe("a thread that dies", () => {
	/** A worker that does something else first, told of the points it is given. */
	function worker(name: string, text: string): URL {
		const path = join(here, `${name}.mjs`);
		const body = `import run from ${JSON.stringify(pathToFileURL(WORKER).href)};
			import { existsSync, writeFileSync } from "node:fs";
			const once = (name) => !existsSync(name) && (writeFileSync(name, ""), true);
			export default async (tasks) => {
				for (const { points } of tasks) for (const { job } of points) { ${text} }
				return run(tasks);
			};`;
		writeFileSync(path, body);
		return pathToFileURL(path);
	}
	const few: SweepSpec = { ...spec, axes: [{ path: "warmup", range: { from: 0, to: 39 } }] };

	test("has its points tried once more", async () => {
		const crash = worker(
			"once",
			`if (job.warmup === 7 && once(${JSON.stringify(join(here, "mark"))})) process.exit(3);`,
		);
		const rows = await all(sweep(few, { workers: 2, worker: crash }));
		expect(rows).toEqual(await all(sweep(few, { workers: 0 })));
		expect(existsSync(join(here, "mark"))).toBe(true);
	});

	test("again and again fails its point with the reason, and no other", async () => {
		const crash = worker("always", "if (job.warmup === 7) process.exit(3);");
		const rows = await all(sweep(few, { workers: 2, worker: crash }));
		expect(rows).toHaveLength(40);
		const failed = rows.filter(({ status }) => status === "failed");
		expect(failed.map((row) => row.warmup)).toEqual([7]);
		expect(failed[0]!.error).toMatch(/^CRASHED: /);
	});

	test("is ended when a point takes too long", async () => {
		const slow = worker("slow", "while (job.warmup === 7) {}");
		// So long that on a busy machine no other point takes it.
		const rows = await all(sweep(few, { workers: 2, worker: slow, timeout: 5 }));
		expect(rows).toHaveLength(40);
		expect(rows.filter(({ status }) => status === "failed").map((row) => [row.warmup, row.error])).toEqual([
			[7, "TIMEOUT: not done after 5 s"],
		]);
	});

	test("or is cancelled leaves what was finished", async () => {
		const out = join(here, "cancelled");
		const controller = new AbortController();
		const slow = worker("wait", "if (job.warmup > 20) await new Promise((resolve) => setTimeout(resolve, 20000));");
		const onProgress = ({ done }: { done: number }) => done > 5 && controller.abort();
		const error = await failure(
			runSweep(few, out, { workers: 2, worker: slow, signal: controller.signal, onProgress }),
		);
		expect(error.code).toBe("CANCELLED");
		const { done, before } = await resumeSweep(out, { workers: 0 });
		expect(before).toBeGreaterThan(5);
		expect(done).toBe(40);
	});

	test("is not waited for: rows come as they are ready, and nothing is begun while nobody asks", async () => {
		const begun = join(here, "begun");
		writeFileSync(begun, "");
		const note = worker("note", `(await import("node:fs")).appendFileSync(${JSON.stringify(begun)}, "x");`);
		const rows = sweep(
			{ ...few, axes: [{ path: "warmup", range: { from: 0, to: 2999 } }] },
			{ workers: 2, worker: note },
		);
		await rows.next();
		await sleep(300);
		expect(readFileSync(begun, "utf8").length).toBeLessThan(1500);
		await rows.return();
	});
});

describe("results", () => {
	const out = join(here, "results");
	let duck: Awaited<ReturnType<DuckDBInstance["connect"]>>;
	let instance: DuckDBInstance;
	beforeAll(async () => {
		instance = await DuckDBInstance.create();
		duck = await instance.connect();
		await runSweep(GEOMETRIES, out, { formats: ["parquet", "csv", "json"], workers: 0 });
	});
	afterAll(() => {
		duck?.closeSync();
		instance?.closeSync();
	});

	test("in Parquet are what DuckDB reads, with their types", async () => {
		const path = join(out, "results.parquet");
		const reader = await duck.runAndReadAll(`select * from '${path}'`);
		const { rows } = await readRows(out);
		const plain = (cell: unknown) => (typeof cell === "bigint" ? Number(cell) : cell);
		const names = reader.columnNames();
		const found = reader.getRows().map((cells) => Object.fromEntries(cells.map((cell, i) => [names[i]!, plain(cell)])));
		expect(found).toEqual(rows);
		const types = await duck.runAndReadAll(`describe select "L1D.misses", "L1D.missRatio", key, error from '${path}'`);
		expect(types.getRows().map((row) => row[1])).toEqual(["BIGINT", "DOUBLE", "VARCHAR", "VARCHAR"]);
		const sum = await duck.runAndReadAll(`select sum("L1D.misses") from '${path}' where "profile.caches.L1D.ways" = 4`);
		const four = rows.filter((row) => row["profile.caches.L1D.ways"] === 4);
		expect(Number(sum.getRows()[0]![0])).toBe(four.reduce((all, row) => all + Number(row["L1D.misses"]), 0));
	});

	test("in CSV and JSON are the same rows", async () => {
		const { rows } = await readRows(out);
		expect(JSON.parse(readFileSync(join(out, "results.json"), "utf8"))).toEqual(rows);
		const reader = await duck.runAndReadAll(
			`select key, "L1D.misses", "L1D.missRatio" from '${join(out, "results.csv")}' order by key`,
		);
		expect(reader.getRows().map(([key, misses, ratio]) => [key, Number(misses), ratio])).toEqual(
			rows.map((row) => [row.key, row["L1D.misses"], row["L1D.missRatio"]]),
		);
	});
});

describe("shards that are merged", () => {
	const shard = async (name: string, index: number, count: number, of = spec) => {
		const out = join(here, name);
		await runSweep(of, out, { shard: { index, count }, workers: 0, formats: ["csv"] });
		return out;
	};

	test("have every point once, as the whole has", async () => {
		const parts = [await shard("part1", 1, 3), await shard("part2", 2, 3), await shard("part3", 3, 3)];
		const missing = await failure(mergeSweeps(parts.slice(0, 2), join(here, "too-few")));
		expect([missing.code, missing.message]).toEqual(["BAD_JOURNAL", expect.stringMatching(/\d+ of 96 points/)]);
		const to = join(here, "merged");
		expect((await mergeSweeps([...parts, parts[0]!], to)).points).toBe(96);
		const whole = join(here, "whole-of-shards");
		await runSweep(spec, whole, { workers: 0, formats: ["csv"] });
		expect(readFileSync(join(to, "results.csv"), "utf8")).toBe(readFileSync(join(whole, "results.csv"), "utf8"));
	});

	test("are refused of two versions and of two sweeps", async () => {
		const [one, two] = [join(here, "part1"), join(here, "older")];
		mkdirSync(two);
		writeFileSync(join(two, "sweep.json"), readFileSync(join(one, "sweep.json")));
		const [header] = journalOf(one);
		const json = header!.slice(9).replace(/"stalemate":"[^"]*"/, '"stalemate":"0.0.1"');
		const { crc32 } = await import("node:zlib");
		appendFileSync(join(two, "journal.jsonl"), `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`);
		expect((await failure(mergeSweeps([one, two], join(here, "mixed")))).message).toContain("stalemate 0.0.1");
		const other = await shard("other-sweep", 1, 2, { ...spec, axes: spec.axes!.slice(0, 2) });
		expect((await failure(mergeSweeps([one, other], join(here, "mixed")))).message).toContain("of another sweep");
	});
});
