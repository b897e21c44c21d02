// Sweeps against what one would write without them, side by side in one run:
//
//   npm run bench:sweep [-- --rounds 3] [-- --quick] [trace]
//
// One pass: 300 single LRU geometries as one sweep, and as 300 runs of this package's simulator over the same trace in memory;
// every count is compared. Threads: a sweep that no pass can count with one thread and two, and as many bare threads that are
// given the same machines (sweep-bare.mjs). Overhead: points so small that they are hardly there, into a folder with journal
// and results, against a loop over the same machines. Wall-clock times, medians of rounds in turns.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { applySets, load, openTrace, profile } from "../build/js/src/index.js";
import { countColumns } from "../build/js/src/sweep/columns.js";
import { planSweep, runSweep, sweep } from "../build/js/src/sweep/index.js";
import { median } from "./rounds.mjs";
import { prepare, traceFiles } from "./traces.mjs";

const quick = process.argv.includes("--quick");
const named = process.argv.indexOf("--rounds");
const ROUNDS = named > 0 ? Number(process.argv[named + 1]) : quick ? 1 : 3;
const file = process.argv.slice(2).find((word) => !/^(--.*|\d+)$/.test(word)) ?? traceFiles()[0];

const core = await load();
const { packed, references, name } = await prepare(file);
const folder = mkdtempSync(join(tmpdir(), "stalemate-bench-"));
let missed = 0;

/** @param {string} what @param {number} found @param {boolean} met @param {string} target */
function tell(what, found, met, target) {
	if (!met) missed++;
	console.log(`  ${what}: ${found.toPrecision(3)} (${target}: ${met ? "met" : "MISSED"})`);
}

const bytes = await inMemory(packed);

/** The trace as one piece of memory that threads share. @param {string} path */
async function inMemory(path) {
	const parts = [];
	for await (const chunk of openTrace(path)) parts.push(chunk.slice());
	const all = new Uint8Array(new SharedArrayBuffer(parts.reduce((sum, part) => sum + part.length, 0)));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** @template T @param {() => Promise<T>} work @returns {Promise<[number, T]>} */
async function timed(work) {
	const begun = performance.now();
	const result = await work();
	return [performance.now() - begun, result];
}

/** A page is unmapped, flushed, mapped and touched again. */
const UNMAP = `scenario unmap
  page P
  map U -> P user
  actor one on cpu 0
    repeat:
      pte.clear U
      tlb.flush U
      pte.set.full U <- P writable
      load r0 <- U
`;
const SINGLE = ["caches.L1I=none", "caches.L2=none", "caches.L3=none", "tlbs=none", "translation.policy=identity"];
const UNIFIED = [...SINGLE, "caches.L1D.serves=both", "caches.L1D.replacement=lru"];
const base = (sets) => applySets(profile("broadwell"), sets);

/** @param {number[]} lines @param {number[]} sets @param {number} ways */
function grid(lines, sets, ways) {
	const cells = lines.flatMap((line) =>
		sets.flatMap((count) =>
			Array.from({ length: ways }, (_, way) => ({ line, ways: way + 1, size: line * count * (way + 1) })),
		),
	);
	return ["line", "ways", "size"].map((of) => ({
		path: `profile.caches.L1D.${of}`,
		list: cells.map((cell) => cell[of]),
	}));
}

async function all(rows) {
	const found = [];
	for await (const row of rows) found.push(row);
	return found;
}

console.log(`${name}: ${references} references`);
const TEN = Array.from({ length: 10 }, (_, k) => 2 ** (k + 4));
for (const [title, lines, ways, target] of [
	["1 line size x 10 set counts x 30 ways", [64], 30, 30],
	["3 line sizes x 10 set counts x 10 ways", [32, 64, 128], 10, 15],
]) {
	const axes = [{ zip: grid(lines, TEN, ways) }];
	const spec = { verb: "trace", inputs: { trace: packed, profile: "broadwell", sets: UNIFIED }, axes, outputs: ["*"] };
	const { units } = await planSweep(spec);
	const machines = units.flatMap(({ points }) => points.map(({ key, job }) => [key, job.profile]));
	const ratios = [];
	for (let round = 0; round < ROUNDS; round++) {
		const [pass, rows] = await timed(() => all(sweep(spec, { workers: 0 })));
		const [separate, results] = await timed(async () => {
			const found = new Map();
			for (const [key, machine] of machines) found.set(key, await core.simulator(machine).runTrace(openTrace(bytes)));
			return found;
		});
		for (const row of rows) {
			for (const [column, value] of Object.entries(countColumns(results.get(row.key)))) {
				if (row[column] !== value) throw new Error(`${column} of ${row.key}: ${row[column]}, alone ${value}`);
			}
		}
		ratios.push(separate / pass);
	}
	tell(
		`${title}, times as fast as ${machines.length} runs`,
		median(ratios),
		median(ratios) >= target,
		`at least ${target}`,
	);
}

{
	// FIFO: no pass counts them.
	const sets = [...UNIFIED.slice(0, -1), "caches.L1D.replacement=fifo"];
	const axes = [{ zip: grid([64], TEN, quick ? 4 : 12) }];
	const spec = { verb: "trace", inputs: { trace: packed, profile: "broadwell", sets }, axes };
	const { units } = await planSweep(spec);
	const profiles = units.flatMap(({ points }) => points.map(({ job }) => job.profile));
	const bare = async (threads) => {
		const workers = Array.from({ length: threads }, (_, i) => {
			const mine = profiles.filter((_, at) => at % threads === i);
			return new Worker(new URL("./sweep-bare.mjs", import.meta.url), {
				workerData: { module: core.module, bytes, profiles: mine },
			});
		});
		const said = (word) =>
			Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("message", () => resolve(word)))));
		await said("ready");
		for (const worker of workers) worker.postMessage("go");
		await said("done");
		await Promise.all(workers.map((worker) => worker.terminate()));
	};
	const swept = async (workers) => (await timed(() => all(sweep(spec, { workers }))))[0];
	const times = { bare1: [], bare2: [], sweep1: [], sweep2: [] };
	const contenders = Object.entries({
		bare1: async () => (await timed(() => bare(1)))[0],
		sweep1: () => swept(1),
		bare2: async () => (await timed(() => bare(2)))[0],
		sweep2: () => swept(2),
	});
	// What else the machine does falls on all alike only over many short rounds, there and back.
	for (let round = -1; round < (quick ? 2 : 7); round++) {
		for (const [who, work] of round % 2 ? [...contenders].reverse() : contenders) {
			const time = await work();
			if (round >= 0) times[who].push(time);
		}
	}
	const of = (name) => median(times[name]);
	const ratio = of("sweep1") / of("sweep2") / (of("bare1") / of("bare2"));
	console.log(
		`  ${profiles.length} machines: bare ${of("bare1").toFixed(0)} and ${of("bare2").toFixed(0)} ms, ` +
			`swept ${of("sweep1").toFixed(0)} and ${of("sweep2").toFixed(0)} ms with one thread and two`,
	);
	tell("speed-up by a second thread, part of that of bare threads", ratio, ratio >= 0.95, "at least 0.95");
}

{
	const trace = join(folder, "tiny.din");
	writeFileSync(trace, Array.from({ length: 30 }, (_, i) => `${i % 3} ${(i * 72).toString(16)}\n`).join(""));
	const sets = [...UNIFIED.slice(0, -1), "caches.L1D.replacement=random", "caches.L1D.size=4K"];
	const axes = [{ path: "seed", range: { from: 0, to: quick ? 499 : 1999 } }];
	const spec = { verb: "trace", inputs: { trace, profile: "broadwell", sets }, axes };
	const tiny = await inMemory(trace);
	const machine = base(sets);
	const count = axes[0].range.to + 1;
	const overheads = { 0: [], 1: [] };
	for (let round = 0; round < ROUNDS + 1; round++) {
		const [loop] = await timed(async () => {
			for (let seed = 0; seed < count; seed++) await core.simulator(machine, { seed }).runTrace(openTrace(tiny));
		});
		for (const workers of [0, 1]) {
			const out = join(folder, `tiny-${round}-${workers}`);
			const [time] = await timed(() => runSweep(spec, out, { workers }));
			// The first round is the compiler's.
			if (round > 0) overheads[workers].push((time - loop) / count);
		}
	}
	for (const [workers, found] of Object.entries(overheads)) {
		const where = workers === "0" ? "in this thread" : "in another thread";
		tell(`ms a point beyond a loop, ${where}`, median(found), median(found) < 0.3, "under 0.3");
	}
}

{
	const scenario = join(folder, "unmap.scn");
	writeFileSync(scenario, UNMAP);
	const count = 10_000;
	const sample = { paths: ["profile.costs.*", "profile.memory.*", "profile.caches.*.latency"], count };
	const spec = {
		verb: "cost",
		inputs: { scenario, profile: "broadwell", iterations: 20, warmUp: 2 },
		axes: [{ sample }],
	};
	const before = process.cpuUsage();
	const [time, { done, failed }] = await timed(() => runSweep(spec, join(folder, "costs"), {}));
	const used = process.cpuUsage(before);
	if (done !== count || failed > 0) throw new Error(`${done} of ${count} points, ${failed} failed`);
	const worked = (used.user + used.system) / 1e6;
	tell(
		`s for a Latin hypercube of ${count} costs (${worked.toFixed(1)} s of processors)`,
		time / 1000,
		time < 10_000,
		"under 10",
	);
}

rmSync(folder, { recursive: true });
if (missed > 0) process.exitCode = 1;
