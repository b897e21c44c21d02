// How fast the cost driver is: actions applied per second on the loop of vhost, with a worker and a notifier, for each way
// to keep them apart; and what a CPU more costs, on the shootdown up to 64 CPUs.
//
//   npm run bench:cost [-- --rounds 15]
//
// Medians over interleaved rounds; the processor's time beside the clock's, for machines that do other things, too. Fails
// below 20 M actions a second of processor time for the best-known way (full barriers), or if a round of the shootdown
// grows faster than CPUs to the power of 1.2.

import { CostRun } from "../build/js/bindings/cost.js";
import { loadProgramCoreSync } from "../build/js/bindings/program-core.js";
import { constantsOf, frequencyOf, inNs } from "../build/js/src/cost/constants.js";
import { machineNamed, mechanisms } from "../build/js/src/cost/mechanisms.js";
import { pricesOf } from "../build/js/src/cost/prices.js";
import { hardwareOf } from "../build/js/src/hardware.js";
import { amount } from "../build/js/src/profiles/quantity.js";
import { compileScenario, parseScenario } from "../build/js/src/scenario/index.js";
import { median } from "./rounds.mjs";

const at = process.argv.indexOf("--rounds");
const ROUNDS = at < 0 ? 15 : Number(process.argv[at + 1]);
const WARM_UP = 4;
/** Events of a round, at most; many rounds of the program. */
const EVENTS = 1_000_000;
const LEAST = 20;
const MOST_GROWTH = 1.2;

const core = loadProgramCoreSync();

function begin(name, params, machine) {
	const { text, params: own, constants: more } = mechanisms[name];
	const profile = machineNamed(machine);
	const hardware = hardwareOf(profile);
	const constants = { ...constantsOf(profile), ...more(profile, {}) };
	const frequency = frequencyOf(profile);
	const run = new CostRun(core, compileScenario(parseScenario(text), { ...own, ...params }), hardware, {
		prices: pricesOf(profile, constants, hardware.levels.length, frequency).classes,
		works: Object.fromEntries(Object.entries(constants).map(([work, constant]) => [work, inNs(constant, frequency)])),
		flushesInFlight: 1,
		purgesInFlight: 0,
		cpusPerSocket: amount(profile.cpus.cores) * amount(profile.cpus.threads ?? 1),
		actor: 0,
		seed: 1,
		jitter: 0,
	});
	let actions = 0;
	let made = 0;
	return () => {
		const before = process.cpuUsage();
		const begun = performance.now();
		const progress = run.run(0xffffffff, EVENTS);
		const clock = performance.now() - begun;
		const { user, system } = process.cpuUsage(before);
		const done = progress.actions - actions;
		actions = progress.actions;
		const { rounds } = run.rounds(0);
		const round = rounds - made;
		made = rounds;
		const processor = (user + system) / 1e3;
		return { clock: done / clock / 1e3, processor: done / processor / 1e3, perRound: (processor * 1e3) / round };
	};
}

const WAYS = ["none", "rcu", "srcu", "counter-full", "bitop", "spinlock"];
const CPUS = [2, 4, 8, 16, 32, 64];
const contenders = {
	...Object.fromEntries(WAYS.map((variant) => [variant, begin("vhost-sync", { variant }, "broadwell")])),
	...Object.fromEntries(
		CPUS.map((cpus) => [cpus, begin("shootdown", { cpus, flavour: "concurrent" }, "haswell-ep-64")]),
	),
};
const seen = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = -WARM_UP; round < ROUNDS; round++) {
	for (const [name, run] of Object.entries(contenders)) {
		const found = run();
		if (round >= 0) seen[name].push(found);
	}
}
const of = (name, what) => median(seen[name].map((found) => found[what]));

console.log("vhost, a worker and a notifier on two CPUs: M actions a second");
for (const way of WAYS)
	console.log(
		`  ${way.padEnd(14)} ${of(way, "clock").toFixed(1)} by the clock, ${of(way, "processor").toFixed(1)} of the processor`,
	);

console.log("\nshootdown on haswell-ep-64: a round, by CPUs");
for (const cpus of CPUS) {
	const micro = of(cpus, "perRound");
	console.log(
		`  ${String(cpus).padStart(2)} CPUs  ${micro.toFixed(2)} us, ${(micro / cpus).toFixed(3)} us per CPU, ` +
			`${of(cpus, "processor").toFixed(1)} M actions a second`,
	);
}
const growth = Math.log(of(64, "perRound") / of(4, "perRound")) / Math.log(64 / 4);
console.log(`  grows with CPUs to the power of ${growth.toFixed(2)}`);
if (of("counter-full", "processor") < LEAST || growth > MOST_GROWTH) process.exitCode = 1;
