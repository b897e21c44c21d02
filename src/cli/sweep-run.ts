import { basename, dirname } from "node:path";
import { type ArgsDef, defineCommand } from "citty";
import { type Given, one } from "./arguments.ts";
import type { Command } from "./help.ts";
import { formatsOf, limitOf, limitOptions, sweeping, withProgress, workOptions } from "./sweeping.ts";

const args: ArgsDef = {
	spec: { type: "positional", required: true, description: "specification of a sweep, JSON or YAML" },
	output: {
		type: "string",
		alias: "o",
		valueHint: "FOLDER",
		description: "new folder for it (default: SPEC without its endings)",
	},
	format: { type: "string", valueHint: "NAME[,NAME…]", description: "parquet (default), csv, json" },
	inputs: {
		type: "string",
		valueHint: "FOLDER",
		description: "what the paths in SPEC start from (default: the folder of SPEC)",
	},
	...limitOptions,
	...workOptions,
};

export const run: Command = {
	def: defineCommand({
		meta: { name: "run", description: "Runs a sweep into a new folder: a journal while it runs, results in the end." },
		args,
		async run({ data }) {
			const given = data as Given;
			const file = one(given, "")!;
			const { shard } = limitOf(given);
			const name = basename(file).replace(/(\.sweep)?\.(json|ya?ml)$/i, "");
			const folder = one(given, "output") ?? `${name}${shard ? `.${shard.index}-of-${shard.count}` : ""}.out`;
			const { readSpec, runSweep } = await sweeping();
			const spec = await readSpec(file);
			await withProgress(given, folder, (options) => {
				return runSweep(spec, folder, {
					...options,
					...limitOf(given),
					...formatsOf(given),
					inputs: one(given, "inputs") ?? dirname(file),
				});
			});
		},
	}),
	name: "sweep run",
	more: [
		"Killed at any moment, it is gone on with by stalemate sweep resume FOLDER. Exit codes: 0 every point is there, 1 some " +
			"failed (their rows say why), 2 the call or its input is wrong.",
	],
	examples: [
		"stalemate sweep run l1.sweep.yaml -o l1",
		"stalemate sweep run l1.sweep.yaml -o l1 --format csv,parquet --workers 2 --timeout 60",
		"stalemate sweep run l1.sweep.yaml -o part2 --shard 2/8",
	],
};
