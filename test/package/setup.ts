import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
	interface ProvidedContext {
		/** What `npm pack` made. */
		tarball: string;
	}
}

/** Builds dist/ when it is older than its sources, and packs it: these tests know nothing else of the package. */
export function setup(project: TestProject): () => void {
	const root = fileURLToPath(new URL("../..", import.meta.url));
	const build = spawnSync(process.execPath, [join(root, "scripts/build.mjs"), "--if-stale"], { stdio: "inherit" });
	if (build.status !== 0) throw new Error("the package does not build");
	const folder = mkdtempSync(join(tmpdir(), "stalemate-packed-"));
	const pack = spawnSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], {
		cwd: root,
		encoding: "utf8",
		shell: process.platform === "win32",
	});
	if (pack.status !== 0) throw new Error(`the package cannot be packed: ${pack.stderr}`);
	project.provide("tarball", join(folder, readdirSync(folder)[0]!));
	return () => rmSync(folder, { recursive: true, force: true });
}
