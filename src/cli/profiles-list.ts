import { type ArgsDef, defineCommand } from "citty";
import { listProfiles, type ProfileRow } from "../index.ts";
import { lengthOf, PAGE, table, wrap } from "../report/table.ts";
import { flag, type Given } from "./arguments.ts";
import type { Command } from "./help.ts";
import { pricing } from "./pricing.ts";
import { out, print } from "./terminal.ts";

const args: ArgsDef = { json: { type: "boolean", description: "print them as JSON" } };

export const list: Command = {
	def: defineCommand({
		meta: { name: "list", description: "Lists the profiles that ship." },
		args,
		async run({ data }) {
			await printList(flag(data as Given, "json"));
		},
	}),
	name: "profiles list",
	examples: ["stalemate profiles list", "stalemate profiles list --json"],
};

export async function printList(json: boolean): Promise<void> {
	const rows = listProfiles();
	if (json) return print(JSON.stringify(rows, undefined, "\t"));
	const { derivedNames } = await pricing();
	print(listing(rows, derivedNames()).join("\n"));
}

function listing(rows: ProfileRow[], derived: string[]): string[] {
	const columns = [
		{ title: "profile", align: "left" as const },
		{ title: "caches", align: "left" as const },
		{ title: "founded" },
		{ title: "guessed" },
	];
	const cells = rows.map((row) => [row.id, row.caches, String(row.founded), String(row.guessed)]);
	const [titles = "", ...bare] = table(columns, cells, (text, row, column) => {
		if (row < 0) return out.dim(text);
		return column === 0 ? out.bold(text) : text;
	});
	const indent = Math.max(...[titles, ...bare].map(lengthOf)) + 2;
	const lines = [titles];
	for (const [i, line] of bare.entries()) {
		const [first = "", ...rest] = wrap(rows[i]!.title, PAGE - indent);
		lines.push(line + " ".repeat(indent - lengthOf(line)) + first, ...rest.map((more) => " ".repeat(indent) + more));
	}
	const legend =
		"caches: level 1 (instruction + data), level 2, level 3. founded: numbers that are documented, measured or computed from " +
		"such; guessed: known in general or estimated. `stalemate profiles show NAME` prints all of them with their sources. " +
		`\`cost\` and \`reproduce\` also take ${derived.join(", ")}, derived from the one of that name.`;
	return [...lines, "", ...wrap(legend, PAGE)];
}
