import type { CurveJson, OnePassJson } from "../curves/index.ts";
import { formatBytes } from "../profiles/size.ts";
import { roughBytes } from "./curve.ts";
import { folded, paragraph, picture, type Section, sheet } from "./html.ts";
import { many, percent, whole } from "./numbers.ts";
import { linesPicture } from "./plot-svg.ts";
import { NOT_ALL, traceText } from "./single.ts";
import { right } from "./table.ts";

/** A miss-ratio curve as a part of a page. */
export function curveSection({
	line,
	of,
	footprint,
	sample,
	points,
	stalemate,
	trace,
	complete = true,
}: CurveJson): Section {
	const shown = points.filter((point) => point.bytes > 0);
	const at = (value: "missRatio" | "low" | "high") =>
		shown.map((point): [number, number] => [point.bytes, point[value]]);
	const series = [{ name: "miss ratio", points: at("missRatio") }];
	if (sample) series.push({ name: "lower bound", points: at("low") }, { name: "upper bound", points: at("high") });
	const rows = shown.map((point) => [formatBytes(point.bytes), whole(point.misses), percent(point.missRatio)]);
	return {
		title: `Miss-ratio curve of ${of}, lines of ${line} B`,
		parts: [
			...(trace ? [paragraph(traceText(trace))] : []),
			...(complete ? [] : [paragraph(NOT_ALL)]),
			paragraph(`${many(footprint, "line")} in all${sample ? `, ${percent(sample.rate)} of them followed` : ""}`),
			...(shown.length > 0
				? [
						picture(
							linesPicture("Miss ratio by capacity", series, {
								axes: ["capacity", ""],
								ticks: { x: roughBytes, y: percent },
								fromZero: true,
							}),
						),
					]
				: []),
			folded("In numbers", [sheet("Misses by capacity", { columns: right("capacity", "misses", "ratio"), rows })]),
			...(stalemate === undefined ? [] : [paragraph(`Counted by stalemate ${stalemate}.`, "dim")]),
		],
	};
}

/** Caches of many geometries as a part of a page. */
export function onePassSection({ of, geometries }: OnePassJson): Section {
	const rows = geometries.map(({ bytes, line, sets, ways, fetchMisses, readMisses, writeMisses, writebacks }) => [
		formatBytes(bytes),
		String(line),
		String(sets),
		String(ways),
		...[fetchMisses, readMisses, writeMisses, writebacks].map(whole),
	]);
	const columns = right("size", "line", "sets", "ways", "fetch misses", "read misses", "write misses", "write-backs");
	return {
		title: `${many(geometries.length, "geometry", "geometries")} in one pass: ${of}`,
		parts: [sheet("Geometries", { columns, rows })],
	};
}
