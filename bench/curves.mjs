// Many geometries in one pass against as many runs of this package's simulator, in one process, side by side:
//
//   node bench/curves.mjs [--rounds 5] [--all] [trace ...]
//
// Takes build/js and build/core.wasm as they are (node scripts/build-core.mjs, npx tsc -p tsconfig.json). Both are given the
// same references, already in memory, of the stream alone (what a simulator would do with the others is not its fault).
// Runs are sampled unless --all is given: of each line size and number of sets, those with SAMPLED ways, which are as many on
// average as all of them have; what all would take follows from that. Their counts are compared with the pass. Exact and
// sampled curves are timed, too. Times are what the process used of the processor (rounds.mjs).

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { loadPassCoreSync } from "../build/js/bindings/pass-core.js";
import { batchRecords, Reader } from "../build/js/bindings/reader.js";
import { Simulator } from "../build/js/bindings/simulator.js";
import { loadTraceCoreSync } from "../build/js/bindings/trace-core.js";
import { missRatioCurve, onePass } from "../build/js/src/curves/index.js";
import { openTrace } from "../build/js/src/trace/trace.js";
import { cpuMilliseconds, median } from "./rounds.mjs";

const core = loadPassCoreSync();
const machines = loadTraceCoreSync();
const SHARED = new URL("../../shared/traces/", import.meta.url).pathname;
const TEN_SETS = Array.from({ length: 10 }, (_, k) => 2 ** (k + 4));

const GRIDS = [
	{ name: "1 x 10 x 30", lines: [64], sets: TEN_SETS, ways: 30, sampled: [3, 9, 15, 22, 28], target: 30 },
	{ name: "3 x 10 x 10", lines: [32, 64, 128], sets: TEN_SETS, ways: 10, sampled: [2, 5, 6, 9], target: 15 },
	{
		name: "5 x 10 x 6",
		lines: [16, 32, 64, 128, 256],
		sets: TEN_SETS,
		ways: 6,
		sampled: [1, 3, 4, 6],
		target: undefined,
	},
];
const COUNTS = [
	"fetches",
	"fetchMisses",
	"reads",
	"readMisses",
	"writes",
	"writeMisses",
	"fills",
	"evictions",
	"writebacks",
];

/** A machine of one cache that sees what it is given. */
function machineOf({ line, sets, ways }) {
	return {
		cpus: 1,
		caches: [
			{
				name: "cache",
				sets,
				ways,
				line,
				index: "virtual",
				tag: "virtual",
				inclusion: "nine",
				replacement: "lru",
				write: "back",
				allocate: true,
				writebacks: true,
				serves: "both",
				next: -1,
				sharedBy: 1,
			},
		],
		tlbs: [],
		walk: { enabled: false, levels: [9, 9, 9, 9], entry: 8, enters: -1, caches: [0, 0, 0] },
		translation: { policy: "identity", page: 12, colours: 1, frames: 20, huge: [] },
		straddle: "split",
		seed: 1n,
	};
}

/** The references of a trace, cut at lines of 64 bytes. */
async function recordsOf(file) {
	const trace = openTrace(file);
	const { exports } = core.instantiate();
	exports.placeBatch(exports.allocate(BigInt(exports.placeBatch(0))));
	const parts = [];
	const reader = new Reader(exports, await trace.format(), {
		step: exports.parse,
		batch: () => parts.push(batchRecords(exports).slice()),
	});
	for await (const chunk of trace.chunks()) reader.write(chunk);
	reader.end();
	const records = new BigUint64Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		records.set(part, at);
		at += part.length;
	}
	return records;
}

function compareGrid({ name, lines, sets, ways, sampled, target }, records, rounds, all) {
	const counted = all ? Array.from({ length: ways }, (_, i) => i + 1) : sampled;
	const ratios = [];
	const passes = [];
	let runs = 0;
	// The first round is not counted: the engine optimises what it sees.
	for (let round = 0; round <= rounds; round++) {
		let pass;
		const one = cpuMilliseconds(() => {
			pass = onePass(core, { lines, sets, ways });
			pass.runRecords(records);
			pass.result();
		});
		const result = pass.result();
		let separate = 0;
		runs = 0;
		for (const line of lines) {
			for (const setCount of sets) {
				for (const wayCount of counted) {
					let simulator;
					separate += cpuMilliseconds(() => {
						simulator = new Simulator(machines, machineOf({ line, sets: setCount, ways: wayCount }));
						simulator.runRecords(records);
					});
					runs++;
					if (round === 0) compare(result.at(line, setCount, wayCount), simulator.counts().caches[0]);
				}
			}
		}
		if (round === 0) continue;
		passes.push(one);
		ratios.push((separate * lines.length * sets.length * ways) / runs / one);
	}
	const total = lines.length * sets.length * ways;
	const met = target ? `, target ${target}: ${median(ratios) >= target ? "met" : "MISSED"}` : "";
	const from = runs === total ? "" : ` (from ${runs} runs)`;
	console.log(
		`  ${name}: ${median(ratios).toFixed(1)} times as fast as ${total} runs${from}; ` +
			`one pass ${median(passes).toFixed(1)} ms, rounds ${ratios.map((ratio) => ratio.toFixed(1)).join(" ")}${met}`,
	);
}

function compare(geometry, row) {
	for (const name of COUNTS) {
		if (geometry[name] === row[name]) continue;
		const { line, sets, ways } = geometry;
		throw new Error(`${line} x ${sets} x ${ways}: ${name} ${geometry[name]}, and ${row[name]} in a run of its own`);
	}
}

function timeCurve(name, sample, records, rounds) {
	const times = [];
	let result;
	for (let round = 0; round <= rounds; round++) {
		const time = cpuMilliseconds(() => {
			const curve = missRatioCurve(core, { line: 64, ...(sample ? { sample } : {}) });
			curve.runRecords(records);
			result = curve.result();
		});
		if (round > 0) times.push(time);
	}
	const nanoseconds = (median(times) * 1e6) / records.length;
	console.log(
		`  curve, ${name}: ${median(times).toFixed(1)} ms, ${nanoseconds.toFixed(1)} ns a reference, ` +
			`${Math.round(result.footprint)} lines${sample ? `, ${result.sample.followed} followed` : ""}`,
	);
}

const files = [];
let rounds = 5;
let all = false;
for (const [i, word] of process.argv.entries()) {
	if (i < 2 || process.argv[i - 1] === "--rounds") continue;
	if (word === "--rounds") rounds = Number(process.argv[i + 1]);
	else if (word === "--all") all = true;
	else files.push(word);
}
if (files.length === 0 && existsSync(SHARED)) {
	files.push(
		...readdirSync(SHARED)
			.filter((name) => /\.(din|lackey)\.gz$/.test(name))
			.map((name) => join(SHARED, name)),
	);
}
if (files.length === 0) console.log("No trace: name one, or have ../shared/traces beside the repository");

for (const file of files) {
	const records = await recordsOf(file);
	for (const of of ["data", "unified"]) {
		const seen = of === "data" ? records.filter((record) => (record & 3n) !== 2n) : records;
		console.log(`${basename(file)}, ${of}: ${seen.length} references`);
		for (const grid of GRIDS) compareGrid(grid, seen, rounds, all);
		timeCurve("exact", undefined, seen, rounds);
		timeCurve("a tenth of the lines", { rate: 0.1 }, seen, rounds);
		timeCurve("at most 1024 lines", { lines: 1024 }, seen, rounds);
	}
}
