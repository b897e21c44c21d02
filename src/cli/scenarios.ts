import { type ArgsDef, defineCommand } from "citty";
import { lengthOf, PAGE, table, wrap } from "../report/table.ts";
import { flag, type Given, one } from "./arguments.ts";
import { checking, readTests } from "./checking.ts";
import type { Command } from "./help.ts";
import { out, print } from "./terminal.ts";

const json: ArgsDef = { json: { type: "boolean", description: "print it as JSON" } };

const showArgs: ArgsDef = {
	name: { type: "positional", required: true, description: "name or row: see stalemate scenarios list" },
	...json,
};

const list: Command = {
	def: defineCommand({
		meta: { name: "list", description: "Lists the scenarios that ship." },
		args: json,
		run: ({ data }) => printList(flag(data as Given, "json")),
	}),
	name: "scenarios list",
	examples: ["stalemate scenarios list", "stalemate scenarios list --json"],
};

const show: Command = {
	def: defineCommand({
		meta: { name: "show", description: "Prints a scenario that ships, to read or to change." },
		args: showArgs,
		run: ({ data }) => printOne(data as Given),
	}),
	name: "scenarios show",
	examples: ["stalemate scenarios show L02", "stalemate scenarios show clean-alias > mine.scn"],
};

export const scenarios: Command = {
	def: defineCommand({
		meta: { name: "scenarios", description: "The catalogue of scenarios that ship: lists them, or prints one." },
		args: json,
		run: ({ data }) => printList(flag(data as Given, "json")),
	}),
	name: "scenarios",
	examples: ["stalemate scenarios list", "stalemate scenarios show L02", "stalemate check L02"],
	commands: [list, show],
};

async function printList(asJson: boolean): Promise<void> {
	const { catalogue } = await checking();
	const entries = catalogue();
	if (asJson) {
		const rows = entries.map(({ scenario: { params }, text: _, ...entry }) => ({ ...entry, params }));
		return print(JSON.stringify(rows, undefined, "\t"));
	}
	const left = (title: string) => ({ title, align: "left" as const });
	const cells = entries.map(({ row, name, thread }) => [row ?? "", name, thread]);
	const bare = table([left("row"), left("name"), left("about")], cells, (text, row, column) =>
		row < 0 ? out.dim(text) : column === 1 ? out.bold(text) : text,
	);
	const indent = Math.max(...bare.map(lengthOf)) + 2;
	print(bare[0]!);
	for (const [i, line] of bare.slice(1).entries()) {
		const [first = "", ...rest] = wrap(entries[i]!.story, PAGE - indent);
		print(line + " ".repeat(indent - lengthOf(line)) + first);
		for (const more of rest) print(" ".repeat(indent) + more);
	}
	print(
		"\n`stalemate check L02` checks one, `stalemate explain L02` tells how it goes wrong, `check --all` checks the rows.",
	);
}

async function printOne(given: Given): Promise<void> {
	const { isLitmus, scenarioToJson } = await checking();
	const [test] = await readTests([one(given, "")!]);
	if (!flag(given, "json")) process.stdout.write(test!.text);
	else if (!isLitmus(test!.source)) print(JSON.stringify(scenarioToJson(test!.source), undefined, "\t"));
}
