// Whether one build is slower than another: both run the same records in memory, in rounds of A B B A, each in a process of
// its own. Prints, for each machine, how many times as fast B is as A (median over the rounds) and the 95 % interval of that
// by bootstrap:
//
//   node bench/abba.mjs OTHER_CHECKOUT [THIS_CHECKOUT] [--rounds 200] [--trace FILE] [--machines b2,translated,…] [--floor 0.97]
//
// A checkout is a folder with dist/ in it. The exit code is 1 if an interval lies wholly below the floor.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Contender, median } from "./rounds.mjs";
import { prepare } from "./traces.mjs";

const self = fileURLToPath(import.meta.url);

const MACHINES = {
	/** The sieve on plain caches. */
	b2: { profile: "compat-dinero-b2" },
	/** Tree-PLRU, translated. */
	broadwell: { profile: "broadwell" },
	/** Virtual addresses for index and tag. */
	vipt: { profile: "vipt-generic" },
	/** Several CPUs, of which the trace uses one. */
	four: { profile: "broadwell", cpus: 4 },
};

if (process.argv[2] === "--contend") await contend(process.argv[3], JSON.parse(process.argv[4]), process.argv[5]);
else await main();

async function main() {
	const options = new Map();
	const places = [];
	for (let i = 2; i < process.argv.length; i++) {
		const arg = process.argv[i];
		if (arg.startsWith("--")) options.set(arg, process.argv[++i]);
		else places.push(resolve(arg));
	}
	const [a, b = resolve(".")] = places;
	if (!a) throw new Error("which build is this one to be compared with? node bench/abba.mjs OTHER_CHECKOUT");
	const rounds = Number(options.get("--rounds") ?? 200);
	const floor = Number(options.get("--floor") ?? 0.97);
	const { records } = await prepare(resolve(options.get("--trace") ?? "test/data/ls.2M.packed.gz"));
	const names = (options.get("--machines") ?? "b2,broadwell,vipt").split(",");
	for (const name of names) {
		const machine = JSON.stringify(MACHINES[name]);
		const of = (checkout) => {
			if (!existsSync(join(checkout, "dist/index.js"))) throw new Error(`${checkout} has no dist: npm run build`);
			return new Contender(checkout, process.execPath, [self, "--contend", checkout, machine, records]);
		};
		const [first, second] = [of(a), of(b)];
		const ratios = [];
		for (let round = -4; round < rounds; round++) {
			const times = [];
			for (const contender of [first, second, second, first]) times.push((await contender.run()).milliseconds);
			if (round >= 0) ratios.push((times[0] + times[3]) / (times[1] + times[2]));
		}
		first.end();
		second.end();
		const [low, high] = interval(ratios);
		const slower = high < floor;
		if (slower) process.exitCode = 1;
		const says = `${median(ratios).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
		console.log(`${name.padEnd(12)} ${says}${slower ? `  SLOWER than ${floor}` : ""}`);
	}
}

/** The middle 95 % of the medians of samples drawn from `values`. */
function interval(values) {
	let seed = 1;
	const below = (n) => {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		return Math.floor((seed / 2 ** 32) * n);
	};
	const medians = Array.from({ length: 2000 }, () => median(values.map(() => values[below(values.length)])));
	medians.sort((x, y) => x - y);
	return [medians[50], medians[1949]];
}

/** Runs the records once for each line of input, in a machine that has seen them before. */
async function contend(checkout, { profile, cpus = 1 }, file) {
	const { load } = await import(pathToFileURL(join(checkout, "dist/index.js")).href);
	const simulation = (await load()).simulator(profile, { cpus });
	const bytes = readFileSync(file);
	const records = new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
	for await (const _ of createInterface({ input: process.stdin })) {
		const before = process.cpuUsage();
		simulation.runRecords(records);
		const { user, system } = process.cpuUsage(before);
		console.log(JSON.stringify({ milliseconds: (user + system) / 1e3 }));
	}
}
