// The form of a sweep specification, stated once: published as JSON Schema, and what read.ts checks by.

/** The part of JSON Schema that is used here. */
export interface Schema {
	$schema?: string;
	$id?: string;
	title?: string;
	description?: string;
	type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
	enum?: readonly string[];
	minimum?: number;
	minLength?: number;
	minItems?: number;
	maxItems?: number;
	items?: Schema;
	properties?: Record<string, Schema>;
	required?: readonly string[];
	additionalProperties?: boolean | Schema;
	anyOf?: readonly Schema[];
	$ref?: string;
	$defs?: Record<string, Schema>;
}

const text = (description: string): Schema => ({ type: "string", minLength: 1, description });
const whole = (minimum: number, description: string): Schema => ({ type: "integer", minimum, description });
const yesNo = (description: string): Schema => ({ type: "boolean", description });
const object = (properties: Record<string, Schema>, required: readonly string[] = []): Schema => {
	return { type: "object", properties, required, additionalProperties: false };
};

const value: Schema = { anyOf: [{ type: "number" }, { type: "string" }, { type: "boolean" }] };
const number: Schema = {
	anyOf: [{ type: "number" }, { type: "string" }],
	description: "a number, or text such as 32K",
};
const path = text(
	"profile, profile.PATH, param.NAME, or an input that can vary: trace, scenario, model, cpus, seed, threads, …",
);
const axes: Schema = { type: "array", minItems: 1, items: { $ref: "#/$defs/axis" } };

/** Axes by the key that tells them apart. */
const AXES: Record<string, Schema> = {
	list: object({ path, list: { type: "array", minItems: 1, items: value } }, ["path", "list"]),
	range: object({ path, range: object({ from: number, to: number, step: number }, ["from", "to"]) }, ["path", "range"]),
	log: object(
		{
			path,
			log: object({ from: number, to: number, factor: { type: "number" }, count: whole(2, "how many") }, [
				"from",
				"to",
			]),
		},
		["path", "log"],
	),
	sample: object(
		{
			sample: object(
				{
					paths: { type: "array", minItems: 1, items: text("a number of the profile; * stands for any step") },
					count: whole(1, "points"),
					method: { type: "string", enum: ["latin-hypercube", "random"] },
					seed: whole(0, "of the choices; default 0"),
					ranges: {
						type: "object",
						additionalProperties: { type: "array", minItems: 2, maxItems: 2, items: { type: "number" } },
						description: "ranges of one's own, by path",
					},
				},
				["paths", "count"],
			),
		},
		["sample"],
	),
	zip: object({ zip: axes }, ["zip"]),
	cross: object({ cross: axes }, ["cross"]),
};

export const AXIS_KINDS = Object.keys(AXES);

/** The JSON Schema of specifications, also in stalemate/sweep.schema.json. */
export const SWEEP_SCHEMA: Schema = {
	$schema: "https://json-schema.org/draft/2020-12/schema",
	title: "A sweep of stalemate",
	...object(
		{
			$schema: { type: "string" },
			name: text("what the sweep is called"),
			verb: { type: "string", enum: ["trace", "check", "cost"], description: "what is run at every point" },
			inputs: object({
				trace: text("verb trace: the file"),
				onError: { type: "string", enum: ["stop", "skip"], description: "what to do about bad lines or records" },
				scenario: text("verbs check and cost: the file of a scenario, for check also a litmus test"),
				profile: {
					anyOf: [{ type: "string" }, { type: "object" }],
					description: "id of a shipped profile, or a profile",
				},
				sets: { type: "array", items: text("path=value"), description: "changes of the profile before the axes'" },
				cpus: whole(1, "CPUs that the trace uses"),
				seed: whole(0, "of random replacement and random frames"),
				warmup: whole(0, "references before the counts begin"),
				classify: yesNo("class misses as compulsory, capacity or conflict"),
				params: { type: "object", additionalProperties: value, description: "parameters of the scenario" },
				model: { type: "string", enum: ["sc", "tso", "arm8", "rcpc"] },
				states: whole(1, "states that a check may look at"),
				depth: whole(1, "steps of a schedule"),
				allHazards: yesNo("go on past a hazard until all states are seen"),
				threads: whole(1, "verb cost: CPUs, the parameter cpus of the scenario"),
				iterations: whole(1, "rounds that are measured; default 1000"),
				warmUp: whole(0, "rounds before; default 100"),
				actor: text("whose rounds are measured; default: the first thread"),
				jitter: { type: "number", minimum: 0, description: "a price is off by at most this part of it" },
				samples: whole(0, "machines with constants drawn from their ranges, for an interval"),
				pti: yesNo("page-table isolation"),
				flushesInFlight: whole(1, "line flushes that a CPU may have in flight"),
			}),
			axes: { ...axes, description: "crossed with each other; the last changes fastest" },
			filters: { type: "array", items: text("an expression that is true of the points wanted") },
			outputs: { type: "array", minItems: 1, items: text("a column; * stands for anything") },
		},
		["verb"],
	),
	$defs: { axis: { anyOf: Object.values(AXES) } },
};

/** The schema of an axis of that kind. */
export function axisSchema(kind: string): Schema {
	return AXES[kind]!;
}
