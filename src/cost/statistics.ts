import { badOption, whole } from "../input/options.ts";
import { quote } from "../input/words.ts";
import { randomFrom } from "./random.ts";

export function mean(values: ArrayLike<number>): number {
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += values[i]!;
	return sum / values.length;
}

/** Standard deviation of a sample (n - 1). */
export function deviation(values: readonly number[]): number {
	const m = mean(values);
	return Math.sqrt(values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1));
}

/** The value below which a part of them lies. */
export function quantile(values: ArrayLike<number>, part: number): number {
	const sorted = Float64Array.from(values).sort();
	const at = part * (sorted.length - 1);
	const low = sorted[Math.floor(at)] ?? Number.NaN;
	return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
}

/** Two samples and their difference, as `compare --json` prints them. */
export interface Comparison {
	before: { mean: number; deviation: number; n: number };
	after: { mean: number; deviation: number; n: number };
	/** after / before - 1. */
	change: number;
	/** 95 % of resampled changes lie in it. */
	interval: [number, number];
	/** Welch's t, its degrees of freedom, and how often chance alone makes as large a difference. */
	t: number;
	degrees: number;
	p: number;
	/** p < 0.05. */
	stands: boolean;
	sentence: string;
}

const RESAMPLED = 2000;
/** No measurement is larger: what is worked out of it stays a number. */
const LARGEST = 1e100;

/** Whether a gain is above noise: two samples of the same measurement, before and after a change. */
export function compare(before: readonly number[], after: readonly number[], seed = 1): Comparison {
	for (const [path, values] of Object.entries({ before, after })) {
		if (!(values?.length >= 2)) throw badOption(path, "needs two values or more: one does not tell the noise");
		for (let i = 0; i < values.length; i++)
			if (!Number.isFinite(values[i]) || Math.abs(values[i]!) > LARGEST)
				throw badOption(`${path}[${i}]`, `must be a number from -1e100 to 1e100, found ${quote(values[i])}`);
	}
	whole("seed", seed, 0, 2 ** 32 - 1);
	const least = quantile(before, 0);
	const most = quantile(before, 1);
	if (least === 0 && most === 0)
		throw badOption("before", "has only zeros, and a change is told as a part of what was before");
	if (least < 0 && most > 0)
		throw badOption(
			"before",
			`goes from ${least} to ${most}, and a change is told as a part of what was before: one sign is needed`,
		);
	const a = { mean: mean(before), deviation: deviation(before), n: before.length };
	const b = { mean: mean(after), deviation: deviation(after), n: after.length };
	const va = a.deviation ** 2 / a.n;
	const vb = b.deviation ** 2 / b.n;
	const change = b.mean / a.mean - 1;
	// The mean of equal values may be off by a rounding.
	const spread = va + vb > 0 && [before, after].some((values) => values.some((value) => value !== values[0]));
	if (!spread && before[0] !== after[0])
		throw badOption(
			"before",
			`and after have no spread, each of ${before[0]} and ${after[0]} alone: there is no noise to tell a change from`,
		);
	const t = spread ? (a.mean - b.mean) / Math.sqrt(va + vb) : 0;
	// Parts of the whole: squares of squares of small numbers are nothing.
	const degrees = spread ? 1 / ((va / (va + vb)) ** 2 / (a.n - 1) + (vb / (va + vb)) ** 2 / (b.n - 1)) : a.n + b.n - 2;
	const p = spread ? twoSided(t, degrees) : 1;
	const random = randomFrom(seed);
	const resampled = Array.from({ length: RESAMPLED }, () => {
		const draw = (values: readonly number[]) => mean(values.map(() => values[Math.floor(random() * values.length)]!));
		return draw(after) / draw(before) - 1;
	});
	const interval: [number, number] = [quantile(resampled, 0.025), quantile(resampled, 0.975)];
	if (![change, t, ...interval].every(Number.isFinite))
		throw badOption(
			"before",
			`is too near to 0, beside after, for a change in per cent: its values go from ${least} to ${most}`,
		);
	const stands = p < 0.05;
	const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
	const chance = p < 0.001 ? "p < 0.001" : `p ${p.toFixed(3)}`;
	const sentence = stands
		? `${percent(change)} stands out of the noise (Welch t ${t.toFixed(2)}, ${chance}, 95 % interval ${percent(interval[0])} to ${percent(interval[1])})`
		: `${percent(change)} cannot be told from noise (Welch t ${t.toFixed(2)}, ${chance})`;
	return { before: a, after: b, change, interval, t, degrees, p, stands, sentence };
}

/** Two-sided p of Student's t: the regularised incomplete beta function, as a continued fraction. */
function twoSided(t: number, degrees: number): number {
	return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

function incompleteBeta(x: number, a: number, b: number): number {
	if (x <= 0) return 0;
	if (x >= 1) return 1;
	const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
	if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
	let fraction = 1;
	let c = 1;
	let d = 1 / (1 - ((a + b) * x) / (a + 1));
	fraction = d;
	for (let m = 1; m <= 200; m++) {
		const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / (1 + even * d);
		c = 1 + even / c;
		fraction *= d * c;
		const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		const step = d * c;
		fraction *= step;
		if (Math.abs(step - 1) < 1e-14) break;
	}
	return (front * fraction) / a;
}

/** Lanczos' approximation, g = 7. */
function logGamma(x: number): number {
	const coefficients = [
		676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
		-0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
	];
	if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
	const y = x - 1;
	const sum = coefficients.reduce((all, coefficient, i) => all + coefficient / (y + i + 1), 0.99999999999980993);
	const base = y + 7.5;
	return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(base) - base + Math.log(sum);
}
