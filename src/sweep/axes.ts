import { type Profile, provenance } from "../index.ts";
import { quote, suggestion } from "../input/words.ts";
import { parseNumber } from "../profiles/size.ts";
import { badSweep } from "./problem.ts";
import { randomOf, shuffled } from "./random.ts";
import type { Axis, LogAxis, RangeAxis, SampleAxis, SweepSpec, Value } from "./types.ts";

/** The paths of a specification's axes, as they are written: those with stars stand for others. */
export function axesOf({ axes = [] }: SweepSpec): string[] {
	const pathsOf = (axis: Axis): string[] => {
		if ("zip" in axis) return axis.zip.flatMap(pathsOf);
		if ("cross" in axis) return axis.cross.flatMap(pathsOf);
		return "sample" in axis ? axis.sample.paths : [axis.path];
	};
	return axes.flatMap(pathsOf);
}

/** What a point has on the axes, by path, in the order of the axes. */
export type Assignment = Record<string, Value>;

/** One step along an axis after the other; how many is known before any is made. */
interface Steps {
	count: number;
	paths: string[];
	at(index: number): Assignment;
}

/** What axes may be of. */
interface Known {
	/** Beside `profile.PATH`; `param.NAME` stands for all parameters. */
	names: readonly string[];
	/** Where ranges are taken from. */
	profile: () => Profile;
}

/** All axes crossed, the last changing fastest. Throws BAD_SWEEP. */
export function stepsOf(axes: readonly Axis[], names: readonly string[], profile: () => Profile): Steps {
	const steps = crossed(axes.map((axis, i) => stepsAlong(axis, `axes.${i}`, { names, profile })));
	const twice = steps.paths.find((path, i) => steps.paths.indexOf(path) !== i);
	if (twice !== undefined) throw badSweep("axes", `${twice} is on two axes`);
	return steps;
}

function stepsAlong(axis: Axis, place: string, known: Known): Steps {
	if ("zip" in axis) {
		const parts = axis.zip.map((part, i) => stepsAlong(part, `${place}.zip.${i}`, known));
		const count = parts[0]!.count;
		const other = parts.find((part) => part.count !== count);
		if (other) throw badSweep(`${place}.zip`, `axes of ${count} and ${other.count} values cannot go side by side`);
		return {
			count,
			paths: parts.flatMap(({ paths }) => paths),
			at: (index) => Object.assign({}, ...parts.map((part) => part.at(index))),
		};
	}
	if ("cross" in axis) {
		return crossed(axis.cross.map((part, i) => stepsAlong(part, `${place}.cross.${i}`, known)));
	}
	if ("sample" in axis) return sampled(axis, `${place}.sample`, known.profile());
	checkPath(axis.path, `${place}.path`, known.names);
	const values = "list" in axis ? axis.list : "range" in axis ? rangeOf(axis, place) : logOf(axis, place);
	return { count: values.length, paths: [axis.path], at: (index) => ({ [axis.path]: values[index]! }) };
}

function crossed(parts: Steps[]): Steps {
	return {
		count: parts.reduce((product, { count }) => product * count, 1),
		paths: parts.flatMap(({ paths }) => paths),
		at: (index) => {
			const steps: Assignment[] = [];
			for (let i = parts.length - 1; i >= 0; i--) {
				steps.unshift(parts[i]!.at(index % parts[i]!.count));
				index = Math.floor(index / parts[i]!.count);
			}
			return Object.assign({}, ...steps);
		},
	};
}

function checkPath(path: string, place: string, names: readonly string[]): void {
	if (names.includes(path) || path.startsWith("profile.")) return;
	if (path.startsWith("param.") && names.includes("param.NAME")) return;
	const words = [...names, "profile.PATH"];
	const hint = /^(caches|tlbs|costs|walk|translation|memory|cpus)\./.test(path)
		? `did you mean ${quote(`profile.${path}`)}?`
		: suggestion(path, words);
	throw badSweep(place, `there is nothing called ${quote(path)} to vary: ${hint}`);
}

function numberAt(value: number | string, place: string): number {
	const number = typeof value === "number" ? value : parseNumber(value);
	if (number === undefined) throw badSweep(place, `must be a number, found ${quote(value)}`);
	return number;
}

/** More of them along one axis are a slip of the pen. */
const MOST = 10_000_000;

function rangeOf({ range }: RangeAxis, place: string): number[] {
	const [from, to] = [numberAt(range.from, `${place}.range.from`), numberAt(range.to, `${place}.range.to`)];
	const step = numberAt(range.step ?? (from <= to ? 1 : -1), `${place}.range.step`);
	const count = Math.floor((to - from) / step + 1e-9) + 1;
	if (!(count >= 1)) throw badSweep(`${place}.range`, `from ${from} to ${to} by ${step} there is nothing`);
	if (count > MOST) throw badSweep(`${place}.range`, `has ${count} values: at most ${MOST}`);
	return Array.from({ length: count }, (_, i) => rounded(from + i * step));
}

function logOf({ log }: LogAxis, place: string): number[] {
	const [from, to] = [numberAt(log.from, `${place}.log.from`), numberAt(log.to, `${place}.log.to`)];
	if (!(from > 0 && to >= from))
		throw badSweep(`${place}.log`, `from ${from} to ${to}: two numbers above 0, the smaller first`);
	const { count, factor = 2 } = log;
	if (count !== undefined && log.factor !== undefined)
		throw badSweep(`${place}.log`, "has count and factor: one of them");
	if (count !== undefined) {
		return Array.from({ length: count }, (_, i) =>
			i === count - 1 ? to : rounded(from * (to / from) ** (i / (count - 1))),
		);
	}
	if (!(factor > 1)) throw badSweep(`${place}.log.factor`, `is ${factor}: more than 1`);
	const values: number[] = [];
	for (let value = from; value <= to * (1 + 1e-9); value *= factor) values.push(rounded(value));
	return values;
}

/** Without the last digits, in which sums of decimal fractions go astray. */
function rounded(value: number): number {
	return Number(value.toPrecision(12));
}

function sampled({ sample }: SampleAxis, place: string, profile: Profile): Steps {
	const { count, method = "latin-hypercube", seed = 0, ranges = {} } = sample;
	const random = randomOf(seed);
	const constants = sample.paths.flatMap((path, i) => constantsOf(path, `${place}.paths.${i}`, profile, ranges));
	const columns = constants.map(({ path, range: [low, high], integer }) => {
		const parts = shuffled(count, random);
		const values = Float64Array.from(parts, (part) => {
			const within = method === "random" ? random() : (part + random()) / count;
			const value = low + within * (high - low);
			return integer ? Math.min(high, Math.floor(low + within * (high - low + 1))) : Number(value.toPrecision(9));
		});
		return { path, values };
	});
	return {
		count,
		paths: columns.map(({ path }) => path),
		at: (index) => Object.fromEntries(columns.map(({ path, values }) => [path, values[index]!])),
	};
}

interface Constant {
	path: string;
	range: [number, number];
	/** A number of things. */
	integer: boolean;
}

/** The numbers that a path with stars stands for, with the ranges that the profile documents. */
function constantsOf(path: string, place: string, profile: Profile, own: Record<string, [number, number]>): Constant[] {
	if (!path.startsWith("profile.")) throw badSweep(place, `only numbers of the profile have ranges: profile.${path}?`);
	const rows = provenance(profile).filter(({ value }) => typeof value === "number");
	const found = rows.filter((row) => patternOf(path).test(`profile.${row.path}`));
	if (found.length === 0) {
		const names = rows.map((row) => `profile.${row.path}`);
		throw badSweep(place, `profile ${profile.id} has no number ${quote(path)}: ${suggestion(path, names)}`);
	}
	const constants = found.flatMap((row): Constant[] => {
		const range = own[`profile.${row.path}`] ?? row.range;
		if (!range) return [];
		const integer = !["cycles", "ns", "GHz"].includes(row.unit);
		return [{ path: `profile.${row.path}`, range, integer }];
	});
	if (constants.length === 0) {
		throw badSweep(place, `${quote(path)} has no documented range in profile ${profile.id}: give one in sample.ranges`);
	}
	return constants;
}

/** `*` stands for any text. */
export function patternOf(pattern: string): RegExp {
	const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
	return new RegExp(`^${parts.join(".*")}$`);
}
