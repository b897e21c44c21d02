import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineCommand } from "citty";
import { load, openTrace, profile, runTogether } from "../index.ts";
import { beside } from "../report/beside.ts";
import { PAGE, wrap } from "../report/table.ts";
import type { Command } from "./help.ts";
import { out, print } from "./terminal.ts";

const MACHINES = ["broadwell", "e500v2", "pa8800"] as const;

export const demo: Command = {
	def: defineCommand({
		meta: { name: "demo", description: `Simulates a sample trace on ${MACHINES.join(", ")}, side by side.` },
		run: () => run(),
	}),
	name: "demo",
	more: [
		"The sample is a whole run of a small C program: a matrix product, a shuffled list, a hash join, a stencil and a sort " +
			"(examples/sample in the repository).",
	],
	examples: ["stalemate demo"],
};

async function run(): Promise<void> {
	const core = await load();
	const simulations = MACHINES.map((id) => core.simulator(id));
	const path = fileURLToPath(new URL("./sample.packed.gz", import.meta.url));
	// As other commands can be given it from here.
	const trace = openTrace(path, { name: relative(process.cwd(), path) });
	const results = await runTogether(simulations, trace);
	const printed = simulations.map(({ machine }, i) => ({
		profile: profile(MACHINES[i]!),
		machine,
		result: results[i]!,
	}));
	print(beside(printed, out).join("\n"));
	const next =
		"ratio: misses / look-ups at that level. Next: `stalemate trace FILE` with a trace of your own (valgrind writes them), " +
		"`stalemate profiles list`, `stalemate --help`.";
	print(["", ...wrap(next, PAGE)].join("\n"));
}
