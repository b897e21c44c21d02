import type { Hardware } from "../../bindings/assemble.ts";
import { CostRun } from "../../bindings/cost.ts";
import type { HazardCode } from "../../bindings/hazards.ts";
import type { Program } from "../../bindings/program.ts";
import type { ProgramCore } from "../../bindings/program-core.ts";
import { StalemateError } from "../errors.ts";
import { askedBy, hardwareOf } from "../hardware.ts";
import { badOption } from "../input/options.ts";
import { quote, suggestion } from "../input/words.ts";
import { costs } from "../profiles/costs.ts";
import { profileFrom } from "../profiles/parse.ts";
import { amount } from "../profiles/quantity.ts";
import type { CostName, Profile, Quantity } from "../profiles/types.ts";
import type { Scenario } from "../scenario/ast.ts";
import { compileScenario } from "../scenario/compile.ts";
import type { Params } from "../scenario/params.ts";
import { type Constant, type Constants, constantsOf, frequencyOf, inNs, missingConstant, PAUSE } from "./constants.ts";
import { machineNamed } from "./mechanisms.ts";
import { type Prices, pricesOf, WANTED } from "./prices.ts";
import { randomFrom } from "./random.ts";
import { quantile } from "./statistics.ts";

export interface CostOptions {
	/** Default: the scenario's. */
	profile?: string | Profile;
	params?: Params;
	/** CPUs: the parameter `cpus` of the scenario. */
	threads?: number;
	/** Rounds that are measured, and rounds before (defaults 1000 and 100). */
	iterations?: number;
	warmUp?: number;
	/** Constants that the profile does not have, or that hold instead of its own. */
	constants?: Constants;
	/** Whose rounds are measured; default: the first thread. */
	actor?: string;
	/** A price is off by at most this part of it (default 0). What takes another time each time does so without it. */
	jitter?: number;
	seed?: number;
	/** Machines with constants drawn from their ranges (default 0: no interval). */
	samples?: number;
	/** Line flushes that a CPU may have in flight (default 1). */
	flushesInFlight?: number;
	/** CPUs that are taken of a socket before the next (default: all that it has). */
	cpusPerSocket?: number;
	/** Page-table isolation: kernel entries and exits switch address spaces (default no). */
	pti?: boolean;
	/** Actions of the schedule that are kept, from the start. */
	logged?: number;
}

/** How a figure is known. */
export type FigureBasis = "documented" | "calibrated" | "predicted" | "estimated";

/** A part of the time of a round. */
export interface Share {
	what: string;
	/** ns and cycles per round. */
	ns: number;
	cycles: number;
	/** Part of the whole. */
	share: number;
	/** Times per round. */
	times: number;
}

/**
 * What a program cost on simulated clocks: one of `measurements` of `cost --json`. Times are in ns, per round of the
 * measured actor.
 */
export interface Measurement {
	name: string;
	profile: string;
	params: Record<string, string | number>;
	threads: number;
	actor: string;
	iterations: number;
	/** Per round of the measured actor. */
	ns: number;
	cycles: number;
	/** Rounds per second, of that actor and of all. */
	perSecond: number;
	/** ns of the rounds one by one. */
	median: number;
	p999: number;
	/** From the constants' ranges: 90 % of the machines drawn. */
	interval?: { ns: [number, number]; median: [number, number]; samples: number; seed: number };
	basis: FigureBasis;
	/** Published figures that constants of it were fitted to. */
	calibratedOn: string[];
	/** Constants that the figure is made of. */
	constants: Constants;
	/** What stands in for what the profile does not say. */
	standsIn: string[];
	/** Constants that were given and that no time was spent on. */
	unused?: string[];
	/** What the measured actor's CPU spent its time on. */
	breakdown: Share[];
	/** The same for all CPUs and devices, ns per class in all. */
	byCpu: Record<string, number>[];
	/** Other actors that go round: their rounds. */
	others: { actor: string; ns: number; median: number; p999: number; rounds: number }[];
	hazards: HazardCode[];
	actions: number;
	/** The second half was as fast as the first, within a percent. */
	steady: boolean;
	schedule: number[];
	seed: number;
	jitter: number;
}

/** Actions per call of the core. */
const SLICE = 1 << 15;
/** Calls after which a run is given up in which the measured actor has not got round. */
const MOST_SLICES = 512;
/** Part of the machines drawn that the interval leaves out, at each end. */
const TAIL = 0.05;

/** What a program costs on a machine. Throws BAD_OPTION and BAD_PROFILE with the path of what is wrong or missing. */
export function cost(core: ProgramCore, what: Scenario | Program, options: CostOptions = {}): Measurement {
	const isProgram = "actors" in what && "vas" in what;
	const profile = theProfile(options, isProgram ? undefined : (what as Scenario).profile?.profile);
	const threads = options.threads;
	checkThreads(threads, profile);
	const params = { ...options.params, ...(threads !== undefined && !isProgram && { cpus: threads }) };
	const program = isProgram ? (what as Program) : compileScenario(what as Scenario, params);
	checkThreads(program.cpus, profile);
	const settings = settingsOf(options);
	const constants: Constants = { ...constantsOf(profile), ...options.constants };
	if (options.pti) isolate(constants, profile);
	const actor = measuredActor(program, options.actor);
	const measured = run(core, program, profile, constants, actor, settings);
	const { rounds, prices, spent, counts, progress } = measured;
	const frequency = frequencyOf(profile);
	const ns = rounds.time / rounds.rounds;
	const used = usedConstants(spent, prices, constants);
	const standsIn = [...classesOf(spent)].flatMap((name) => prices.standsIn[name] ?? []);
	if (profile.frequency === undefined && Object.values(used).some(({ unit, value }) => unit === "cycles" && value > 0))
		standsIn.push(`a clock of ${frequency} GHz (profile ${profile.id} has no frequency)`);
	const breakdown = breakdownOf(
		spent[laneOf(program, actor)] ?? {},
		counts[laneOf(program, actor)] ?? {},
		rounds,
		frequency,
	);
	const half = Math.floor(rounds.samples.length / 2);
	const [first, second] = [rounds.samples.slice(0, half), rounds.samples.slice(half)].map((part) =>
		quantile(part, 0.5),
	);
	return {
		name: program.name,
		profile: profile.id,
		params: params as Record<string, string | number>,
		threads: program.cpus,
		actor: program.actors[actor]!.name,
		iterations: rounds.rounds,
		ns,
		cycles: ns * frequency,
		perSecond: 1e9 / ns,
		median: quantile(rounds.samples, 0.5),
		p999: quantile(rounds.samples, 0.999),
		...intervalOf(core, program, profile, constants, used, actor, settings),
		basis: basisOf(used, standsIn),
		calibratedOn: [...new Set(Object.values(used).flatMap(({ cells = [] }) => cells))],
		constants: used,
		standsIn,
		breakdown,
		byCpu: spent,
		others: othersOf(program, actor, measured.run),
		hazards: progress.hazards,
		actions: progress.actions,
		steady: half < 2 || Math.abs(second! / first! - 1) < 0.01,
		schedule: options.logged ? measured.run.log() : [],
		seed: settings.seed,
		jitter: settings.jitter,
	};
}

export function theProfile({ profile }: Pick<CostOptions, "profile">, own: string | undefined): Profile {
	if (typeof profile === "object") return profileFrom(profile);
	return machineNamed(profile ?? own ?? "broadwell");
}

/** CPUs that a profile has; undefined: as many as are asked for. */
export function cpusOfProfile({ cpus }: Profile): number | undefined {
	if (!cpus) return undefined;
	const of = (quantity: Quantity | undefined) => (quantity === undefined ? 1 : amount(quantity));
	return of(cpus.sockets) * of(cpus.cores) * of(cpus.threads);
}

function checkThreads(threads: number | undefined, profile: Profile): void {
	if (threads === undefined) return;
	const most = Math.min(64, cpusOfProfile(profile) ?? 64);
	if (threads <= most) return;
	const remedy = most < 64 ? `: give it more (cpus.cores, cpus.threads), at most 64 are simulated` : "";
	throw badOption("threads", `is ${threads}, and profile ${profile.id} has ${most} CPUs${remedy}`);
}

interface Settings {
	iterations: number;
	warmUp: number;
	seed: number;
	jitter: number;
	samples: number;
	flushesInFlight: number;
	cpusPerSocket: number | undefined;
	logged: number;
}

function settingsOf(options: CostOptions): Settings {
	return {
		iterations: options.iterations ?? 1000,
		warmUp: options.warmUp ?? 100,
		seed: options.seed ?? 1,
		samples: options.samples ?? 0,
		flushesInFlight: options.flushesInFlight ?? 1,
		cpusPerSocket: options.cpusPerSocket,
		logged: options.logged ?? 0,
		jitter: options.jitter ?? 0,
	};
}

/** Page-table isolation makes two more switches of a kernel entry and its exit, and a page has a translation in either half. */
function isolate(constants: Constants, profile: Profile): void {
	const extra = constants.ptiSwitch;
	if (!extra) throw missingConstant("ptiSwitch", "page-table isolation", profile);
	const frequency = frequencyOf(profile);
	// What a delivery includes is the way in alone.
	for (const [name, switches] of Object.entries({ interrupt: 2, minorFault: 2, kernelEntry: 2, ipiDeliver: 1 })) {
		const from = constants[name];
		if (!from) continue;
		const by = switches * (from.unit === "ns" ? inNs(extra, frequency) : extra.value);
		constants[name] = {
			...from,
			value: from.value + by,
			...(from.range && { range: [from.range[0] + by, from.range[1] + by] }),
		};
	}
	const page = constants.tlbPurgePage;
	if (page)
		constants.tlbPurgePage = {
			...page,
			value: page.value * 2,
			...(page.range && { range: [page.range[0] * 2, page.range[1] * 2] }),
		};
}

function measuredActor(program: Program, name: string | undefined): number {
	const threads = program.actors.map(({ kind }, i) => ({ kind, i })).filter(({ kind }) => kind === "thread");
	if (name === undefined) return threads[0]?.i ?? 0;
	const found = program.actors.findIndex((actor) => actor.name === name);
	if (found >= 0) return found;
	const names = program.actors.map((actor) => actor.name);
	throw badOption("actor", `is ${quote(name)}: ${suggestion(name, names)}`);
}

function laneOf(program: Program, actor: number): number {
	const { cpu } = program.actors[actor]!;
	if (cpu !== null) return cpu;
	return program.cpus + program.actors.slice(0, actor).filter((other) => other.cpu === null).length;
}

const known = new WeakMap<Profile, Hardware>();

/** A profile is worked out once, however many machines are drawn from it. */
function hardwareFor(profile: Profile, program: Program): Hardware {
	const asked = askedBy(program);
	if (Object.keys(asked).length > 0) return hardwareOf(profile, asked);
	let found = known.get(profile);
	if (!found) {
		found = hardwareOf(profile);
		known.set(profile, found);
	}
	return found;
}

/** One run with these constants. */
function run(
	core: ProgramCore,
	program: Program,
	profile: Profile,
	constants: Constants,
	actor: number,
	{ iterations, warmUp, seed, jitter, flushesInFlight, cpusPerSocket, logged }: Settings,
) {
	const hardware = hardwareFor(profile, program);
	const frequency = frequencyOf(profile);
	const levels = hardware.levels.filter(({ fetchesFrom }) => fetchesFrom === undefined).length;
	const prices = pricesOf(profile, constants, levels, frequency);
	const works = Object.fromEntries(Object.entries(constants).map(([name, of]) => [name, inNs(of, frequency)]));
	const ranges = Object.fromEntries(
		Object.entries(constants).flatMap(([name, { unit, range, varies }]) =>
			varies && range ? [[name, range.map((end) => inNs({ value: end, unit }, frequency)) as [number, number]]] : [],
		),
	);
	const { cpus, tlbPurge } = profile;
	const of = (quantity: Quantity | undefined) => (quantity === undefined ? 1 : amount(quantity));
	const perSocket = cpus ? of(cpus.cores) * of(cpus.threads) : 64;
	const setup = {
		prices: prices.classes,
		works,
		ranges,
		flushesInFlight,
		purgesInFlight: tlbPurge?.inFlight === undefined ? 0 : amount(tlbPurge.inFlight),
		cpusPerSocket: cpusPerSocket ?? perSocket,
		actor,
		seed,
		jitter,
		logged,
	};
	const running = new CostRun(core, program, hardware, setup);
	const goOn = (until: number) => {
		for (let idle = 0, before = 0; ; idle++) {
			const progress = running.run(until, SLICE);
			const { rounds } = running.rounds(actor);
			if (rounds > before) idle = 0;
			before = rounds;
			if (progress.end === "done") return progress;
			if (progress.end === "no price") throw noPrice(progress.missing!, constants, profile);
			if (progress.end !== "paused" || idle > MOST_SLICES) {
				const message =
					progress.end === "stuck"
						? `${program.name}: everybody waits for ever, after ${progress.actions} actions`
						: `${program.name}: the measured actor does not get round (${progress.end}, ${progress.actions} actions)`;
				throw new StalemateError("BAD_OPTION", message, { path: "actor" });
			}
		}
	};
	if (warmUp > 0) {
		goOn(warmUp);
		running.reset();
	}
	const progress = goOn(iterations);
	return {
		run: running,
		progress,
		prices,
		rounds: running.rounds(actor),
		spent: running.spent(),
		counts: running.counts(),
	};
}

function noPrice(missing: string, constants: Constants, profile: Profile): StalemateError {
	const wanted = WANTED[missing];
	if (wanted) return missingConstant(wanted[0], wanted[1], profile);
	const name = constants[missing]?.of?.[0] ?? missing;
	const cost = Object.hasOwn(costs, name) ? costs[name as CostName].what : `the work ${name}`;
	return missingConstant(name, cost, profile);
}

function classesOf(spent: Record<string, number>[]): Set<string> {
	return new Set(spent.flatMap((row) => Object.keys(row)));
}

/** Constants that time was spent on. */
function usedConstants(spent: Record<string, number>[], prices: Prices, constants: Constants): Constants {
	const names = [...classesOf(spent)].flatMap((name) => prices.madeOf[name] ?? (constants[name] ? [name] : []));
	// Nobody's time: where something was sent it was delivered.
	if (names.includes("ipiSend")) names.push("ipiDeliver");
	return Object.fromEntries([...new Set(names)].flatMap((name) => (constants[name] ? [[name, constants[name]]] : [])));
}

const SURE: readonly Constant["basis"][] = ["documented", "measured", "computed", "known"];

function basisOf(used: Constants, standsIn: readonly string[]): FigureBasis {
	const all = Object.values(used).filter(({ value }) => value > 0);
	if (all.some(({ basis }) => basis === "calibrated")) return "predicted";
	return standsIn.length === 0 && all.every(({ basis }) => SURE.includes(basis)) ? "documented" : "estimated";
}

function breakdownOf(
	spent: Record<string, number>,
	counts: Record<string, number>,
	{ rounds, time }: { rounds: number; time: number },
	frequency: number,
): Share[] {
	const rows = Object.entries(spent)
		.filter(([what]) => what !== PAUSE)
		.map(([what, ns]) => ({
			what,
			ns: ns / rounds,
			cycles: (ns / rounds) * frequency,
			share: ns / time,
			times: (counts[what] ?? 0) / rounds,
		}));
	return rows.sort((a, b) => b.ns - a.ns);
}

function othersOf(program: Program, measured: number, running: CostRun): Measurement["others"] {
	return program.actors.flatMap(({ name, kind }, actor) => {
		if (actor === measured || (kind !== "thread" && kind !== "device")) return [];
		const { rounds, time, samples } = running.rounds(actor);
		if (rounds === 0) return [];
		return [{ actor: name, ns: time / rounds, median: quantile(samples, 0.5), p999: quantile(samples, 0.999), rounds }];
	});
}

/** The same on machines whose constants are anywhere in their ranges. */
function intervalOf(
	core: ProgramCore,
	program: Program,
	profile: Profile,
	constants: Constants,
	used: Constants,
	actor: number,
	settings: Settings,
): Pick<Measurement, "interval"> {
	const { samples, seed } = settings;
	if (samples === 0) return {};
	const random = randomFrom(seed);
	const few = {
		...settings,
		iterations: Math.min(settings.iterations, 200),
		warmUp: Math.min(settings.warmUp, 20),
		logged: 0,
	};
	// Where rounds differ, what they leave open is part of it: all of them, and others on each machine.
	const differ = settings.jitter > 0 || Object.values(used).some(({ varies }) => varies);
	const machines = Array.from({ length: samples }, (_, i) => {
		const machine: Constants = { ...constants };
		for (const [name, constant] of Object.entries(used)) {
			if (!constant.range || name === PAUSE) continue;
			machine[name] = { ...constant, value: drawnFrom(constant, constant.range, random()) };
		}
		const how = differ ? { ...settings, logged: 0, seed: (seed + i + 1) >>> 0 } : few;
		const { rounds } = run(core, program, profile, machine, actor, how);
		return { ns: rounds.time / rounds.rounds, median: quantile(rounds.samples, 0.5) };
	});
	const between = (values: number[]): [number, number] => [quantile(values, TAIL), quantile(values, 1 - TAIL)];
	return {
		interval: {
			ns: between(machines.map(({ ns }) => ns)),
			median: between(machines.map(({ median }) => median)),
			samples,
			seed,
		},
	};
}

/** A machine's value of a constant that has a range. `u`: from 0 to 1. */
export function drawnFrom({ value, varies }: Constant, range: [number, number], u: number): number {
	return varies ? drawnAround(value, range, u) : drawn(value, range, u);
}

/** The same half below what is stated and half above it, as the core draws what varies (assembly/cost/prices.ts). */
function drawnAround(value: number, [low, high]: [number, number], u: number): number {
	return u < 0.5 ? low + Math.sqrt(2 * u) * (value - low) : high - Math.sqrt(2 - 2 * u) * (high - value);
}

/** A value of a range, the likelier the nearer to the one that is stated (a triangle). `u`: from 0 to 1. */
export function drawn(value: number, [low, high]: [number, number], u: number): number {
	const mode = Math.min(high, Math.max(low, value));
	if (high === low) return low;
	const part = (mode - low) / (high - low);
	return u < part ? low + Math.sqrt(u * part) * (high - low) : high - Math.sqrt((1 - u) * (1 - part)) * (high - low);
}
