// What `npm start` shows: the sample trace on three machines, side by side.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./stamp.mjs";

const cli = join(ROOT, "dist/cli.js");
if (existsSync(cli)) {
	const child = spawnSync(process.execPath, [cli, "demo", ...process.argv.slice(2)], { cwd: ROOT, stdio: "inherit" });
	process.exitCode = child.status ?? 1;
} else {
	console.log("stalemate is built; the command line is not there yet");
	console.log("profiles: broadwell, e500v2, pa8800");
}
