// Sweeps over a real Redis and a real Slurm on this machine. Where they cannot be had, that is said loudly.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { mergeSweeps, runSweep, type SweepSpec } from "../../src/sweep/index.ts";
import { CLI, stalemate } from "../cli/cli.ts";
import { type RedisServer, type Slurm, startRedis, startSlurm } from "./cluster.ts";
import { folder, SAMPLE, SINGLE } from "./common.ts";

const here = folder();
const whole = join(here, "whole");
const file = join(here, "points.sweep.json");
const spec: SweepSpec = {
	verb: "trace",
	inputs: { trace: SAMPLE, profile: "broadwell", sets: [...SINGLE, "caches.L1D.replacement=fifo"] },
	axes: [
		{ path: "profile.caches.L1D.ways", list: [1, 2, 4, 8] },
		{ path: "warmup", range: { from: 0, to: 49 } },
	],
};

beforeAll(async () => {
	writeFileSync(file, JSON.stringify(spec));
	await runSweep(spec, whole, { workers: 0, formats: ["csv"] });
});

const results = (out: string) => readFileSync(join(out, "results.csv"), "utf8");
const keys = (out: string) => {
	const lines = readFileSync(join(out, "journal.jsonl"), "utf8").trim().split("\n").slice(1);
	return lines.map((line) => JSON.parse(line.slice(9)).row.key as string);
};

async function until(what: () => boolean, seconds = 60): Promise<void> {
	for (let i = 0; i < seconds * 50; i++) {
		if (what()) return;
		await sleep(20);
	}
	throw new Error(`not within ${seconds} s: ${what}`);
}

/** Points in a journal. */
const finished = (out: string) => {
	const path = join(out, "journal.jsonl");
	return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 2 : 0;
};

const redis = await startRedis();
if ("why" in redis) console.warn(`\n${"!".repeat(80)}\nTHE REDIS TESTS ARE SKIPPED: ${redis.why}\n${"!".repeat(80)}`);

describe.skipIf("why" in redis)("over Redis", () => {
	const { url, restart, stop } = redis as RedisServer;
	const children: ChildProcess[] = [];
	afterEach(() => {
		for (const child of children.splice(0)) child.kill("SIGKILL");
	});
	afterAll(() => stop());

	function start(...args: string[]): { child: ChildProcess; ended: Promise<number | null>; said: () => string } {
		const child = spawn(process.execPath, [CLI, "sweep", ...args], { stdio: ["ignore", "pipe", "pipe"] });
		let text = "";
		for (const stream of [child.stdout!, child.stderr!])
			stream.setEncoding("utf8").on("data", (part) => (text += part));
		children.push(child);
		return { child, ended: new Promise((resolve) => child.on("close", resolve)), said: () => text };
	}
	const submit = (out: string) => start("submit", file, "--redis", url, "-o", out, "--format", "csv", "--json");
	const work = () => start("work", "--redis", url, "--workers", "1", "--drain");

	test("a sweep has every point once, though a worker is killed and Redis is started again", async () => {
		const out = join(here, "redis");
		const { ended, said } = submit(out);
		await until(() => existsSync(join(out, "journal.jsonl")));
		const [one, two] = [work(), work()];
		await until(() => finished(out) >= 20);
		one.child.kill("SIGKILL");
		await restart(false);
		work();
		expect(await ended, said()).toBe(0);
		expect(await two.ended, two.said()).toBe(0);
		expect(results(out)).toBe(results(whole));
		expect(new Set(keys(out)).size).toBe(keys(out).length);
	}, 120_000);

	test("nothing is lost with a Redis that forgets all it had, nor with the one who submitted", async () => {
		const out = join(here, "forgetful");
		const submitted = submit(out);
		await until(() => existsSync(join(out, "journal.jsonl")));
		const worker = work();
		await until(() => finished(out) >= 20);
		submitted.child.kill("SIGKILL");
		await submitted.ended;
		const before = keys(out).length;
		await restart(true);
		const { ended, said } = start("resume", out, "--redis", url, "--json");
		await worker.ended;
		work();
		expect(await ended, said()).toBe(0);
		expect(said()).toContain(`"before":${before}`);
		expect(results(out)).toBe(results(whole));
		expect(new Set(keys(out)).size).toBe(keys(out).length);
	}, 120_000);

	test("one that is not there is one clear error", async () => {
		for (const args of [["work"], ["submit", file, "-o", join(here, "nobody")]]) {
			const { status, stderr } = await stalemate(["sweep", ...args, "--redis", "redis://127.0.0.1:1"]);
			expect([status, stderr]).toEqual([2, expect.stringMatching(/there is no Redis to be reached: .*ECONNREFUSED/)]);
		}
	});
});

const slurm = await startSlurm();
if ("why" in slurm) console.warn(`\n${"!".repeat(80)}\nTHE SLURM TESTS ARE SKIPPED: ${slurm.why}\n${"!".repeat(80)}`);

describe.skipIf("why" in slurm)("as an array of Slurm", () => {
	const { env, queue, stop } = slurm as Slurm;
	afterAll(() => stop());

	test("a sweep has every point once, though a task is lost", async () => {
		const out = join(here, "array");
		const args = ["sweep", "submit", file, "--slurm", "-o", out, "--tasks", "4", "--format", "csv", "--json"];
		const first = JSON.parse((await stalemate(args, { env })).stdout);
		expect([first.tasks, first.finished]).toEqual([[1, 2, 3, 4], []]);
		const part = join(out, "parts/2");
		await until(() => finished(part) >= 3);
		spawnSync("scancel", ["--signal=KILL", "--full", `${first.job}_2`], { env });
		await until(() => queue(first.job).length === 0);
		expect(existsSync(join(part, "results.csv"))).toBe(false);
		const before = keys(part);

		const early = await stalemate(["sweep", "merge", out, "-o", join(here, "early")]);
		expect([early.status, early.stderr]).toEqual([2, expect.stringMatching(/\d+ of 200 points are there/)]);

		const second = JSON.parse((await stalemate(args, { env })).stdout);
		expect([second.tasks, second.finished]).toEqual([[2], [1, 3, 4]]);
		await until(() => queue(second.job).length === 0);
		expect(keys(part).slice(0, before.length)).toEqual(before);
		expect(new Set(keys(part)).size).toBe(keys(part).length);

		const merged = join(here, "merged");
		expect((await mergeSweeps([out], merged)).points).toBe(200);
		expect(results(merged)).toBe(results(whole));
	}, 120_000);

	test("where there is no Slurm the script is there, and how to submit it", async () => {
		const out = join(here, "by-hand");
		const args = ["sweep", "submit", file, "--slurm", "-o", out];
		const { status, stderr } = await stalemate(args, { env: { ...process.env, PATH: "" } });
		expect([status, stderr]).toEqual([
			2,
			expect.stringMatching(/there is no sbatch here.*by hand: sbatch --array=1-16/s),
		]);
		expect(readFileSync(join(out, "task.sh"), "utf8")).toContain("sweep resume");
	});
});
