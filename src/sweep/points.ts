import { applySets, type Profile, parseProfile, profile as shipped, VERSION } from "../index.ts";
import { isPlain } from "../input/plain.ts";
import { quote } from "../input/words.ts";
import { isSourced } from "../profiles/quantity.ts";
import { type Assignment, stepsOf } from "./axes.ts";
import { Hasher } from "./canonical.ts";
import { changer } from "./changed.ts";
import { type Filter, type Lookup, parseFilter } from "./filter.ts";
import type { Host } from "./host.ts";
import { badSweep } from "./problem.ts";
import type { SweepInputs, SweepSpec, Value } from "./types.ts";
import { VERBS } from "./verbs/index.ts";
import type { Job } from "./verbs/jobs.ts";
import type { Place, Verb } from "./verbs/verb.ts";

/** One point of a sweep. */
export interface Point {
	/** Hash of everything that decides the result: the file's content, profile, parameters, version of this package. */
	key: string;
	/** Its place on the axes. */
	values: Assignment;
	job: Job;
	/** Hash of the file's content. */
	input: string;
	/** Id of the profile before the axes change it; "": the scenario's own. */
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

/** All points of a sweep; `limit`: how many there may be. Throws BAD_SWEEP, IO and what profiles throw. */
export async function pointsOf(spec: SweepSpec, host: Host, limit = MOST_POINTS): Promise<Points> {
	const { inputs = {}, axes = [], filters = [] } = spec;
	const verb = VERBS[spec.verb];
	for (const name of Object.keys(inputs)) {
		if (name === verb.file || verb.inputs.includes(name as keyof SweepInputs)) continue;
		throw badSweep(
			`inputs.${name}`,
			`is nothing that ${spec.verb} has: it has ${[verb.file, ...verb.inputs].join(", ")}`,
		);
	}
	const named = [verb.file, ...verb.varied];
	if (verb.inputs.includes("params")) named.push("param.NAME" as "params");
	const steps = stepsOf(axes, named, () => {
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
	const maker = new Maker(spec, verb as Verb<Job>, steps.paths, host);
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

function baseOf(profile: string | object, sets: readonly string[] = []): Profile {
	const base = typeof profile === "string" ? shipped(profile, "inputs.profile") : parseProfile(profile);
	return sets.length > 0 ? applySets(base, sets) : base;
}

const START = "profile.";

/** Makes points from their places on the axes. */
class Maker {
	readonly #spec: SweepSpec;
	readonly #verb: Verb<Job>;
	readonly #host: Host;
	readonly #hasher: Hasher;
	/** Paths of the profile that axes change. */
	readonly #changes: string[];
	/** By the name of a profile; "": that of the inputs. */
	readonly #bases = new Map<string, { base: Profile; change: (values: readonly Value[]) => Profile }>();
	readonly #files = new Map<string, Promise<string>>();

	constructor(spec: SweepSpec, verb: Verb<Job>, paths: readonly string[], host: Host) {
		this.#spec = spec;
		this.#verb = verb;
		this.#host = host;
		this.#hasher = new Hasher((text) => host.digest(text));
		this.#changes = paths.filter((path) => path.startsWith(START));
	}

	/** undefined: a filter leaves it out. */
	async point(values: Assignment, filters: readonly Filter[]): Promise<Point | undefined> {
		const { inputs = {} } = this.#spec;
		const verb = this.#verb;
		const own = values.profile === undefined ? undefined : String(values.profile);
		const isNamed = own !== undefined || inputs.profile !== undefined;
		let made: Profile | undefined;
		const profile = () => {
			if (!isNamed) throw badSweep("inputs.profile", "is missing: which machine?");
			made ??= this.#base(own).change(this.#changes.map((path) => values[path]!));
			return made;
		};
		const params: Record<string, Value> = { ...inputs.params };
		for (const [path, value] of Object.entries(values)) {
			if (path.startsWith("param.")) params[path.slice("param.".length)] = value;
		}
		const value = (name: keyof SweepInputs) => (values[name] ?? inputs[name]) as Value | undefined;
		const place: Place = {
			inputs,
			value,
			params,
			profile,
			whole: (name, otherwise, least = 0) => {
				const found = value(name) ?? otherwise;
				if (typeof found === "number" && Number.isSafeInteger(found) && found >= least) return found;
				throw badSweep(name, `is ${quote(found)}: a whole number from ${least} on is valid`);
			},
			flag: (name, otherwise) => {
				const found = value(name) ?? otherwise;
				if (typeof found === "boolean") return found;
				throw badSweep(name, `is ${quote(found)}: true and false are valid`);
			},
			file: () => {
				const name = value(verb.file);
				if (typeof name === "string") return this.#host.place(name);
				throw badSweep(`inputs.${verb.file}`, `is missing: the file of a ${verb.file}`);
			},
			named: () => {
				if (!isNamed) return undefined;
				const plain = this.#changes.length === 0 && (inputs.sets ?? []).length === 0;
				return plain && (own !== undefined || typeof inputs.profile === "string")
					? (own ?? (inputs.profile as string))
					: profile();
			},
		};
		const lookup: Lookup = (path) => {
			const given = values[path] ?? (Object.hasOwn(inputs, path) ? value(path as keyof SweepInputs) : undefined);
			const there =
				given ??
				(path.startsWith("param.") ? params[path.slice("param.".length)] : undefined) ??
				(path.startsWith(START) ? valueAt(profile(), path.split(".").slice(1)) : undefined);
			if (there === undefined) throw badSweep("filters", `there is no ${path} at a point`);
			return there;
		};
		if (!filters.every((filter) => filter(lookup))) return undefined;
		const job = verb.job(place);
		const file = place.file();
		let input = this.#files.get(file);
		if (!input) {
			input = this.#host.digestOf(file).then((digest) => digest.slice(0, 32));
			this.#files.set(file, input);
		}
		const hash = await input;
		return {
			key: this.#hasher.of({ stalemate: VERSION, ...job, [verb.file]: hash }),
			values,
			job,
			input: hash,
			profile: isNamed ? this.#base(own).base.id : "",
		};
	}

	#base(own: string | undefined) {
		const name = own ?? "";
		let found = this.#bases.get(name);
		if (!found) {
			const { inputs = {} } = this.#spec;
			const base = baseOf(own ?? inputs.profile!, inputs.sets);
			const paths = this.#changes.map((path) => path.slice(START.length));
			found = { base, change: paths.length > 0 ? changer(base, paths) : () => base };
			this.#bases.set(name, found);
		}
		return found;
	}
}

function valueAt(profile: Profile, steps: string[]): Value | undefined {
	let place: unknown = profile;
	for (const step of steps) place = isPlain(place) && Object.hasOwn(place, step) ? place[step] : undefined;
	if (isSourced(place)) return place.value;
	return typeof place === "object" ? undefined : (place as Value | undefined);
}
