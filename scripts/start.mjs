// What `npm start` shows: the sample trace on three machines, the catalogue's verdicts in a line, and the published tables
// beside simulated ones.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./stamp.mjs";

/** @param {string[]} args @param {import("node:child_process").StdioOptions} stdio */
function stalemate(args, stdio) {
	const child = spawnSync(process.execPath, [join(ROOT, "dist/cli.js"), ...args], {
		cwd: ROOT,
		stdio,
		encoding: "utf8",
		maxBuffer: 1 << 26,
	});
	if (child.status !== 0) process.exitCode = child.status ?? 1;
	return child;
}

stalemate(["demo"], "inherit");
console.log("\nThe catalogue (`stalemate check --all`):");
const { status, stdout, stderr } = stalemate(["check", "--all"], "pipe");
// Where something is not as expected, all of it.
console.log(status === 0 ? stdout.trimEnd().split("\n").at(-1) : stdout + stderr);
console.log("\nThe published tables (`stalemate reproduce` tells more):\n");
stalemate(["reproduce", "--short", ...process.argv.slice(2)], "inherit");
