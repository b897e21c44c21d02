import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { applySets, type MemoryModel, type Profile, parseProfile, profile as shipped, VERSION } from "../index.ts";
import { isPlain, isSourced } from "../profiles/quantity.ts";
import { type Assignment, stepsOf } from "./axes.ts";
import { type Filter, type Lookup, parseFilter } from "./filter.ts";
import { badSweep, ioError } from "./problem.ts";
import type { SweepSpec, Value } from "./types.ts";

/** What a point runs, whole: nothing else decides its result. */
export type Job = TraceJob | CheckJob;

export interface TraceJob {
	verb: "trace";
	/** Path of the file. */
	trace: string;
	profile: Profile;
	cpus: number;
	seed: number;
	warmup: number;
	classify: boolean;
	onError: "stop" | "skip";
}

export interface CheckJob {
	verb: "check";
	/** Path of the file. */
	scenario: string;
	/** undefined: the scenario's own. */
	profile: Profile | string | undefined;
	model: MemoryModel | undefined;
	params: Record<string, Value>;
	states: number | undefined;
	depth: number | undefined;
	allHazards: boolean;
}

export interface Point {
	/** Hash of everything that decides the result: inputs' contents, profile, parameters, version of this package. */
	key: string;
	/** Its place on the axes. */
	values: Assignment;
	job: Job;
	/** Hash of the input file's content. */
	input: string;
	/** Id of the profile before changes; "": the scenario's own. */
	profile: string;
}

export interface Points {
	/** Each content key once, in the order of the axes. */
	points: Point[];
	/** Steps of the axes together. */
	product: number;
	/** Left out by filters. */
	filtered: number;
	/** Same content as an earlier one. */
	repeated: number;
	/** Paths of the axes, in their order. */
	axes: string[];
}

/** More points are asked for in so many words. */
export const MOST_POINTS = 100_000;

/** All points of a sweep. `folder`: where the paths of inputs start; `limit`: how many points there may be. Throws BAD_SWEEP, IO and what profiles throw. */
export async function pointsOf(spec: SweepSpec, folder: string, limit = MOST_POINTS): Promise<Points> {
	const { verb, inputs = {}, axes = [], filters = [] } = spec;
	if (verb === "cost") throw badSweep("verb", "cost cannot be swept yet: there are trace and check");
	const steps = stepsOf(axes, () => {
		if (inputs.profile === undefined) throw badSweep("inputs.profile", "is missing: a sample draws from its ranges");
		return baseOf(inputs.profile, inputs.sets);
	});
	if (steps.count > limit) {
		throw badSweep(
			"axes",
			`make ${steps.count} points: more than ${limit} are run only with --yes (or a limit of your own)`,
		);
	}
	const read = filters.map((text, i) => parseFilter(text, `filters.${i}`));
	const maker = new Maker(spec, folder);
	const found = new Map<string, Point>();
	let filtered = 0;
	let repeated = 0;
	for (let i = 0; i < steps.count; i++) {
		const point = await maker.point(steps.at(i), read);
		if (!point) filtered++;
		else if (found.has(point.key)) repeated++;
		else found.set(point.key, point);
	}
	if (found.size === 0) throw badSweep("filters", `leave nothing of ${steps.count} points`);
	return { points: [...found.values()], product: steps.count, filtered, repeated, axes: steps.paths };
}

const bases = new Map<string, Profile>();

function baseOf(profile: NonNullable<SweepSpec["inputs"]>["profile"], sets: readonly string[] = []): Profile {
	const name = JSON.stringify([profile, sets]);
	let base = bases.get(name);
	if (!base) {
		base = typeof profile === "string" ? shipped(profile, "inputs.profile") : parseProfile(profile);
		if (sets.length > 0) base = applySets(base, sets);
		bases.set(name, base);
	}
	return base;
}

/** Makes points from their places on the axes. */
class Maker {
	readonly #spec: SweepSpec;
	readonly #folder: string;
	readonly #hashes = new Map<string, Promise<string>>();

	constructor(spec: SweepSpec, folder: string) {
		this.#spec = spec;
		this.#folder = folder;
	}

	/** undefined: a filter leaves it out. */
	async point(values: Assignment, filters: readonly Filter[]): Promise<Point | undefined> {
		const { verb, inputs = {} } = this.#spec;
		const at = (name: "trace" | "scenario" | "model" | "cpus" | "seed" | "warmup" | "classify") =>
			values[name] ?? inputs[name];
		const named = values.profile === undefined ? inputs.profile : String(values.profile);
		const changes = Object.entries(values).filter(([path]) => path.startsWith("profile."));
		let made: Profile | undefined;
		const profile = () => {
			if (named === undefined) throw badSweep("inputs.profile", "is missing: which machine?");
			const base = baseOf(named, inputs.sets);
			const sets = changes.map(([path, value]) => `${path.slice("profile.".length)}=${value}`);
			made ??= sets.length > 0 ? applySets(base, sets) : base;
			return made;
		};
		const lookup: Lookup = (path) => {
			const given =
				values[path] ?? (isPlain(inputs) && Object.hasOwn(inputs, path) ? inputs[path as "seed"] : undefined);
			if (given !== undefined) return given as Value;
			if (path.startsWith("param.") && inputs.params?.[path.slice(6)] !== undefined)
				return inputs.params[path.slice(6)]!;
			const there = path.startsWith("profile.") ? valueAt(profile(), path.split(".").slice(1)) : undefined;
			if (there === undefined) throw badSweep("filters", `there is no ${path} at a point`);
			return there;
		};
		if (!filters.every((filter) => filter(lookup))) return undefined;

		const base = named === undefined ? "" : baseOf(named, inputs.sets).id;
		if (verb === "trace") {
			const trace = at("trace");
			if (typeof trace !== "string") throw badSweep("inputs.trace", "is missing: the file of a trace");
			const job: TraceJob = {
				verb,
				trace: resolve(this.#folder, trace),
				profile: profile(),
				cpus: whole("cpus", at("cpus") ?? 1),
				seed: whole("seed", at("seed") ?? 0),
				warmup: whole("warmup", at("warmup") ?? 0),
				classify: flag("classify", at("classify") ?? false),
				onError: inputs.onError ?? "stop",
			};
			return this.#keyed(values, job, job.trace, base);
		}
		const scenario = at("scenario");
		if (typeof scenario !== "string") throw badSweep("inputs.scenario", "is missing: the file of a scenario");
		const params = { ...inputs.params };
		for (const [path, value] of Object.entries(values)) {
			if (path.startsWith("param.")) params[path.slice("param.".length)] = value;
		}
		const changed = changes.length > 0 || (inputs.sets ?? []).length > 0 || typeof named === "object";
		const job: CheckJob = {
			verb: "check",
			scenario: resolve(this.#folder, scenario),
			profile: changed ? profile() : (named as string | undefined),
			model: at("model") as MemoryModel | undefined,
			params,
			states: inputs.states,
			depth: inputs.depth,
			allHazards: inputs.allHazards ?? false,
		};
		return this.#keyed(values, job, job.scenario, base);
	}

	async #keyed(values: Assignment, job: Job, file: string, profile: string): Promise<Point> {
		let hash = this.#hashes.get(file);
		if (!hash) {
			hash = hashOfFile(file);
			this.#hashes.set(file, hash);
		}
		const input = await hash;
		const content = { stalemate: VERSION, ...job, [job.verb === "trace" ? "trace" : "scenario"]: input };
		return { key: hashOf(canonical(content)), values, job, input, profile };
	}
}

function valueAt(profile: Profile, steps: string[]): Value | undefined {
	let place: unknown = profile;
	for (const step of steps) place = isPlain(place) && Object.hasOwn(place, step) ? place[step] : undefined;
	if (isSourced(place)) return place.value;
	return typeof place === "object" ? undefined : (place as Value | undefined);
}

function whole(path: string, value: Value): number {
	if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
	throw badSweep(path, `is ${JSON.stringify(value)}: a whole number from 0 on is valid`);
}

function flag(path: string, value: Value): boolean {
	if (typeof value === "boolean") return value;
	throw badSweep(path, `is ${JSON.stringify(value)}: true and false are valid`);
}

/** JSON with the keys of objects in one order. */
export function canonical(data: unknown): string {
	if (Array.isArray(data)) return `[${data.map(canonical).join(",")}]`;
	if (typeof data !== "object" || data === null) return JSON.stringify(data) ?? "null";
	const entries = Object.entries(data).filter(([, value]) => value !== undefined);
	entries.sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`).join(",")}}`;
}

/** 128 bits in hexadecimal. */
export function hashOf(text: string): string {
	return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

async function hashOfFile(file: string): Promise<string> {
	const hash = createHash("sha256");
	try {
		for await (const chunk of createReadStream(file)) hash.update(chunk);
	} catch (cause) {
		throw ioError(file, cause);
	}
	return hash.digest("hex").slice(0, 32);
}
