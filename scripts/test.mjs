// Everything that must hold, in one run: lint, types, the drift check, sizes, then all tests. Goes on after a failure, and ends
// with one line that says how many passed.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureChromium } from "./ensure-chromium.mjs";
import { ROOT } from "./stamp.mjs";

const REPORT = "build/tests.json";
const total = { passed: 0, failed: 0, skipped: 0 };

/** One check that passes or fails as a whole. @param {string} title @param {string[]} command */
function check(title, command) {
	const [bin = "", ...args] = command;
	const start = Date.now();
	const ok = spawnSync(process.execPath, [join(ROOT, bin), ...args], { cwd: ROOT, stdio: "inherit" }).status === 0;
	total[ok ? "passed" : "failed"]++;
	console.log(`${ok ? "passed" : "FAILED"}: ${title} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

check("lint and format", ["node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings"]);
check("types", ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.test.json"]);
check("layout of the core and of the bindings agree", ["scripts/check-layout.mjs"]);
check("no entry weighs more than it may", ["node_modules/size-limit/bin.js", "--hide-passed"]);

const chromium = ensureChromium();
rmSync(join(ROOT, REPORT), { force: true });
const vitest = spawnSync(
	process.execPath,
	[
		join(ROOT, "node_modules/vitest/vitest.mjs"),
		"run",
		"--reporter=default",
		"--reporter=json",
		`--outputFile.json=${REPORT}`,
		...process.argv.slice(2),
	],
	{ cwd: ROOT, stdio: "inherit" },
);
try {
	const report = JSON.parse(readFileSync(join(ROOT, REPORT), "utf8"));
	total.passed += report.numPassedTests;
	total.failed += report.numFailedTests;
	total.skipped += report.numPendingTests + report.numTodoTests;
	// A file that does not load has no tests to fail.
	const lost = report.testResults.filter(
		(/** @type {{ status: string, assertionResults: [] }} */ file) =>
			file.status === "failed" && file.assertionResults.length === 0,
	);
	total.failed += lost.length;
} catch {
	console.error("vitest left no report");
}
if (vitest.status !== 0 && total.failed === 0) total.failed++;

if ("why" in chromium) {
	console.log(`\n${"!".repeat(80)}\nTHE BROWSER TESTS WERE SKIPPED: ${chromium.why}\n${"!".repeat(80)}`);
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
