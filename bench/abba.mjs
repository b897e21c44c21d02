// Whether this checkout is slower than another commit at traces of one CPU: both are built, and run the same records in one
// process, in rounds of A B B A. Prints, for each machine, how many times as fast this one is (median over the rounds) and
// the 95 % interval of that by bootstrap:
//
//   npm run bench:abba -- COMMIT [--rounds 200] [--trace FILE] [--machines b2,translated,broadwell,vipt] [--floor 0.97]
//
// The exit code is 1 if an interval lies wholly below the floor.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, SCRATCH } from "./paths.mjs";
import { median } from "./rounds.mjs";
import { prepare } from "./traces.mjs";

const MACHINES = {
	/** The sieve on plain caches. */
	b2: ({ cachesOnly }) => cachesOnly,
	/** The same with TLBs. */
	translated: ({ translated }) => translated,
	/** Tree-PLRU, inclusive, walks. */
	broadwell: ({ profiled }) => profiled("broadwell"),
	/** Virtual addresses for index and tag. */
	vipt: ({ profiled }) => profiled("vipt-generic"),
};

const options = new Map();
const commits = [];
for (let i = 2; i < process.argv.length; i++) {
	const arg = process.argv[i];
	if (arg.startsWith("--")) options.set(arg, process.argv[++i]);
	else commits.push(arg);
}
const [commit] = commits;
if (!commit) throw new Error("which commit is this one to be compared with? npm run bench:abba -- COMMIT");
const rounds = Number(options.get("--rounds") ?? 200);
if (!(rounds >= 200)) throw new Error("--rounds: at least 200");
const floor = Number(options.get("--floor") ?? 0.97);
const machines = (options.get("--machines") ?? Object.keys(MACHINES).join()).split(",");

const { records: file } = await prepare(resolve(options.get("--trace") ?? join(ROOT, "test/data/ls.2M.packed.gz")));
const bytes = readFileSync(file);
const records = new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const before = await benchOf(built(commit));
const now = await benchOf(ROOT);
for (const name of machines) {
	const [a, b] = [before, now].map((bench) => bench.inMemory(MACHINES[name](bench), records));
	const ratios = [];
	for (let round = -10; round < rounds; round++) {
		const [first, second, third, fourth] = [a, b, b, a].map(timed);
		if (round >= 0) ratios.push((first + fourth) / (second + third));
	}
	const [low, high] = interval(ratios);
	const slower = high < floor;
	if (slower) process.exitCode = 1;
	const says = `${median(ratios).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
	console.log(`${name.padEnd(12)} ${says}${slower ? `  SLOWER than ${floor}` : ""}`);
}

/** Milliseconds of processor time for the records, on a machine that has seen them before. */
function timed(machine) {
	const start = process.cpuUsage();
	machine.run();
	const { user, system } = process.cpuUsage(start);
	return (user + system) / 1e3;
}

/** What `npm run bench` of a checkout measures. */
async function benchOf(checkout) {
	const from = (path) => import(pathToFileURL(join(checkout, path)).href);
	const { profile } = await from("build/js/src/profiles/index.js");
	const { resolve: resolved } = await from("build/js/src/profiles/resolve.js");
	return { ...(await from("bench/machine.mjs")), profiled: (id) => resolved(profile(id)) };
}

/** A checkout of a commit beside this one's benchmarks, built once. */
function built(commit) {
	const git = (...args) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
	const hash = git("rev-parse", "--verify", `${commit}^{commit}`);
	const checkout = join(SCRATCH, hash);
	if (existsSync(join(checkout, "dist/index.js"))) return checkout;
	rmSync(checkout, { recursive: true, force: true });
	execFileSync("sh", ["-c", 'mkdir -p "$1" && git archive "$2" | tar -x -C "$1"', "sh", checkout, hash], { cwd: ROOT });
	symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"), "junction");
	execFileSync(process.execPath, ["scripts/build.mjs"], { cwd: checkout, stdio: "inherit" });
	return checkout;
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
