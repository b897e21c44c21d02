// Chromium for the browser tests: the one that is there, or Debian's, installed when this is root on such a system.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @returns {{ path: string } | { why: string }} where it is, or why there is none */
export function ensureChromium() {
	const path = find();
	if (path) return { path };
	if (process.getuid?.() !== 0) return { why: "no Chromium here, and only root can install it" };
	if (!existsSync("/usr/bin/apt-get")) return { why: "no Chromium here, and no apt-get to install it" };
	console.log("installing Chromium (apt-get)");
	for (const args of [["update"], ["install", "--yes", "--no-install-recommends", "chromium"]]) {
		const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
		const run = spawnSync("apt-get", ["-qq", ...args], { encoding: "utf8", env, timeout: 300_000 });
		if (run.status !== 0) return { why: `apt-get ${args[0]} failed: ${run.stderr.trim().split("\n").at(-1)}` };
	}
	const installed = find();
	return installed ? { path: installed } : { why: "Chromium was installed but is nowhere to be found" };
}

function find() {
	const wanted = process.env.CHROMIUM;
	return wanted && existsSync(wanted) ? wanted : PLACES.find((path) => existsSync(path));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const found = ensureChromium();
	console.log("path" in found ? found.path : found.why);
	process.exitCode = "path" in found ? 0 : 1;
}
