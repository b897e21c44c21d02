import { defineCommand } from "citty";
import type { Command } from "./help.ts";
import { help } from "./help.ts";
import { diff } from "./sweep-diff.ts";
import { merge } from "./sweep-merge.ts";
import { plan } from "./sweep-plan.ts";
import { resume } from "./sweep-resume.ts";
import { run } from "./sweep-run.ts";
import { show } from "./sweep-show.ts";
import { submit } from "./sweep-submit.ts";
import { work } from "./sweep-work.ts";
import { out, print } from "./terminal.ts";

export const sweep: Command = {
	def: defineCommand({
		meta: { name: "sweep", description: "Runs many machines, traces or scenarios, on every core, and loses no row." },
		args: {},
		run: () => print(help(sweep, out)),
	}),
	name: "sweep",
	more: [
		"What to sweep is written in a file, JSON or YAML: a verb, inputs, axes, filters and the outputs wanted. Paths in it start " +
			"from its folder.",
	],
	examples: [
		"stalemate sweep plan l1.sweep.yaml",
		"stalemate sweep run l1.sweep.yaml -o l1",
		"stalemate sweep show l1 --heat profile.caches.L1D.size,profile.caches.L1D.ways,L1D.missRatio",
	],
	commands: [run, plan, resume, show, diff, submit, work, merge],
};
