// What a JSON that this program wrote is, and the parts of a page about it.

import type { Mutant } from "../check/mutants.ts";
import { type CheckRun, profileOf } from "../check/run.ts";
import type { Measurement } from "../cost/cost.ts";
import { machineNamed } from "../cost/mechanisms.ts";
import type { Comparison } from "../cost/statistics.ts";
import type { CurveJson, OnePassJson } from "../curves/index.ts";
import { StalemateError } from "../errors.ts";
import type { Profile } from "../profiles/types.ts";
import type { Reproduction } from "../reproduce/reproduce.ts";
import type { SimulationJson } from "../simulate/result.ts";
import type { Row } from "../sweep/results.ts";
import { comparisonSection } from "./comparison.ts";
import { curveSection, onePassSection } from "./curves.ts";
import type { Html, Section } from "./html.ts";
import { matrixSection } from "./matrix.ts";
import { measurementSection } from "./measurement.ts";
import { mutantsSection } from "./mutants.ts";
import { reproductionSections } from "./reproduction.ts";
import { isObject, misshapen, type Shape } from "./shape.ts";
import { provenanceParts, simulationSections } from "./simulation.ts";
import { sweepSection } from "./sweep.ts";

/** Something that was read, and what it is called. */
export interface Result {
	name: string;
	data: unknown;
	/** Of a sweep that is not finished: how many points it has. */
	points?: number;
}

interface Kind {
	/** How it is made. */
	by: string;
	is(data: unknown): boolean;
	shape: Shape;
	sections(data: never, result: Result, place: string): Section[];
}

const RUN = {
	scenario: "text",
	params: {},
	profile: "text",
	model: "text",
	"expected?": "text",
	verdict: "text",
	codes: ["text"],
	trace: [
		{
			step: "number",
			"cpu?": "number",
			"actor?": "text",
			spontaneous: "flag",
			line: "number",
			text: "text",
			hazards: ["text"],
			stale: ["text"],
		},
	],
	"story?": { text: "text", causes: [{ step: "number", what: "text" }] },
	ok: "flag",
	complete: "flag",
	states: "number",
	transitions: "number",
	depth: "number",
	reductions: ["text"],
	bounds: { pending: "number" },
	"finalStates?": [{ text: "text", satisfies: "flag" }],
} as const satisfies Shape;

const COUNTED = { name: "text", cpu: "number", accesses: "number", misses: "number", missRatio: "number" } as const;
const ROWS = {
	references: { total: "number", fetches: "number", reads: "number", writes: "number" },
	caches: [
		{ ...COUNTED, fetchMisses: "number", readMisses: "number", writeMisses: "number", walkReadMisses: "number" },
	],
	tlbs: [COUNTED],
	walks: [{ walks: "number", reads: "number" }],
} as const;
const SIMULATION = {
	stalemate: "text",
	profile: "text",
	profileVersion: "number",
	parameters: { sets: ["text"], cpus: "number", seed: "text" },
	complete: "flag",
	"trace?": { name: "text", format: "text", compression: "text" },
	...ROWS,
	"cycles?": {
		total: "number",
		perReference: "number",
		byLevel: [{ level: "text", references: "number", cycles: "number" }],
		basis: "text",
	},
	"intervals?": [{ start: "number", ...ROWS }],
	"hottest?": [{ cache: "text", by: "text", key: "any", misses: "number" }],
	"sharing?": [{ address: "text", physical: "text", kind: "text", cpus: [{}] }],
} as const satisfies Shape;

const SHARE = { what: "text", ns: "number", share: "number" } as const;
const SAMPLE = { mean: "number", deviation: "number", n: "number" } as const;
const CELL = {
	id: "text",
	label: "text",
	unit: "text",
	"published?": "number",
	simulated: "number",
	"error?": "number",
	basis: "text",
} as const;

const KINDS: readonly Kind[] = [
	{
		by: "trace --json",
		is: (data) => isObject(data) && "caches" in data && "references" in data,
		shape: SIMULATION,
		sections: (data: SimulationJson) => simulationSections([data]),
	},
	{
		by: "trace --json",
		is: (data) => Array.isArray(data) && isObject(data[0]) && "caches" in data[0] && "references" in data[0],
		shape: [SIMULATION],
		sections: (data: SimulationJson[]) => simulationSections(data),
	},
	{
		by: "check --json",
		is: (data) => isObject(data) && "runs" in data,
		shape: { runs: [RUN] },
		sections: ({ runs }: { runs: CheckRun[] }, _, place) => {
			if (runs.length === 0) return [];
			const all = runs.map((run) => ({ run }));
			const names = runs.map(({ profile }) => profile);
			return [withProfiles(matrixSection(all, place), names)];
		},
	},
	{
		by: "explain --json",
		is: (data) => isObject(data) && "run" in data,
		shape: { run: RUN },
		sections: ({ run }: { run: CheckRun }, _, place) => [withProfiles(matrixSection([{ run }], place), [run.profile])],
	},
	{
		by: "check --weaken --json",
		is: (data) => isObject(data) && "mutants" in data,
		shape: {
			mutants: [{ scenario: "text", action: "text", way: "text", standing: "text", tried: "number", run: RUN }],
		},
		sections: ({ mutants }: { mutants: Mutant[] }, _, place) =>
			mutants.length > 0 ? [mutantsSection(mutants, place)] : [],
	},
	{
		by: "cost --json",
		is: (data) => isObject(data) && "measurements" in data,
		shape: {
			measurements: [
				{
					name: "text",
					profile: "text",
					params: {},
					threads: "number",
					actor: "text",
					ns: "number",
					cycles: "number",
					perSecond: "number",
					basis: "text",
					calibratedOn: ["text"],
					constants: {},
					standsIn: ["text"],
					breakdown: [SHARE],
					others: [{ actor: "text", ns: "number", median: "number", p999: "number" }],
					hazards: ["text"],
				},
			],
		},
		sections: ({ measurements }: { measurements: Measurement[] }) => {
			return measurements.length > 0 ? [measurementSection(measurements)] : [];
		},
	},
	{
		by: "reproduce --json",
		is: (data) => isObject(data) && "sections" in data,
		shape: {
			sections: [
				{ id: "text", title: "text", profile: "text", tables: [{ title: "text", cells: [CELL], notes: ["text"] }] },
			],
		},
		sections: (data: Reproduction) => {
			return reproductionSections(data).map((section, i) => withMachine(section, data.sections[i]!.profile));
		},
	},
	{
		by: "compare --json",
		is: (data) => isObject(data) && "before" in data && "after" in data,
		shape: {
			before: SAMPLE,
			after: SAMPLE,
			change: "number",
			interval: ["number"],
			t: "number",
			degrees: "number",
			p: "number",
			sentence: "text",
		},
		sections: (data: Comparison) => [comparisonSection(data)],
	},
	{
		by: "sweep run",
		is: (data) => Array.isArray(data) && isObject(data[0]) && "key" in data[0] && "status" in data[0],
		shape: [{ key: "text", status: "text" }],
		sections: (rows: Row[], { name, points }) => [sweepSection(name, rows, points)],
	},
	{
		by: "trace curve --json",
		is: (data) => isObject(data) && data.kind === "miss-ratio-curve",
		shape: {
			"stalemate?": "text",
			"trace?": { name: "text", format: "text", compression: "text" },
			"complete?": "flag",
			line: "number",
			of: "text",
			footprint: "number",
			points: [{ bytes: "number", misses: "number", missRatio: "number", low: "number", high: "number" }],
		},
		sections: (data: CurveJson) => [curveSection(data)],
	},
	{
		by: "JSON.stringify of one pass",
		is: (data) => isObject(data) && data.kind === "one-pass",
		shape: { of: "text", geometries: [{ bytes: "number", line: "number", sets: "number", ways: "number" }] },
		sections: (data: OnePassJson) => [onePassSection(data)],
	},
];

/** What something that was read is, and the parts of a page about it; `place`: a name for places in it that no other has. */
export function resultSections(result: Result, place: string): { by: string; sections: Section[] } {
	const { name, data } = result;
	const kind = KINDS.find(({ is }) => is(data));
	if (!kind) {
		const found = Array.isArray(data)
			? data.length === 0
				? "an empty list"
				: "a list"
			: isObject(data)
				? `an object with ${keysOf(data)}`
				: JSON.stringify(data);
		throw badResult(name, `this is no result, it is ${found}. ${makers()}`);
	}
	const problem = misshapen(data, kind.shape);
	if (problem !== undefined) throw badResult(name, `it looks like what ${kind.by} writes, but ${problem}`);
	const sections = kind.sections(data as never, result, place);
	if (sections.length === 0) throw badResult(name, `nothing is in it: ${kind.by} found nothing`);
	return { by: kind.by, sections };
}

/** How results are made. */
export function makers(): string {
	const commands = [...new Set(KINDS.map(({ by }) => by))].filter((by) => !by.startsWith("JSON")).join(", ");
	return `Results are written by ${commands}: stalemate trace app.packed --json > result.json`;
}

export function badResult(file: string, what: string, cause?: unknown): StalemateError {
	return new StalemateError("BAD_RESULT", `${file}: ${what}`, { file }, { cause });
}

function keysOf(data: Record<string, unknown>): string {
	const keys = Object.keys(data);
	return keys.length === 0 ? "no keys" : `${keys.slice(0, 5).join(", ")}${keys.length > 5 ? ", …" : ""}`;
}

function withProfiles(section: Section, names: readonly string[]): Section {
	const parts = [...new Set(names)].flatMap((name): Html[] => {
		const found = known(() => profileOf(name).profile);
		return found ? provenanceParts(found) : [];
	});
	return { ...section, parts: [...section.parts, ...parts] };
}

function withMachine(section: Section, name: string): Section {
	const found = known(() => machineNamed(name));
	return { ...section, parts: [...section.parts, ...(found ? provenanceParts(found) : [])] };
}

/** A profile of the user's own is not known by its name. */
function known(get: () => Profile): Profile | undefined {
	try {
		return get();
	} catch (error) {
		if (error instanceof StalemateError) return undefined;
		throw error;
	}
}
