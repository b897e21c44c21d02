// Sweeps as job arrays of Slurm: each task runs a shard into a folder of its own on a file system that all nodes see.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { StalemateError } from "../../index.ts";
import { optionsOf } from "../../input/options.ts";
import { arrayOptions } from "../options.ts";
import { badJournal } from "../problem.ts";
import { checkSpec } from "../read.ts";
import type { ResultFormat } from "../results.ts";
import type { SweepSpec } from "../types.ts";
import { writeWhole } from "./files.ts";
import { setupFile, timingsFile } from "./folder.ts";
import { planSweep } from "./run.ts";

/** How a sweep is handed to Slurm. */
export interface SubmitArrayOptions {
	/** What the paths of inputs start from. Default: the working directory. */
	inputs?: string;
	/** Points that there may be. */
	limit?: number;
	/** Tasks of the array, at most. Default 16. */
	tasks?: number;
	/** Threads of a task; default: the CPUs that Slurm gives it. */
	workers?: number;
	formats?: readonly ResultFormat[];
	/** More options of sbatch: `--partition=long`. */
	sbatch?: readonly string[];
	/** The program that tasks run: `node` and the command line of this package. */
	command: readonly string[];
	/** Only write the script. */
	dry?: boolean;
}

/** What was handed to Slurm. */
export interface SubmittedArray {
	script: string;
	/** Of Slurm; undefined: nothing was submitted. */
	job?: string;
	/** Tasks submitted: those that have not finished. */
	tasks: number[];
	/** Tasks that have. */
	finished: number[];
}

/** Folders of the shards of an array, where `folder` is one's. */
export async function partsOf(folder: string): Promise<string[] | undefined> {
	const parts = join(folder, "parts");
	if (existsSync(setupFile(folder)) || !existsSync(parts)) return undefined;
	const names = await readdir(parts);
	return names.sort((a, b) => Number(a) - Number(b)).map((name) => join(parts, name));
}

/**
 * Writes a job array for a sweep into a folder and submits it. Where there is one already, what has not finished is submitted
 * again: each task goes on where it ended. Throws what planSweep does, and IO where there is no Slurm.
 */
export async function submitArray(spec: SweepSpec, to: string, given: SubmitArrayOptions): Promise<SubmittedArray> {
	const options = optionsOf(arrayOptions(), given);
	const folder = resolve(to);
	if (existsSync(setupFile(folder))) throw badJournal(folder, "there is a sweep in it: give another folder");
	const inputs = resolve(options.inputs ?? ".");
	const { units } = await planSweep(checkSpec(spec), { inputs, ...(options.limit && { limit: options.limit }) });
	const file = join(folder, "sweep.spec.json");
	const script = join(folder, "task.sh");
	const count = Math.min(options.tasks ?? 16, units.length);
	const text = `${JSON.stringify({ spec, inputs, count }, undefined, "\t")}\n`;
	await mkdir(join(folder, "logs"), { recursive: true });
	await mkdir(join(folder, "parts"), { recursive: true });
	if (existsSync(file)) {
		const before = JSON.parse(await readFile(join(folder, "array.json"), "utf8"));
		if (JSON.stringify(before) !== JSON.stringify(JSON.parse(text))) {
			throw badJournal(folder, "there is the array of another sweep in it: give another folder");
		}
	}
	await writeWhole(join(folder, "array.json"), text);
	await writeWhole(file, `${JSON.stringify(spec, undefined, "\t")}\n`);
	await writeWhole(script, scriptOf(folder, file, inputs, count, options));
	await chmod(script, 0o755);
	const all = Array.from({ length: count }, (_, i) => i + 1);
	const finished = all.filter((task) => existsSync(timingsFile(join(folder, "parts", String(task)))));
	const tasks = all.filter((task) => !finished.includes(task));
	if (tasks.length === 0 || options.dry) return { script, tasks, finished };
	const words = ["--parsable", `--array=${ranges(tasks)}`, ...(options.sbatch ?? []), script];
	try {
		const { stdout } = await promisify(execFile)("sbatch", words);
		return { script, job: stdout.trim().split(";")[0]!, tasks, finished };
	} catch (cause) {
		const { code, stderr, message } = cause as NodeJS.ErrnoException & { stderr?: string };
		const why = code === "ENOENT" ? "there is no sbatch here" : (stderr?.trim().split("\n").at(-1) ?? message);
		throw new StalemateError(
			"IO",
			`Slurm did not take the array: ${why}. The script is ${script}; by hand: sbatch ${words.slice(1).join(" ")}`,
			{ file: script },
			{ cause },
		);
	}
}

function scriptOf(
	folder: string,
	spec: string,
	inputs: string,
	count: number,
	{ command, workers, formats }: SubmitArrayOptions,
): string {
	const program = command.map(quoted).join(" ");
	const format = formats ? ` --format ${formats.join(",")}` : "";
	return `#!/bin/sh
#SBATCH --job-name=stalemate-sweep
#SBATCH --output=${join(folder, "logs").replaceAll("%", "%%")}/%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
threads=${workers ?? "$SLURM_CPUS_PER_TASK"}
part=${quoted(join(folder, "parts"))}/$SLURM_ARRAY_TASK_ID
# Slurm runs a task once at a time: who has locked its folder has gone, with the node perhaps.
rm -f "$part/lock"
if [ -e "$part/sweep.json" ]; then
	exec ${program} sweep resume "$part" --workers "\${threads:-1}" --json
fi
exec ${program} sweep run ${quoted(spec)} --inputs ${quoted(inputs)} -o "$part" \\
	--shard "$SLURM_ARRAY_TASK_ID/${count}" --yes --workers "\${threads:-1}"${format} --json
`;
}

function quoted(word: string): string {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** 1,2,3,5 as 1-3,5. */
function ranges(numbers: number[]): string {
	const found: [number, number][] = [];
	for (const number of numbers) {
		const last = found.at(-1);
		if (last && last[1] === number - 1) last[1] = number;
		else found.push([number, number]);
	}
	return found.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(",");
}
