import { type ArgsDef, defineCommand } from "citty";
import type { SectionId } from "../cost/index.ts";
import { PAGE } from "../report/table.ts";
import { flag, type Given, one, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { writeText } from "./input.ts";
import { pricing, setsOf, sharedOf, whatIfOptions, wholes } from "./pricing.ts";
import { out, print } from "./terminal.ts";

const IDS = ["S0", "S1", "S2", "S3", "S4"] as const;

const args: ArgsDef = {
	which: {
		type: "positional",
		required: false,
		valueHint: "S0…",
		description:
			"tables: S0 parisc flushes, S1 KVM on e500, S2 TLB shootdown, S3 vhost metadata, S4 vhost synchronisation",
	},
	...whatIfOptions,
	line: { type: "string", valueHint: "BYTES[,BYTES…]", description: "lengths of lines, for S0 (default 16,32,64,128)" },
	short: { type: "boolean", description: "the tables alone: no plots, breakdowns and notes" },
	svg: { type: "string", valueHint: "PREFIX", description: "draw the plots: PREFIX-S2-1.svg and so on" },
	json: { type: "boolean", description: "print the tables as JSON" },
};

export const reproduceCommand: Command = {
	def: defineCommand({
		meta: { name: "reproduce", description: "The tables of five mailing-list threads, published beside simulated." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "reproduce",
	more: [
		"Each figure says how it is known: documented, calibrated (constants were fitted to published figures, named in the JSON), " +
			"estimated, predicted. With another machine, the figures of the measured one stand beside.",
	],
	examples: [
		"stalemate reproduce",
		"stalemate reproduce S2 --threads 8,16,32",
		"stalemate reproduce S2 S4 --pti",
		"stalemate reproduce S4 --swap nvme",
		"stalemate reproduce --json > tables.json",
	],
};

async function run(given: Given): Promise<void> {
	const { loadCost, reproductionText, tableSvgs } = await pricing();
	const which = (given.get("") ?? []).map((text): SectionId => {
		const id = IDS.find((one) => one === text.toUpperCase());
		if (id === undefined)
			throw wrongCall(`there is no table ${JSON.stringify(text)}: ${IDS.join(", ")} are valid`, text);
		return id;
	});
	const threads = wholes(given, "threads", 1, 64);
	const lines = wholes(given, "line", 8, 4096);
	const profile = one(given, "profile");
	const sets = setsOf(given);
	const core = await loadCost();
	const found = core.reproduce(which.length > 0 ? which : undefined, {
		...sharedOf(given),
		...(profile !== undefined && { profile }),
		...(sets.length > 0 && { sets }),
		...(threads && { threads }),
		...(lines && { lines }),
	});
	if (flag(given, "json")) {
		const cells = found.sections.flatMap(({ tables }) => tables.flatMap((table) => table.cells));
		print(JSON.stringify({ ...found, cells }, undefined, "\t"));
	} else {
		const width = process.stdout.columns || PAGE;
		print(reproductionText(found, { style: out, width, long: !flag(given, "short") }).join("\n"));
	}
	const prefix = one(given, "svg");
	if (prefix === undefined) return;
	for (const { id, tables } of found.sections) {
		let number = 0;
		for (const svg of tables.flatMap((table) => tableSvgs(id, table)))
			await writeText(`${prefix}-${id}-${++number}.svg`, svg);
	}
}
