/** Projects of users: folders with nothing in them but the package, installed from its tarball. */

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject } from "vitest";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Project {
	readonly folder: string;
	/** The package in it. */
	readonly installed: string;
	/** Writes files, by their paths in it. */
	write(files: Record<string, string>): void;
	run(command: string, ...args: string[]): SpawnSyncReturns<string>;
	/** Runs Node, which has to succeed in silence, and returns what it printed, as JSON. */
	node(...args: string[]): unknown;
}

/** Makes one, which is gone after the tests. Offline: a package that needs another would not install. */
export function newProject(manifest: object = { type: "module" }): Project {
	const folder = mkdtempSync(join(dirname(inject("tarball")), "project-"));
	const project: Project = {
		folder,
		installed: join(folder, "node_modules/stalemate"),
		write(files) {
			for (const [name, text] of Object.entries(files)) {
				mkdirSync(dirname(join(folder, name)), { recursive: true });
				writeFileSync(join(folder, name), text);
			}
		},
		run: (command, ...args) =>
			spawnSync(command, args, {
				cwd: folder,
				encoding: "utf8",
				shell: process.platform === "win32",
				env: { ...process.env, NODE_OPTIONS: "", npm_config_offline: "true" },
			}),
		node(...args) {
			const { status, stdout, stderr } = project.run(process.execPath, ...args);
			expect(stderr).toBe("");
			expect(status).toBe(0);
			return JSON.parse(stdout);
		},
	};
	project.write({ "package.json": JSON.stringify({ name: "project", private: true, ...manifest }) });
	const flags = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
	const { status, stderr } = project.run("npm", "install", ...flags, inject("tarball"));
	if (status !== 0) throw new Error(stderr);
	return project;
}

export function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}
