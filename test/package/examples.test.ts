// examples/, as somebody has them who copies a folder and installs the package in it.

import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { newProject, type Project, ROOT } from "./project.ts";

let project: Project;

function copied(name: string): Project {
	const copy = newProject();
	cpSync(join(ROOT, "examples", name), copy.folder, { recursive: true });
	return copy;
}

/** The same protocol without the line that makes it right. */
function breakProtocol(): void {
	const file = join(project.folder, "protocol.scn");
	const text = readFileSync(file, "utf8");
	expect(text).toContain("cache.flush K\n");
	writeFileSync(file, text.replace("cache.flush K\n", "\n"));
}

describe("examples/node-sweep", () => {
	beforeAll(() => {
		project = copied("node-sweep");
	});

	test("finds the caches that nothing smaller beats", () => {
		const { status, stdout, stderr } = project.run("npm", "start", "--silent");
		expect(stderr.replace(/^npm warn.*\n/gm, "")).toBe("");
		expect(status).toBe(0);
		expect(stdout.trimEnd().split("\n").slice(-3)).toEqual([
			"16K, 16 ways: 23712 misses, 5.93 cycles",
			"32K, 4 ways: 21058 misses, 5.90 cycles",
			"64K, 4 ways: 20069 misses, 5.88 cycles",
		]);
	});

	test("says in one line what is wrong with its arguments", () => {
		for (const [code, ...args] of [
			["IO", "nowhere.din"],
			["UNKNOWN_PROFILE", "sweep.js", "pa8801"],
		]) {
			const { status, stdout, stderr } = project.run(process.execPath, "sweep.js", ...args);
			expect([status, stdout]).toEqual([2, ""]);
			expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .*\\n$`));
		}
	});
});

describe("examples/vitest-matcher", () => {
	const suite = () => project.run(process.execPath, join("node_modules/vitest/vitest.mjs"), "run", "--no-color");

	beforeAll(() => {
		project = copied("vitest-matcher");
		// The guide's, too.
		const guide = readFileSync(join(ROOT, "docs/embedding.md"), "utf8");
		const [, text] = /^```js protocol\.test\.js\n(.*?)^```$/ms.exec(guide)!;
		project.write({ "guide.test.js": text! });
		symlinkSync(join(ROOT, "node_modules/vitest"), join(project.folder, "node_modules/vitest"), "junction");
	});

	test("passes", () => {
		const { status, stdout, stderr } = suite();
		expect(status, stdout + stderr).toBe(0);
		expect(stdout).toMatch(/Tests +6 passed/);
	});

	test("fails with the schedule once the protocol is wrong", () => {
		breakProtocol();
		const { status, stdout, stderr } = suite();
		expect(status).toBe(1);
		expect(stdout).toMatch(/Tests +2 failed \| 4 passed/);
		expect(stderr).toContain("give-page-to-user pa8800 sc is STALE");
		expect(stderr).toContain(" 9  user: load r1 <- U *** STALE");
	});

	test("has types", () => {
		project.write({
			"typed.ts": `
				import { expect } from "vitest";
				import "stalemate/vitest";
				expect("scenario x").toBeSafeOn("pa8800", { model: "tso", bounds: { states: 9 } });
				expect("scenario x").not.toBeSafeOn("pa8800");
				// @ts-expect-error a profile is needed
				expect("scenario x").toBeSafeOn();
				// @ts-expect-error not a model
				expect("scenario x").toBeSafeOn("pa8800", { model: "power" });`,
		});
		const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
		const options = ["--module", "nodenext", "--target", "es2022", "--strict", "--skipLibCheck", "--noEmit"];
		const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")];
		const { status, stdout } = project.run(process.execPath, tsc, ...options, ...types, "typed.ts");
		expect(stdout).toBe("");
		expect(status).toBe(0);
	});
});

describe("examples/ci", () => {
	let command: string;
	/** As runners do: what GitHub's do, without the network. */
	const step = () => project.run("sh", "-e", "-c", command);

	beforeAll(() => {
		project = copied("ci");
		const workflow = parse(readFileSync(join(project.folder, ".github/workflows/protocol.yml"), "utf8"));
		const { steps } = workflow.jobs.check as { steps: { run?: string }[] };
		command = steps.map(({ run }) => run ?? "").find((run) => run.includes("stalemate"))!;
	});

	test("passes while no schedule is a hazard", () => {
		const { status, stdout } = step();
		expect(stdout).toContain("3 runs, all as expected");
		expect(status).toBe(0);
	});

	test("fails on a hazard, with its schedule in the log and all of them on a page", () => {
		breakProtocol();
		const { status, stdout } = step();
		expect(status).toBe(1);
		expect(stdout).toContain("load r1 <- U *** STALE");
		expect(existsSync(join(project.folder, "hazards.html"))).toBe(true);
	});

	test("fails on a scenario that is none", () => {
		project.write({ "protocol.scn": "scenario x\n  actor\n" });
		const { status, stderr } = step();
		expect(status).toBe(2);
		expect(stderr).toMatch(/error\[SCENARIO_SYNTAX\]: protocol\.scn:2:8/);
	});
});
