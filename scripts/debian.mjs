// Programs of Debian's that tests need: those that are there, or installed when this is root on such a system.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const PLACES = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];

/** Where a program is. @param {string} name @returns {string | undefined} */
export function programAt(name) {
	return PLACES.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * @param {string[]} programs what is needed
 * @param {string[]} packages what it is in
 * @returns {string | undefined} why it is not there; undefined: it is
 */
export function ensurePrograms(programs, packages) {
	const missing = programs.filter((name) => !programAt(name));
	if (missing.length === 0) return undefined;
	const lacks = `no ${missing.join(", ")} here`;
	if (process.getuid?.() !== 0) return `${lacks}, and only root can install it`;
	if (!existsSync("/usr/bin/apt-get")) return `${lacks}, and no apt-get to install it`;
	console.log(`installing ${packages.join(", ")} (apt-get)`);
	for (const args of [["update"], ["install", "--yes", "--no-install-recommends", ...packages]]) {
		const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
		const run = spawnSync("apt-get", ["-qq", ...args], { encoding: "utf8", env, timeout: 300_000 });
		if (run.status !== 0) return `${lacks}, and apt-get ${args[0]} failed: ${run.stderr.trim().split("\n").at(-1)}`;
	}
	const still = programs.filter((name) => !programAt(name));
	return still.length === 0 ? undefined : `${still.join(", ")} installed but nowhere to be found`;
}

/** @returns {string | undefined} why there is no Redis */
export const ensureRedis = () => ensurePrograms(["redis-server"], ["redis-server"]);

/** @returns {string | undefined} why there is no Slurm; its daemons need root */
export function ensureSlurm() {
	if (process.getuid?.() !== 0) return "Slurm's daemons are started by root alone";
	return ensurePrograms(["slurmctld", "slurmd", "sbatch", "munged"], ["slurm-wlm", "munge"]);
}
