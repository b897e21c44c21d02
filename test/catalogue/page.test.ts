import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, run } from "../cli/cli.ts";

test("docs/catalogue.md is what runs of the whole catalogue give", { timeout: 180_000 }, async () => {
	const { status, stderr } = await run(process.execPath, [join(ROOT, "scripts/catalogue.mjs"), "--check"]);
	expect(stderr).toBe("");
	expect(status).toBe(0);
	// The page that check --all --html has written meanwhile.
	const html = readFileSync(join(ROOT, "build/catalogue.html"), "utf8");
	for (let row = 1; row <= 66; row++) expect(html).toContain(`>L${String(row).padStart(2, "0")}</th>`);
	expect(html).toContain("all as expected");
	expect(html).not.toMatch(/class="wrong"|undefined|NaN/);
});
