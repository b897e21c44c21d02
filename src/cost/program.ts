import { StalemateError } from "../errors.ts";
import { choice } from "../input/words.ts";
import type { Scenario } from "../scenario/ast.ts";
import { readScenario } from "../scenario/read.ts";
import { type Mechanism, mechanisms } from "./mechanisms.ts";

/** What can be priced: a shipped mechanism by its name, the text of a scenario, or a scenario. */
export type Priceable = string | Scenario;

const read = new Map<string, Scenario>();

/** The scenario behind it, and what a shipped mechanism brings along. */
export function programOf(what: Priceable, file?: string): { scenario: Scenario; mechanism?: Mechanism } {
	if (typeof what !== "string") return { scenario: what };
	if (what.includes("\n")) return { scenario: readScenario(what, file === undefined ? {} : { file }) };
	if (!Object.hasOwn(mechanisms, what)) {
		const names = Object.keys(mechanisms);
		const message = `there is no mechanism ${JSON.stringify(what)}: ${choice(what, names)}; a scenario's text will do, too`;
		throw new StalemateError("BAD_OPTION", message, { path: "mechanism" });
	}
	const mechanism = mechanisms[what]!;
	let scenario = read.get(what);
	if (!scenario) {
		scenario = readScenario(mechanism.text, { file: `${what}.scn` });
		read.set(what, scenario);
	}
	return { scenario, mechanism };
}
