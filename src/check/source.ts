import { StalemateError } from "../errors.ts";
import { quote } from "../input/words.ts";
import type { Litmus } from "../litmus/litmus.ts";
import { parseLitmus } from "../litmus/parse.ts";
import { parseScenario, type ReadOptions, type Scenario, scenarioFromJson } from "../scenario/index.ts";

/** What can be checked: a scenario as text or data, or a litmus test. */
export type Checkable = string | Scenario | Litmus;

/** What a text says, told by how it begins: a scenario, its JSON form, or a litmus test of herd's. */
export function parseSource(text: string, options: ReadOptions = {}): Scenario | Litmus {
	const start = /^\uFEFF?(?:\s+|#[^\n]*\n)*(\S*)/.exec(text.slice(0, 65_536))?.[1] ?? "";
	if (start.startsWith("{")) return scenarioFromJson(text);
	// Names of architectures begin with a capital letter, OCaml's comments with a parenthesis.
	return /^([A-Z]|\(\*)/.test(start) ? parseLitmus(text, options) : parseScenario(text, options);
}

/** Whether a source is a litmus test of herd's. */
export function isLitmus(source: Scenario | Litmus): source is Litmus {
	return "threads" in source;
}

export function sourceOf(source: Checkable): Scenario | Litmus {
	if (typeof source === "string") return parseSource(source);
	if (source !== null && typeof source === "object" && ("actors" in source || "threads" in source)) return source;
	const made = typeof source === "function" ? "a function: call it" : quote(source);
	const what = "a scenario or a litmus test is valid, as text or as what parseSource and mechanisms give";
	throw new StalemateError("BAD_OPTION", `source is ${made}; ${what}`, { path: "source" });
}
