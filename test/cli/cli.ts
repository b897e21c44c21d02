/** The built command line, as a process of its own. */

import { type SpawnOptionsWithoutStdio, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DIST_SOURCES, hashOf, isFresh } from "../../scripts/stamp.mjs";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const CLI = join(ROOT, "dist/cli.js");

if (!existsSync(CLI)) {
	const build = spawnSync(process.execPath, [join(ROOT, "scripts/build.mjs")], { encoding: "utf8" });
	if (build.status !== 0)
		throw new Error(`dist/cli.js is missing and cannot be built:\n${build.stdout}${build.stderr}`);
} else if (!isFresh("build/dist.stamp", hashOf(DIST_SOURCES))) {
	console.warn(
		"dist/ IS OLDER THAN ITS SOURCES: what is tested here is the last build (npm run build makes a new one)",
	);
}

export interface Outcome {
	status: number | null;
	stdout: string;
	stderr: string;
}

export interface How extends SpawnOptionsWithoutStdio {
	/** Given to standard input, which ends after it. */
	input?: string | Uint8Array;
	/** Called with the process when it has written something to standard error or output. */
	during?: (child: ReturnType<typeof spawn>) => void;
}

export function run(command: string, args: string[], { input, during, ...options }: How = {}): Promise<Outcome> {
	return new Promise((resolve, reject) => {
		const env = { ...process.env, NO_COLOR: undefined, ...options.env };
		const child = spawn(command, args, { ...options, env });
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.on("error", reject);
		child.on("close", (status) => resolve({ status, stdout, stderr }));
		// A program that does not read its input closes it early.
		child.stdin.on("error", () => {});
		if (during) during(child);
		else child.stdin.end(input);
	});
}

/** Waits until a process has had so many seconds of processor, however busy the machine is; elsewhere than on Linux so many of time. */
export async function hasWorked(child: ReturnType<typeof spawn>, seconds: number): Promise<void> {
	const stat = `/proc/${child.pid}/stat`;
	const ticks = () => {
		const [, , , , , , , , , , , user, system] = readFileSync(stat, "latin1")
			.replace(/^.*\) /, "")
			.split(" ");
		return Number(user) + Number(system);
	};
	if (!existsSync(stat)) await sleep(seconds * 1000);
	else while (child.exitCode === null && existsSync(stat) && ticks() < seconds * 100) await sleep(20);
}

/** `stalemate` with arguments. */
export function stalemate(args: string[], how?: How): Promise<Outcome> {
	return run(process.execPath, [CLI, ...args], how);
}

/** The same; whatever does not succeed silently is a failure of the test. */
export async function succeeds(args: string[], how?: How): Promise<string> {
	const { status, stdout, stderr } = await stalemate(args, how);
	if (status !== 0 || stderr !== "") throw new Error(`stalemate ${args.join(" ")}: exit code ${status}: ${stderr}`);
	return stdout;
}
