import type { CurvePoint, CurveResult } from "../curves/curve.ts";
import { formatBytes } from "../profiles/size.ts";
import { many, percent, whole } from "./numbers.ts";
import { linesText } from "./plot-text.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";

/** One of what a curve is of. */
export const SEEN = { unified: "reference", data: "data reference", fetch: "fetch" } as const;

/** A miss-ratio curve: these capacities (in lines) as a table, and the whole of it drawn. */
export function curveText(curve: CurveResult, capacities: readonly number[], style: Style, width: number): string[] {
	const { line, of, footprint, sample } = curve;
	const { fetches, reads, writes } = curve.references;
	const plural = of === "fetch" ? "fetches" : undefined;
	const touched = `${sample ? "about " : ""}${many(footprint, "line")} of ${line} bytes (${roughBytes(footprint * line)}) touched`;
	const columns: Column[] = ["cache", "lines", "misses", "miss ratio", "", "at least", "at most"].map((title) => ({
		title,
	}));
	const points = capacities.map((capacity) => curve.at(capacity));
	const rows = points.map((point) => [
		roughBytes(point.bytes),
		whole(point.capacity),
		whole(point.misses),
		percent(point.missRatio),
		...(sample ? ["", percent(point.low), percent(point.high)] : []),
	]);
	return [
		`${many(fetches + reads + writes, SEEN[of], plural)}, ${touched}; fully associative, LRU`,
		...(sample ? [sampled(sample)] : []),
		"",
		...table(columns, rows, (text, row) => (row < 0 ? style.dim(text) : text)),
		"",
		...plot(curve.points(), width),
	];
}

/** Capacities from one line to the first that holds all: powers of two. */
export function doublings(curve: CurveResult): number[] {
	const last = curve.points().at(-1)!.capacity;
	const capacities: number[] = [];
	for (let capacity = 1; capacity < last; capacity *= 2) capacities.push(capacity);
	return [...capacities, last];
}

function sampled({ rate, seed, followed }: NonNullable<CurveResult["sample"]>): string {
	return `estimated from ${many(followed, "line")}, ${percent(rate)} of all (seed ${seed})`;
}

function plot(points: readonly CurvePoint[], width: number): string[] {
	const shown = points.map(({ capacity, missRatio }) => [capacity, 100 * missRatio] as const);
	return linesText("miss ratio", [{ name: "all", points: shown }], { axes: ["lines of cache", "%"], width }).slice(
		0,
		-1,
	);
}

/** 32K; where that is not all, to three digits: 261K. */
export function roughBytes(bytes: number): string {
	const exact = formatBytes(bytes);
	if (exact.length < 5) return exact;
	const power = Math.min(4, Math.floor(Math.log2(bytes) / 10));
	return `${+(bytes / 1024 ** power).toPrecision(3)}${" KMGT"[power]!.trim()}`;
}
