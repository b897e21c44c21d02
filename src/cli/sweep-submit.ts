import { basename, dirname, resolve } from "node:path";
import { type ArgsDef, defineCommand } from "citty";
import { many } from "../report/numbers.ts";
import { count, flag, type Given, one, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { formatsOf, limitOf, limitOptions, redisOption, sweeping, threadsOf, withProgress } from "./sweeping.ts";
import { print } from "./terminal.ts";

const args: ArgsDef = {
	spec: { type: "positional", required: true, description: "specification of a sweep, JSON or YAML" },
	output: { type: "string", alias: "o", valueHint: "FOLDER", description: "folder for it, which all hosts see" },
	slurm: { type: "boolean", description: "write a job array of Slurm, and submit it" },
	redis: redisOption,
	tasks: { type: "string", valueHint: "N", description: "Slurm: tasks of the array, at most (default 16)" },
	sbatch: { type: "string", valueHint: "OPTION", description: "Slurm: an option for sbatch, more than once perhaps" },
	"dry-run": { type: "boolean", description: "Slurm: only write the script" },
	workers: { type: "string", valueHint: "N", description: "Slurm: threads of a task (default: the CPUs it is given)" },
	format: { type: "string", valueHint: "NAME[,NAME…]", description: "parquet (default), csv, json" },
	inputs: { type: "string", valueHint: "FOLDER", description: "what the paths in SPEC start from" },
	yes: limitOptions.yes,
	limit: limitOptions.limit,
	json: { type: "boolean", description: "tell what was submitted, or progress, as lines of JSON" },
};

export const submit: Command = {
	def: defineCommand({
		meta: { name: "submit", description: "Runs a sweep on other hosts: as a job array of Slurm, or over Redis." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "sweep submit",
	more: [
		"Slurm: submitted again into the same folder, what has not finished goes on. In the end: stalemate sweep merge FOLDER -o WHOLE.",
		"Redis: workers are started on any hosts by stalemate sweep work; results are collected here, and if this ends early by " +
			"stalemate sweep resume FOLDER --redis URL. It needs the packages bullmq and ioredis.",
	],
	examples: [
		"stalemate sweep submit l1.sweep.yaml --slurm -o array --tasks 64 --sbatch=--partition=long",
		"stalemate sweep submit l1.sweep.yaml --redis redis://head:6379 -o l1",
	],
};

async function run(given: Given): Promise<void> {
	const file = one(given, "")!;
	const folder = one(given, "output") ?? `${basename(file).replace(/(\.sweep)?\.(json|ya?ml)$/i, "")}.out`;
	const redis = one(given, "redis");
	const slurm = flag(given, "slurm");
	if ((redis === undefined) === !slurm) throw wrongCall("sweep submit needs --slurm or --redis URL: one of them");
	const { readSpec, runSweep, submitArray } = await sweeping();
	const spec = await readSpec(file);
	const { limit } = limitOf(given);
	const inputs = one(given, "inputs") ?? dirname(file);
	const common = { inputs, ...(limit !== undefined && { limit }), ...formatsOf(given) };
	if (redis !== undefined) {
		return withProgress(given, folder, (options) => runSweep(spec, folder, { ...options, ...common, redis }));
	}
	const tasks = count(given, "tasks", 1, 100_000);
	const { workers } = threadsOf(given);
	const submitted = await submitArray(spec, folder, {
		...common,
		...(tasks !== undefined && { tasks }),
		...(workers !== undefined && { workers }),
		sbatch: given.get("sbatch") ?? [],
		command: [process.execPath, resolve(process.argv[1]!)],
		dry: flag(given, "dry-run"),
	});
	if (flag(given, "json")) return print(JSON.stringify(submitted));
	const lines = [submitted.script];
	if (submitted.finished.length > 0) lines.push(`${many(submitted.finished.length, "task")} finished before`);
	if (submitted.job !== undefined) lines.push(`job ${submitted.job}: ${many(submitted.tasks.length, "task")}`);
	if (submitted.tasks.length === 0) lines.push(`all have finished: stalemate sweep merge ${folder} -o WHOLE`);
	print(lines.join("\n"));
}
