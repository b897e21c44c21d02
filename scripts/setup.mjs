// Makes a bare clone ready: packages when the lock file is not the one they were installed from, outputs when they are
// older than their sources. Node built-ins only.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { DIST_SOURCES, hashOf, isFresh, ROOT, writeStamp } from "./stamp.mjs";

const INSTALLED = "node_modules/.stalemate-lock";

const lock = hashOf(["package-lock.json"]);
if (!isFresh(INSTALLED, lock)) {
	console.log("installing packages (npm ci)");
	run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
	writeStamp(INSTALLED, lock);
}
if (!isFresh("build/dist.stamp", hashOf(DIST_SOURCES), ["dist/index.js"])) {
	console.log("building");
	run(process.execPath, [join(ROOT, "scripts/build.mjs"), "--if-stale"]);
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
	const child = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", shell: process.platform === "win32" });
	if (child.status !== 0) {
		console.error(`${command} ${args.join(" ")} failed`);
		process.exit(child.status ?? 1);
	}
}
