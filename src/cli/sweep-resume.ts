import { type ArgsDef, defineCommand } from "citty";
import { flag, type Given, one } from "./arguments.ts";
import type { Command } from "./help.ts";
import { redisOption, sweeping, withProgress, workOptions } from "./sweeping.ts";

const args: ArgsDef = {
	folder: { type: "positional", required: true, description: "folder of a sweep that ended early" },
	"retry-failed": { type: "boolean", description: "run points again that failed" },
	redis: redisOption,
	...workOptions,
};

export const resume: Command = {
	def: defineCommand({
		meta: { name: "resume", description: "Goes on with a sweep: no finished point is lost, and none is run again." },
		args,
		async run({ data }) {
			const given = data as Given;
			const folder = one(given, "")!;
			const { resumeSweep } = await sweeping();
			await withProgress(given, folder, (options) => {
				const redis = one(given, "redis");
				return resumeSweep(folder, {
					...options,
					...(redis !== undefined && { redis }),
					retryFailed: flag(given, "retry-failed"),
				});
			});
		},
	}),
	name: "sweep resume",
	examples: ["stalemate sweep resume l1", "stalemate sweep resume l1 --retry-failed --timeout 600"],
};
