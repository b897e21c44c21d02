import { type ArgsDef, defineCommand } from "citty";
import { many } from "../report/numbers.ts";
import { flag, type Given, one, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { StatusLine } from "./progress.ts";
import { redisOption, sweeping, threadsOf, workOptions } from "./sweeping.ts";
import { note, print } from "./terminal.ts";

const args: ArgsDef = {
	redis: { ...redisOption, description: "where sweeps are submitted: redis://host:6379" },
	drain: { type: "boolean", description: "end when there is no sweep left (default: wait for the next)" },
	workers: workOptions.workers,
	timeout: workOptions.timeout,
};

export const work: Command = {
	def: defineCommand({
		meta: { name: "work", description: "Runs points of the sweeps that are submitted to a Redis, until Ctrl-C." },
		args,
		async run({ data }) {
			const given = data as Given;
			const redis = one(given, "redis");
			if (redis === undefined) throw wrongCall("sweep work needs --redis URL", "--redis");
			const { workSweeps } = await sweeping();
			const status = new StatusLine();
			const interrupt = interruptible();
			try {
				const { done } = await workSweeps(redis, {
					...threadsOf(given),
					drain: flag(given, "drain"),
					signal: interrupt.signal,
					onNote: (text) => {
						status.clear();
						note(`warning: ${text}`);
					},
					onProgress: (done) => status.show(() => many(done, "point")),
				});
				status.clear();
				print(many(done, "point"));
			} finally {
				status.clear();
				interrupt.done();
			}
		},
	}),
	name: "sweep work",
	more: [
		"Hosts must see the input files under the same paths, and have the same version of this package. It needs the packages " +
			"bullmq and ioredis beside it.",
	],
	examples: [
		"stalemate sweep work --redis redis://head:6379",
		"stalemate sweep work --redis redis://head:6379 --drain",
	],
};
