import { nearest, quote } from "../input/words.ts";
import { badSweep } from "./problem.ts";
import { AXIS_KINDS, axisSchema, type Schema, SWEEP_SCHEMA } from "./schema.ts";
import type { SweepSpec } from "./types.ts";

/** Reads a specification from text. Throws BAD_SWEEP with the path of what is wrong. */
export async function parseSpec(text: string, form: "json" | "yaml" = "json"): Promise<SweepSpec> {
	let data: unknown;
	try {
		data = form === "json" ? JSON.parse(text) : (await import("yaml")).parse(text);
	} catch (cause) {
		const what = (cause as Error).message.split("\n")[0]!;
		throw badSweep("", `the specification is no ${form.toUpperCase()}: ${what}`, cause);
	}
	return checkSpec(data);
}

/** The specification itself, after its form was checked. */
export function checkSpec(data: unknown): SweepSpec {
	check(SWEEP_SCHEMA, data, "");
	return data as SweepSpec;
}

function check(schema: Schema, data: unknown, path: string): void {
	const bad = (what: string): never => {
		throw badSweep(path || "the specification", what);
	};
	if (schema.$ref) {
		checkAxis(data, path);
		return;
	}
	if (schema.anyOf) {
		const types = schema.anyOf.map(({ type }) => type!);
		const found = schema.anyOf.find(({ type }) => isOf(type!, data));
		if (!found) bad(`must be ${types.map(named).join(" or ")}, found ${quote(data)}`);
		check(found!, data, path);
		return;
	}
	if (schema.type && !isOf(schema.type, data)) bad(`must be ${named(schema.type)}, found ${quote(data)}`);
	if (schema.enum && !schema.enum.includes(data as string)) {
		bad(`is ${quote(data)}: ${schema.enum.join(", ")} are valid`);
	}
	if (schema.minimum !== undefined && (data as number) < schema.minimum) {
		bad(`is ${quote(data)}: at least ${schema.minimum}`);
	}
	if (schema.minLength && (data as string).length < schema.minLength) bad("is empty");
	if (Array.isArray(data)) {
		if (data.length < (schema.minItems ?? 0) || data.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
			bad(data.length === 0 ? "is empty" : `has ${data.length} entries: ${schema.minItems} are needed`);
		}
		for (const [i, item] of data.entries()) check(schema.items!, item, `${path}.${i}`);
		return;
	}
	if (schema.type !== "object") return;
	const { properties = {}, required = [], additionalProperties } = schema;
	const below = (key: string) => (path ? `${path}.${key}` : key);
	for (const key of required) if (!Object.hasOwn(data as object, key)) throw badSweep(below(key), "is missing");
	for (const [key, item] of Object.entries(data as object)) {
		if (Object.hasOwn(properties, key)) check(properties[key]!, item, below(key));
		else if (typeof additionalProperties === "object") check(additionalProperties, item, below(key));
		else if (additionalProperties === false) {
			const names = Object.keys(properties);
			throw badSweep(below(key), `there is no such key: did you mean ${quote(nearest(key, names))}?`);
		}
	}
}

/** By the key that says which kind it is, so that what is wrong is told of that kind. */
function checkAxis(data: unknown, path: string): void {
	if (!isOf("object", data)) throw badSweep(path, `must be an object, found ${quote(data)}`);
	const kinds = AXIS_KINDS.filter((kind) => Object.hasOwn(data as object, kind));
	if (kinds.length !== 1) {
		const what = kinds.length === 0 ? "has none" : `has ${kinds.join(" and ")}`;
		throw badSweep(path, `an axis has one of ${AXIS_KINDS.join(", ")}; this one ${what}`);
	}
	check(axisSchema(kinds[0]!), data, path);
}

function isOf(type: NonNullable<Schema["type"]>, data: unknown): boolean {
	switch (type) {
		case "array":
			return Array.isArray(data);
		case "object":
			return typeof data === "object" && data !== null && !Array.isArray(data);
		case "integer":
			return Number.isSafeInteger(data);
		case "number":
			return typeof data === "number" && Number.isFinite(data);
		default:
			return typeof data === type;
	}
}

function named(type: NonNullable<Schema["type"]>): string {
	const names = { array: "a list", object: "an object", string: "text", number: "a number", integer: "a whole number" };
	return type === "boolean" ? "true or false" : names[type];
}
