import { badOption, callable, optionsOf } from "../input/options.ts";
import { flag, list, number, object, range, text } from "../input/shape.ts";
import { quote } from "../input/words.ts";

/** A constant that is to be fitted, and where it may lie. */
export interface Unknown {
	name: string;
	/** Where the search begins. */
	value: number;
	/** What the source allows. */
	range: [number, number];
}

/** A published figure that constants are fitted to. */
export interface Cell {
	id: string;
	published: number;
}

/** What is fitted: constants that are not known, and the published figures that are to tell them. */
export interface CalibrateOptions {
	unknowns: readonly Unknown[];
	cells: readonly Cell[];
	/** The cells, simulated with these values of the unknowns. */
	simulate(values: Record<string, number>): readonly number[];
	/** Fit although there are more unknowns than cells (the result says so). */
	force?: boolean;
}

/** Constants that a fit chose, and how well they meet the figures. */
export interface Fit {
	values: Record<string, number>;
	/** Unknowns that ended at an end of their range. */
	atBounds: string[];
	unknowns: number;
	cells: number;
	/** Combinations of the unknowns that the cells tell apart. */
	rank: number;
	/** The unknowns are one set of values, not one of many. */
	identifiable: boolean;
	rows: { id: string; published: number; simulated: number; residual: number; leaveOneOut: number | null }[];
	/** Root mean square of the residuals, and of the leave-one-out errors; null: not identifiable. */
	rms: number;
	leaveOneOut: number | null;
	/** Why leave-one-out errors are not there. */
	reason?: string;
	sentence: string;
}

const ROUNDS = 40;

const finite = () => number({ least: -Number.MAX_VALUE, most: Number.MAX_VALUE, whole: false, what: "a number" });

/** Of CalibrateOptions. */
const calibrateOptions = () =>
	object(
		{
			unknowns: list(
				object({ name: text(), value: finite(), range: range(finite()) }, ["name", "value", "range"], true),
				1000,
			),
			cells: list(object({ id: text(), published: finite() }, ["id", "published"], true), 100_000, 1),
			simulate: callable<CalibrateOptions["simulate"]>(),
			force: flag(),
		},
		["unknowns", "cells", "simulate"],
	);

/** Least squares within the ranges. What it fitted to what, and how well it predicts what it was not shown, is in the result. */
export function calibrate(options: CalibrateOptions): Fit {
	const { unknowns, cells, simulate, force = false } = optionsOf(calibrateOptions(), options);
	if (unknowns.length > cells.length && !force)
		throw badOption(
			"unknowns",
			`are ${unknowns.length}, which cannot be told from ${cells.length} cells: fit fewer, or ask for it (force)`,
		);
	for (const { name, value, range } of unknowns)
		if (!(range[0] <= value && value <= range[1]))
			throw badOption(`unknowns.${name}`, `begins at ${value}, outside its range ${range[0]} to ${range[1]}`);
	const all = cells.map((_, i) => i);
	const fitted = leastSquares(unknowns, cells, all, simulate);
	const rank = rankOf(fitted.jacobian);
	const identifiable = rank === unknowns.length;
	let reason: string | undefined;
	const leftOut = cells.map((_, out) => {
		const rest = all.filter((i) => i !== out);
		const rows = rest.map((i) => fitted.jacobian[i]!);
		if (rest.length < unknowns.length || rankOf(rows) < unknowns.length) return null;
		const without = leastSquares(unknowns, cells, rest, simulate, fitted);
		return without.simulated[out]! - cells[out]!.published;
	});
	const missing = cells.filter((_, i) => leftOut[i] === null).map(({ id }) => id);
	if (!identifiable) reason = `rank ${rank} for ${unknowns.length} unknowns: some of them change all cells alike`;
	else if (missing.length > 0)
		reason = `without ${missing.join(" or ")} the other cells do not determine ${unknowns.length} unknowns`;
	const rows = cells.map(({ id, published }, i) => {
		const simulated = fitted.simulated[i]!;
		return { id, published, simulated, residual: simulated - published, leaveOneOut: leftOut[i]! };
	});
	const rms = Math.sqrt(rows.reduce((sum, { residual }) => sum + residual ** 2, 0) / rows.length);
	const errors = leftOut.filter((error) => error !== null);
	const leaveOneOut =
		missing.length > 0 ? null : Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
	const told =
		leaveOneOut === null ? `leave-one-out: not identifiable (${reason})` : `leave-one-out ${leaveOneOut.toFixed(2)}`;
	const many = unknowns.length > cells.length ? "; MORE UNKNOWNS THAN CELLS: this shows nothing" : "";
	const constants = unknowns.length === 1 ? "1 constant" : `${unknowns.length} constants`;
	const sentence = `${constants} fitted to ${cells.length} cells: residual ${rms.toFixed(2)} (root mean square), ${told}${many}`;
	return {
		values: named(unknowns, fitted.x),
		atBounds: unknowns
			.filter(({ range }, j) => fitted.x[j] === range[0] || fitted.x[j] === range[1])
			.map(({ name }) => name),
		unknowns: unknowns.length,
		cells: cells.length,
		rank,
		identifiable,
		rows,
		rms,
		leaveOneOut,
		...(reason !== undefined && { reason }),
		sentence,
	};
}

function named(unknowns: readonly Unknown[], x: readonly number[]): Record<string, number> {
	return Object.fromEntries(unknowns.map(({ name }, j) => [name, x[j]!]));
}

interface Point {
	x: number[];
	simulated: readonly number[];
	jacobian: number[][];
}

/** Simulated values that differ by less are the same, as a part of the value. */
const SAME = 1e-6;

/** Levenberg and Marquardt's steps, cut to the ranges; what stands at an end and wants to leave is held there. */
function leastSquares(
	unknowns: readonly Unknown[],
	cells: readonly Cell[],
	use: readonly number[],
	simulate: CalibrateOptions["simulate"],
	from?: Point,
): Point {
	const run = (x: readonly number[]) => {
		const simulated = simulate(named(unknowns, x));
		const whole = Array.isArray(simulated) && simulated.length === cells.length && simulated.every(Number.isFinite);
		if (!whole)
			throw badOption("simulate", `must give a number for each of ${cells.length} cells, gave ${quote(simulated)}`);
		return simulated;
	};
	const clamp = (value: number, j: number) => Math.min(unknowns[j]!.range[1], Math.max(unknowns[j]!.range[0], value));
	const errorOf = (simulated: readonly number[]) =>
		use.reduce((sum, i) => sum + (simulated[i]! - cells[i]!.published) ** 2, 0);
	let x = from?.x ?? unknowns.map(({ value }) => value);
	let simulated = from?.simulated ?? run(x);
	let jacobian = from?.jacobian ?? slopes(unknowns, x, simulated, run);
	let damping = 1e-9;
	for (let round = 0; round < ROUNDS; round++) {
		const residuals = use.map((i) => simulated[i]! - cells[i]!.published);
		const rows = use.map((i) => jacobian[i]!);
		const free = unknowns.flatMap(({ range }, j) => {
			const gradient = rows.reduce((sum, row, k) => sum + row[j]! * residuals[k]!, 0);
			return (x[j]! <= range[0] && gradient > 0) || (x[j]! >= range[1] && gradient < 0) ? [] : [j];
		});
		const step = solve(rows, residuals, free, damping);
		const next = x.map((value, j) => clamp(value - (free.includes(j) ? step[free.indexOf(j)]! : 0), j));
		const moved = next.map((value, j) => value - x[j]!);
		if (moved.every((by, j) => Math.abs(by) <= SAME * (1 + Math.abs(x[j]!)))) break;
		const there = run(next);
		const better = errorOf(simulated) - errorOf(there);
		if (better <= 0) {
			damping *= 100;
			if (damping > 1e3) break;
			continue;
		}
		// Where the cells went as the slopes said, the slopes hold.
		const straight = there.every((value, i) => {
			const expected = simulated[i]! + moved.reduce((sum, by, j) => sum + by * jacobian[i]![j]!, 0);
			return Math.abs(value - expected) <= SAME * (1 + Math.abs(value));
		});
		x = next;
		simulated = there;
		if (!straight) jacobian = slopes(unknowns, x, simulated, run);
		damping = Math.max(damping / 10, 1e-9);
	}
	return { x, simulated, jacobian };
}

/** How much each cell changes with each unknown. */
function slopes(
	unknowns: readonly Unknown[],
	x: readonly number[],
	simulated: readonly number[],
	run: (x: readonly number[]) => readonly number[],
): number[][] {
	const columns = unknowns.map(({ range }, j) => {
		const size = Math.max(1e-3, (range[1] - range[0]) * 1e-2);
		const by = x[j]! + size <= range[1] ? size : -size;
		const moved = run(x.map((value, k) => (k === j ? value + by : value)));
		return simulated.map((value, i) => (moved[i]! - value) / by);
	});
	return simulated.map((_, i) => columns.map((column) => column[i]!));
}

/** The damped normal equations, by elimination. */
function solve(rows: number[][], residuals: number[], free: number[], damping: number): number[] {
	const n = free.length;
	const matrix = free.map((j, a) => {
		const row = free.map((k) => rows.reduce((sum, r) => sum + r[j]! * r[k]!, 0));
		row[a]! += damping * (row[a]! || 1);
		return [...row, rows.reduce((sum, r, i) => sum + r[j]! * residuals[i]!, 0)];
	});
	for (let column = 0; column < n; column++) {
		let pivot = column;
		for (let row = column; row < n; row++)
			if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
		[matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
		const divisor = matrix[column]![column]!;
		if (Math.abs(divisor) < 1e-300) continue;
		for (let row = 0; row < n; row++) {
			if (row === column) continue;
			const factor = matrix[row]![column]! / divisor;
			for (let k = column; k <= n; k++) matrix[row]![k]! -= factor * matrix[column]![k]!;
		}
	}
	return matrix.map((row, i) => (Math.abs(row[i]!) < 1e-300 ? 0 : row[n]! / row[i]!));
}

/** Rank of a matrix, columns scaled, by elimination. */
export function rankOf(rows: readonly (readonly number[])[]): number {
	const width = rows[0]?.length ?? 0;
	const scale = Array.from({ length: width }, (_, j) => Math.max(...rows.map((row) => Math.abs(row[j]!))) || 1);
	const matrix = rows.map((row) => row.map((value, j) => value / scale[j]!));
	let rank = 0;
	for (let column = 0; column < width && rank < matrix.length; column++) {
		let pivot = rank;
		for (let row = rank; row < matrix.length; row++)
			if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
		if (Math.abs(matrix[pivot]![column]!) < 1e-6) continue;
		[matrix[rank], matrix[pivot]] = [matrix[pivot]!, matrix[rank]!];
		for (let row = rank + 1; row < matrix.length; row++) {
			const factor = matrix[row]![column]! / matrix[rank]![column]!;
			for (let k = column; k < width; k++) matrix[row]![k]! -= factor * matrix[rank]![k]!;
		}
		rank++;
	}
	return rank;
}
