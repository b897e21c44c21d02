import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What a script imports, and what that imports. */
function importsOf(script: string, found = new Set<string>()): Set<string> {
	const text = readFileSync(new URL(`../../scripts/${script}`, import.meta.url), "utf8");
	for (const [, path = ""] of text.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g)) {
		if (!found.has(path)) {
			found.add(path);
			if (path.startsWith("./")) importsOf(path, found);
		}
	}
	return found;
}

test("the set-up of a bare clone needs only what Node brings", () => {
	for (const path of importsOf("setup.mjs")) expect(path).toMatch(/^(node:|\.\/)/);
});
