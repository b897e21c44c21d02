import { type Planned, plan } from "../check/plan.ts";
import type { Scenario } from "../scenario/ast.ts";
import { files } from "../scenario/generated/catalogue.ts";
import { parseScenario } from "../scenario/index.ts";

/** A scenario that ships. */
export interface CatalogueEntry {
	/** Path under scenarios/. */
	file: string;
	/** Folder: what it is about. */
	thread: string;
	name: string;
	/** Its number, L01 to L66, if it is a row. */
	row: string | null;
	story: string;
	text: string;
	scenario: Scenario;
}

let entries: CatalogueEntry[] | undefined;

/** All scenarios that ship, rows first, in their order. */
export function catalogue(): readonly CatalogueEntry[] {
	entries ??= Object.entries(files)
		.map(([file, text]) => entryOf(file, text))
		.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
	return entries;
}

/** Every run of a scenario: all parameters, and all machines that it says something of; all models if it is about them. */
export function catalogueRuns(scenario: Scenario): Planned[] {
	const isAbstract = (scenario.profile?.profile ?? "abstract") === "abstract";
	const aboutModels = isAbstract || scenario.expects.some(({ outcomes }) => outcomes.some(({ model }) => model));
	return plan(scenario, { allParams: true, ...(aboutModels && { models: "all" }) });
}

function entryOf(file: string, text: string): CatalogueEntry {
	const scenario = parseScenario(text, { file: `scenarios/${file}` });
	const { name, row = null, story = "" } = scenario;
	return { file, thread: file.slice(0, file.indexOf("/")), name, row, story, text, scenario };
}

function orderOf({ row, file }: CatalogueEntry): string {
	return row ?? `~${file}`;
}

/** The text of one that ships, by its name, its row or its file's name; without reading the others. */
export function shippedText(wanted: string): { file: string; text: string } | undefined {
	const word = wanted.toLowerCase().replace(/\.scn$/, "");
	for (const [file, text] of Object.entries(files)) {
		const path = file.slice(0, -".scn".length).toLowerCase();
		const last = path.slice(path.indexOf("/") + 1);
		const [, row, name] = /^(l\d+)-(.*)$/.exec(last) ?? [undefined, undefined, last];
		if ([path, last, row, name].includes(word)) return { file, text };
	}
	return undefined;
}

/** Names and rows, to say what somebody may have meant. */
export function shippedNames(): string[] {
	return Object.keys(files).flatMap((file) => {
		const last = file.slice(file.indexOf("/") + 1, -".scn".length);
		const [, row, name] = /^(L\d+)-(.*)$/.exec(last) ?? [];
		return row && name ? [row, name] : [last];
	});
}
