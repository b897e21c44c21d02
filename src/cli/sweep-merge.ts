import { type ArgsDef, defineCommand } from "citty";
import { many } from "../report/numbers.ts";
import { type Given, one, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { formatsOf, sweeping } from "./sweeping.ts";
import { print } from "./terminal.ts";

const args: ArgsDef = {
	folders: {
		type: "positional",
		required: true,
		valueHint: "FOLDER…",
		description: "the shards of a sweep, or the folder of an array",
	},
	output: { type: "string", alias: "o", valueHint: "FOLDER", description: "new folder for the whole" },
	format: {
		type: "string",
		valueHint: "NAME[,NAME…]",
		description: "parquet, csv, json (default: those of the shards)",
	},
};

export const merge: Command = {
	def: defineCommand({
		meta: { name: "merge", description: "Puts the shards of a sweep together: every point once, or an error." },
		args,
		async run({ data }) {
			const given = data as Given;
			const to = one(given, "output");
			if (to === undefined) throw wrongCall("sweep merge needs -o FOLDER", "--output");
			const { mergeSweeps } = await sweeping();
			const { formats } = formatsOf(given);
			const { points, files } = await mergeSweeps(given.get("") ?? [], to, formats);
			print([many(points, "point"), ...files].join("\n"));
		},
	}),
	name: "sweep merge",
	examples: ["stalemate sweep merge part1 part2 part3 -o whole", "stalemate sweep merge array -o whole"],
};
