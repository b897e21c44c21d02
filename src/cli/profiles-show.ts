import { type ArgsDef, defineCommand } from "citty";
import { applySets, loadSync, type ProvenanceRow, provenance } from "../index.ts";
import { isOfMachine, rangeText, unitText, valueText } from "../report/profile.ts";
import { left, PAGE, right, table, wrap } from "../report/table.ts";
import { flag, type Given, one } from "./arguments.ts";
import type { Command } from "./help.ts";
import { machineOptions } from "./machines.ts";
import { pricing } from "./pricing.ts";
import { out, print } from "./terminal.ts";

const args: ArgsDef = {
	name: { type: "positional", required: true, description: "id of a profile: see stalemate profiles list" },
	set: machineOptions.set,
	json: { type: "boolean", description: "print it as JSON: what --profile-file reads" },
};

export const show: Command = {
	def: defineCommand({
		meta: {
			name: "show",
			description: "Shows every number of a profile with its range, how it is known, and its source.",
		},
		args,
		async run({ data }) {
			const given = data as Given;
			const sets = given.get("set") ?? [];
			const { machineNamed } = await pricing();
			const base = machineNamed(one(given, "")!, "NAME");
			const profile = sets.length > 0 ? applySets(base, sets) : base;
			// What cannot be simulated is refused.
			loadSync().simulator(profile);
			if (flag(given, "json")) return print(JSON.stringify(profile, undefined, "\t"));
			print(out.bold(`${profile.id}: ${profile.title}`));
			for (const text of profile.notes ?? []) print(wrap(text, PAGE).join("\n"));
			print("");
			printRows(provenance(profile).filter(isOfMachine));
		},
	}),
	name: "profiles show",
	examples: [
		"stalemate profiles show broadwell",
		"stalemate profiles show e500v2 --set caches.L2.size=1M",
		"stalemate profiles show e500v2 --json > mine.json",
	],
};

/** Sources stand in the last column, over as many lines as they take. */
function printRows(rows: ProvenanceRow[]): void {
	const columns = [left("value of"), ...right(""), left(""), left("known as")];
	const lines = table(
		columns,
		rows.map((row) => [row.path, valueText(row), unitText(row), row.basis ?? ""]),
	);
	const indent = Math.max(...lines.map((line) => line.length)) + 2;
	for (const [i, line] of lines.entries()) {
		const row = rows[i - 1];
		if (!row) {
			print(out.dim(line));
			continue;
		}
		const text = [rangeText(row), row.source].filter(Boolean).join("; ");
		const [first = "", ...more] = wrap(text, PAGE - indent);
		print(`${line.padEnd(indent)}${out.dim(first)}`.trimEnd());
		for (const rest of more) print(" ".repeat(indent) + out.dim(rest));
	}
}
