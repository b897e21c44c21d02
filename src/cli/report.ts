import { type ArgsDef, defineCommand } from "citty";
import { quote } from "../input/words.ts";
import type { Section } from "../report/html.ts";
import { many, bytes as size } from "../report/numbers.ts";
import { left, right } from "../report/table.ts";
import { type Given, one, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { writeText } from "./input.ts";
import { readResult } from "./results.ts";

const args: ArgsDef = {
	results: {
		type: "positional",
		required: true,
		valueHint: "RESULT…",
		description:
			"JSON of trace, check, explain, cost, reproduce or compare, folders and files of sweeps; - is standard input",
	},
	output: {
		type: "string",
		alias: "o",
		valueHint: "FILE",
		description: "the page to write (default: standard output)",
	},
	title: { type: "string", valueHint: "TEXT", description: "what the page is called" },
};

export const report: Command = {
	def: defineCommand({
		meta: { name: "report", description: "Writes results as one page: tables, plots and where the numbers come from." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "report",
	more: ["The page is one HTML file without scripts. It refers to nothing, so it opens without a network."],
	examples: [
		"stalemate trace app.packed --every 100k --json | stalemate report - -o trace.html",
		"stalemate check --all --json > catalogue.json",
		'stalemate report catalogue.json l1 -o all.html --title "Before the merge"',
		"stalemate report l1/results.parquet -o sweep.html",
	],
};

async function run(given: Given): Promise<void> {
	const paths = given.get("") ?? [];
	const file = one(given, "output") ?? "-";
	if (file !== "-" && paths.includes(file))
		throw wrongCall(`-o is ${quote(file)}, a result itself: give another file`, "-o");
	const twice = paths.find((path, i) => paths.indexOf(path) !== i);
	if (twice !== undefined) throw wrongCall(`${twice} is named twice: once is enough`, twice);
	const { folded, page, sheet } = await import("../report/html.ts");
	const { resultSections } = await import("../report/results.ts");
	const sections: Section[] = [];
	const rows: string[][] = [];
	for (const [i, path] of paths.entries()) {
		const { hash, length, ...result } = await readResult(path);
		const found = resultSections(result, `r${i + 1}`);
		sections.push(...found.sections);
		rows.push([result.name, found.by, size(length), hash]);
	}
	const columns = [left("file"), left("by"), ...right("size"), left("SHA-256")];
	const title = one(given, "title") ?? (sections.length === 1 ? sections[0]!.title : many(sections.length, "result"));
	const text = page(title, sections, [folded("What this page was made of", [sheet("Files", { columns, rows })])]);
	if (file === "-") process.stdout.write(text);
	else await writeText(file, text);
}
