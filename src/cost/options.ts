import { power } from "../curves/options.ts";
import { flag, leaf, list, must, number, object, type Rule, range, record, text, word } from "../input/shape.ts";
import { aProfile } from "../profiles/parse.ts";
import { parameters } from "../scenario/params.ts";

const upTo = (most: number, least = 0) => number({ least, most });

/** How many CPUs there may be is for the profile to say. */
const threads = () => upTo(Number.MAX_SAFE_INTEGER, 1);

/** One number of CPUs, or several. */
function someThreads(): Rule<number | number[]> {
	const several = list(threads(), 1000, 1);
	return leaf((value, path) => (Array.isArray(value) ? several : threads()).read(value, path));
}

/** Device that pages are swapped in from. */
export const swap = () => word("hdd", "sata", "nvme");

/** More is no cost of one operation. */
const price = () => number({ most: 1e12, whole: false });
const BASES = ["documented", "measured", "computed", "known", "estimated", "given", "calibrated"] as const;

/** Of Constant. */
function constant() {
	const rule = object(
		{
			value: price(),
			unit: word("cycles", "ns"),
			range: range(price()),
			varies: flag(),
			basis: word(...BASES),
			source: text(),
			cells: list(text(), 10_000),
			of: list(text(), 100),
		},
		["value", "unit", "basis"],
	);
	const read: typeof rule.read = (value, path) => {
		const found = rule.read(value, path);
		const [low, high] = found.range ?? [found.value, found.value];
		must(low <= found.value && found.value <= high, [...path, "value"], `must be in its range, ${low} to ${high}`);
		must(!found.varies || found.range !== undefined, [...path, "varies"], "needs a range to vary in");
		return found;
	};
	return { ...rule, read };
}

/** Of PriceOptions. */
export const priceOptions = () =>
	object({
		profile: aProfile(),
		params: parameters(),
		threads: someThreads(),
		iterations: upTo(2 ** 31 - 1, 1),
		warmUp: upTo(2 ** 31 - 1),
		constants: record(constant()),
		actor: text(),
		jitter: leaf((value, path) => {
			must(typeof value === "number" && value >= 0 && value < 1, path, "must be a part from 0 to below 1");
			return value;
		}),
		seed: upTo(2 ** 32 - 1),
		samples: upTo(100_000),
		flushesInFlight: upTo(16, 1),
		cpusPerSocket: upTo(64, 1),
		pti: flag(),
		logged: upTo(10_000_000),
		swap: swap(),
	});

/** Of WhatIf. */
export const whatIfOptions = () =>
	object({
		profile: aProfile(),
		sets: list(text(), 10_000),
		pti: flag(),
		swap: swap(),
		threads: list(upTo(64, 1), 1000),
		lines: list(power(8, 4096), 1000),
		samples: upTo(10_000),
		seed: upTo(2 ** 32 - 1),
	});
