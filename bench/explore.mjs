// How fast programs are searched: the TLB shootdown of scenarios/shootdown/shootdown.scn here, and the same model in Promela
// under SPIN (Debian's `spin` and gcc; skipped loudly without them). In bench/EXPLORE.md.
//
//   npm run bench:explore [-- --rounds 7]
//
// SPIN's time is that of its search alone, without generating and compiling it. Ratios are medians over interleaved rounds.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Explorer } from "../build/js/bindings/explorer.js";
import { loadProgramCoreSync } from "../build/js/bindings/program-core.js";
import { loadCheckSync, plan } from "../build/js/src/check/index.js";
import { hardwareOf } from "../build/js/src/hardware.js";
import { profile } from "../build/js/src/profiles/shipped.js";
import { compileScenario, parseScenario } from "../build/js/src/scenario/index.js";
import { GCC_OPTIONS, gccVersion } from "./gcc.mjs";
import { ROOT, SCRATCH, SOURCES } from "./paths.mjs";
import { median } from "./rounds.mjs";

const at = process.argv.indexOf("--rounds");
const ROUNDS = at < 0 ? 7 : Number(process.argv[at + 1]);
const SLICE = 4096;
/** States of the abstract model, as SPIN, Murphi and TLC count them, for 2 to 6 CPUs. */
const ABSTRACT = { 2: 120, 3: 1264, 4: 18048, 5: 290368, 6: 4869120 };

const core = loadProgramCoreSync();
const scenario = parseScenario(readFileSync(join(ROOT, "scenarios/shootdown/shootdown.scn"), "utf8"));
// No caches, because a program cannot tell these from memory; a walker that speculates.
const sc = hardwareOf(profile("haswell-ep"), { model: "sc" });

function program(params) {
	return compileScenario(scenario, params);
}

/** Searches all states; what it took. `reductions`: symmetry and may-hold sets. */
function search(compiled, hardware, reductions, most = 0xffffffff) {
	const begun = performance.now();
	const explorer = new Explorer(core, compiled, hardware, { mayHold: reductions });
	explorer.begin({ symmetric: reductions });
	let progress;
	do progress = explorer.run(SLICE, most);
	while (progress.end === "pause");
	const ms = performance.now() - begun;
	return { ms, ...progress, bytes: explorer.stateBytes, rate: progress.states / ms / 1e3 };
}

function spin(cpuCount) {
	const folder = join(SCRATCH, `spin${cpuCount}`);
	mkdirSync(folder, { recursive: true });
	const made = spawnSync("spin", [`-DN=${cpuCount}`, "-a", join(SOURCES, "promela/shootdown.pml")], { cwd: folder });
	if (made.error || made.status !== 0) return undefined;
	const options = [...GCC_OPTIONS, "-w", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=4000", "-o", "pan", "pan.c"];
	if (spawnSync("gcc", options, { cwd: folder }).status !== 0) return undefined;
	return () => {
		const begun = performance.now();
		const { stdout } = spawnSync("./pan", ["-m1000000", "-w24", "-E"], { cwd: folder, encoding: "utf8" });
		const ms = performance.now() - begun;
		const states = Number(/(\d+) states, stored/.exec(stdout)?.[1]);
		return { ms, states, rate: states / ms / 1e3 };
	};
}

function rounds(contenders) {
	const all = contenders.map(() => []);
	for (let round = 0; round < ROUNDS; round++) for (const [i, run] of contenders.entries()) all[i].push(run());
	return all;
}

const of = (list, key) => median(list.map((one) => one[key]));
const ratioOf = (a, b, key) => median(a.map((one, i) => one[key] / b[i][key]));
const rows = [];
const row = (what, here, other, ratio, target, met) => rows.push({ what, here, other, ratio, target, met });

const five = program({ cpus: 5 });
const six = program({ cpus: 6 });
for (let i = 0; i < 3; i++) search(program({ cpus: 4 }), sc, false);
const spin5 = gccVersion() ? spin(5) : undefined;
const spin6 = spin5 && spin(6);
if (spin5) {
	const [ours, theirs] = rounds([() => search(five, sc, false), spin5]);
	const rate = ratioOf(ours, theirs, "rate");
	row(
		"states per second, 5 CPUs, no reductions",
		`${of(ours, "rate").toFixed(2)} M/s`,
		`${of(theirs, "rate").toFixed(2)} M/s`,
		rate,
		2,
		rate >= 2,
	);
	const wall = ratioOf(theirs, ours, "ms");
	row(
		"full verdict, 5 CPUs, no reductions",
		`${of(ours, "ms").toFixed(0)} ms`,
		`${of(theirs, "ms").toFixed(0)} ms`,
		wall,
		1,
		wall >= 1,
	);
	const big = spin6();
	const small = Array.from({ length: ROUNDS }, () => search(six, sc, true));
	const gain = big.ms / of(small, "ms");
	row(
		"full verdict, 6 CPUs, with reductions",
		`${of(small, "ms").toFixed(1)} ms`,
		`${big.ms.toFixed(0)} ms`,
		gain,
		100,
		gain >= 100,
	);
} else {
	console.error("SKIPPED: the comparison with SPIN: there is no `spin` (Debian: apt install spin) or no gcc");
}
// More stores under way, more CPUs: states of 256 bytes.
const tso = { ...hardwareOf(profile("haswell-ep")), window: 8 };
const wide = Array.from({ length: 3 }, () =>
	search(program({ cpus: 6, flavour: "async" }), { ...tso, window: 6 }, false, 400_000),
);
row(
	`states per second at ${wide[0].bytes} bytes`,
	`${of(wide, "rate").toFixed(2)} M/s`,
	"",
	of(wide, "rate"),
	0.5,
	of(wide, "rate") >= 0.5,
);

// Each file of the catalogue, on the machines that it names, once before the clock runs.
const check = loadCheckSync();
const verdicts = readdirSync(join(ROOT, "scenarios"), { recursive: true })
	.filter((file) => file.endsWith(".scn"))
	.flatMap((file) => {
		const source = parseScenario(readFileSync(join(ROOT, "scenarios", file), "utf8"), { file });
		return plan(source).map((planned) => {
			check.checkSync(source, planned);
			const begun = performance.now();
			const { run } = check.checkSync(source, planned);
			return { id: run.id, ms: performance.now() - begun };
		});
	})
	.sort((a, b) => b.ms - a.ms);
const slowest = verdicts[0].ms;
row(
	`slowest of ${verdicts.length} verdicts of the catalogue, warm`,
	`${slowest.toFixed(1)} ms`,
	"",
	slowest,
	"100 ms",
	slowest < 100,
);

const counts = [2, 3, 4, 5, 6].map((n) => {
	const full = search(program({ cpus: n }), sc, false);
	const reduced = search(program({ cpus: n }), sc, true);
	return `| ${n} | ${ABSTRACT[n]} | ${full.states} | ${full.ms.toFixed(1)} | ${reduced.states} | ${reduced.ms.toFixed(1)} |`;
});

const text = `${[
	"# How fast programs are searched",
	"",
	"Written by `npm run bench:explore` (bench/explore.mjs): the shootdown of scenarios/shootdown/shootdown.scn, baseline, one round,",
	`under SC, and the same model in Promela (bench/promela/shootdown.pml). Medians of ${ROUNDS} interleaved rounds.`,
	"",
	`- ${cpus()[0]?.model.trim()} (${cpus().length} CPUs), Node ${process.version}`,
	`- ${spin5 ? spawnSync("spin", ["-V"], { encoding: "utf8" }).stdout.trim() : "no SPIN: its lines are missing"}`,
	`- ${new Date().toISOString().slice(0, 10)}`,
	"",
	"| What | here | SPIN | ratio | target | |",
	"|---|---:|---:|---:|---:|---|",
	...rows.map(
		(r) =>
			`| ${r.what} | ${r.here} | ${r.other} | ${r.ratio.toFixed(2)} | ${r.target} | ${r.met ? "met" : "**missed**"} |`,
	),
	"",
	"States, beside the abstract model's. There the csd lock, the post and the interrupt are one step; here the interrupt is a step",
	"of its own, which waits for the CPU's stores, so that there are states in between.",
	"",
	"| CPUs | abstract model | here | ms | with symmetry and may-hold sets | ms |",
	"|---:|---:|---:|---:|---:|---:|",
	...counts,
].join("\n")}\n`;
console.log(text);
writeFileSync(join(SOURCES, "EXPLORE.md"), text);
process.exitCode = rows.every((r) => r.met) ? 0 : 1;
