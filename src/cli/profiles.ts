import { type ArgsDef, defineCommand } from "citty";
import { flag, type Given } from "./arguments.ts";
import type { Command } from "./help.ts";
import { list, printList } from "./profiles-list.ts";
import { show } from "./profiles-show.ts";

const args: ArgsDef = { json: { type: "boolean", description: "print them as JSON" } };

export const profiles: Command = {
	def: defineCommand({
		meta: {
			name: "profiles",
			description: "The machines that can be simulated: lists them, or shows one with all its numbers.",
		},
		args,
		async run({ data }) {
			await printList(flag(data as Given, "json"));
		},
	}),
	name: "profiles",
	examples: [
		"stalemate profiles list",
		"stalemate profiles show broadwell",
		"stalemate profiles show e500v2 --json > mine.json",
	],
	commands: [list, show],
};
