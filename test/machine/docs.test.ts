import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../cli/cli.ts";

const page = readFileSync(join(ROOT, "docs/machine.md"), "utf8");
const named = [...page.matchAll(/`([\w/-]+\.ts)` `(\w+)\(\)`/g)].map(([, file = "", name = ""]) => ({ file, name }));

test("docs/machine.md names the rules of the source", () => {
	expect(named.length).toBeGreaterThan(40);
});

test.each(named)("$file has $name()", ({ file, name }) => {
	const path = /^(bindings|src)\//.test(file) ? file : `assembly/${file}`;
	const source = readFileSync(join(ROOT, path), "utf8");
	expect(source).toMatch(new RegExp(`^\\s*(export )?(@inline )?(function )?${name}(<[^>]*>)?\\(`, "m"));
});
