// Threads that valgrind schedules are CPUs: what the command line makes of them.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT, stalemate, succeeds } from "./cli.ts";

const COUNTERS = join(ROOT, "examples/false-sharing/counters.packed.gz");
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "stalemate-threads-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("what docs/guide-trace.md shows of false sharing is what comes out", async () => {
	const stdout = await succeeds(["trace", COUNTERS, "--cpus", "3", "--sharing", "--top", "2"]);
	const shown = /--sharing --top 2\n```\n\n```text\n(.*?)```/s.exec(
		readFileSync(join(ROOT, "docs/guide-trace.md"), "utf8"),
	)![1]!;
	for (const line of shown.split("\n")) expect(stdout.split("\n").map((each) => each.trimEnd())).toContain(line);
});

const LINE = (address: string) => ` S ${address},8\n`;
const SWITCH = (thread: number) => `--4242--   SCHED[${thread}]:  acquired lock (VG_(scheduler):timeslice)\n`;

test("each thread is a CPU, in order of appearance; with one CPU the schedule changes nothing", async () => {
	const trace = join(folder, "threads.lackey");
	const text = [1, 2, 1, 2, 3].map((thread) => SWITCH(thread) + LINE("04222cac") + LINE("04222d00")).join("");
	writeFileSync(trace, text);
	const of = async (...more: string[]) => {
		const stdout = await succeeds(["trace", trace, "--json", ...more]);
		return JSON.parse(stdout).caches.filter(({ name }: { name: string }) => name === "L1D");
	};
	expect((await of("--cpus", "3")).map(({ writes }: { writes: number }) => writes)).toEqual([4, 4, 2]);
	expect((await of("--cpus", "2")).map(({ writes }: { writes: number }) => writes)).toEqual([6, 4]);
	expect((await of()).map(({ writes }: { writes: number }) => writes)).toEqual([10]);
});

test("converted, the threads keep their CPUs", async () => {
	const trace = join(folder, "two.lackey");
	const packed = join(folder, "two.packed");
	writeFileSync(trace, SWITCH(1) + LINE("04222cac") + SWITCH(2) + LINE("04222cac"));
	await stalemate(["trace", "convert", trace, "-o", packed, "--cpus", "2"]);
	const stdout = await succeeds(["trace", packed, "--cpus", "2", "--json"]);
	const lost = JSON.parse(stdout).caches.filter(({ name }: { name: string }) => name === "L1D");
	expect(lost.map((row: { lost: number }) => row.lost)).toEqual([1, 0]);
});

test("--sharing without several CPUs is refused, and says what to do", async () => {
	const { status, stderr } = await stalemate(["trace", COUNTERS, "--sharing"]);
	expect(status).toBe(2);
	expect(stderr).toContain("raise cpus");
});
