import { parseArgs as parse } from "node:util";
import type { ArgDef, ArgsDef } from "citty";
import { StalemateError } from "../index.ts";
import { quote, suggestion } from "../input/words.ts";

/** What was given, by the name of the option; positional arguments under "". */
export type Given = Map<string, string[]>;

/** Options that every command has. */
const EVERYWHERE: ArgsDef = {
	help: { type: "boolean", alias: "h", description: "show this" },
};

export function optionsOf(def: ArgsDef): ArgsDef {
	return { ...def, ...EVERYWHERE };
}

/** The one letter that stands for an option. */
export function letterOf(def: ArgDef): string | undefined {
	const alias = "alias" in def ? def.alias : undefined;
	return Array.isArray(alias) ? alias[0] : alias;
}

/** A positional argument that may be given again and again. */
export function takesSeveral(arg: ArgDef): boolean {
	return arg.type === "positional" && arg.valueHint?.endsWith("…") === true;
}

export function wrongCall(message: string, path?: string): StalemateError {
	return new StalemateError("BAD_OPTION", message, path === undefined ? {} : { path });
}

/**
 * Reads arguments more strictly than citty, which passes over what it does not know and keeps the last of several values:
 * unknown options, options without their value and arguments too many are errors.
 */
export function read(rawArgs: string[], def: ArgsDef, command: string): Given {
	const known = optionsOf(def);
	const names = Object.keys(known).filter((name) => known[name]!.type !== "positional");
	const options = Object.fromEntries(
		names.map((name) => {
			const short = letterOf(known[name]!);
			const type = known[name]!.type === "boolean" ? ("boolean" as const) : ("string" as const);
			return [name, { type, multiple: true, ...(short !== undefined && { short }) }];
		}),
	);
	const { tokens } = parse({ args: rawArgs, options, strict: false, allowPositionals: true, tokens: true });
	const given: Given = new Map();
	const add = (name: string, value: string) => given.set(name, [...(given.get(name) ?? []), value]);
	for (const token of tokens) {
		if (token.kind === "positional") add("", token.value);
		if (token.kind !== "option") continue;
		const { name, rawName, value, inlineValue } = token;
		if (!names.includes(name)) {
			throw wrongCall(`${command}: there is no option ${rawName}: ${optionMeant(name, names)}`, rawName);
		}
		const boolean = options[name]!.type === "boolean";
		if (boolean && value !== undefined) throw wrongCall(`${rawName} takes no value, found ${quote(value)}`, rawName);
		const swallowed = value?.startsWith("-") && value.length > 1 && !inlineValue && Number.isNaN(Number(value));
		if (!boolean && (value === undefined || value === "" || swallowed)) {
			const hint = known[name]!.valueHint;
			throw wrongCall(`${rawName} needs a value${hint ? `: ${rawName} ${hint}` : ""}`, rawName);
		}
		add(name, value ?? "");
	}
	const places = Object.entries(known).filter(([, { type }]) => type === "positional");
	const most = places.some(([, arg]) => takesSeveral(arg)) ? Number.POSITIVE_INFINITY : places.length;
	const positional = given.get("") ?? [];
	const missing = given.has("help") ? undefined : places[positional.length];
	if (missing?.[1].required) {
		throw wrongCall(`${command} needs ${missing[0].toUpperCase()}: ${missing[1].description ?? ""}`);
	}
	if (positional.length > most) {
		const many = most === 0 ? "takes no arguments" : most === 1 ? "takes one argument" : `takes ${most} arguments`;
		throw wrongCall(`${command} ${many}, found also ${quote(positional[most])}`);
	}
	return given;
}

function optionMeant(name: string, names: string[]): string {
	return suggestion(
		`--${name}`,
		names.filter((other) => other !== "help").map((other) => `--${other}`),
	);
}

/** The last value given for an option that is meant to be given once. */
export function one(given: Given, name: string): string | undefined {
	const values = given.get(name) ?? [];
	if (values.length > 1) throw wrongCall(`--${name} was given ${values.length} times: once is enough`, name);
	return values[0];
}

/** All values of an option that may be repeated or given as a list with commas. */
export function list(given: Given, name: string): string[] {
	return (given.get(name) ?? []).flatMap((value) => value.split(",")).filter((value) => value !== "");
}

const COUNT = /^(\d[\d_,]*(?:\.\d+)?(?:e\d+)?)([kmg])?$/i;
const SCALES: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9 };

/** A number of things: 500000, 500_000, 500k, 1.5M, 2e6; k, M and G are thousands, millions and thousand millions. */
export function count(given: Given, name: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
	const text = one(given, name);
	if (text === undefined) return undefined;
	const parts = COUNT.exec(text);
	const scale = SCALES[parts?.[2]?.toLowerCase() ?? ""] ?? 1;
	const value = parts ? Math.round(Number(parts[1]!.replace(/[_,]/g, "")) * scale * 1e6) / 1e6 : Number.NaN;
	if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
	const range =
		most === Number.MAX_SAFE_INTEGER
			? `from ${least} on is valid, also as 500k or 2M`
			: `from ${least} to ${most} is valid`;
	throw wrongCall(`--${name} is ${quote(text)}: a whole number ${range}`, name);
}

/** One of several words. */
export function word<W extends string>(given: Given, name: string, words: readonly W[]): W | undefined {
	const text = one(given, name);
	if (text === undefined || words.includes(text as W)) return text as W | undefined;
	throw wrongCall(`--${name} is ${quote(text)}: ${words.join(", ")} are valid; ${suggestion(text, words)}`, name);
}

export function flag(given: Given, name: string): boolean {
	return given.has(name);
}
