// Everything that README.md and docs/ tell people to type, typed: in a folder with nothing but the package as it is
// installed. A block `text` after another is what that one prints.

import { spawnSync } from "node:child_process";
import {
	chmodSync,
	copyFileSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI, ROOT, run } from "../cli/cli.ts";

interface Block {
	language: string;
	/** What stands after the language: the name of a file, or `browser`. */
	word: string;
	text: string;
	line: number;
	/** The block after it, if that is `text`. */
	prints: string | undefined;
}

const PAGES = [
	"README.md",
	...(readdirSync(join(ROOT, "docs"), { recursive: true }) as string[])
		.filter((name) => name.endsWith(".md"))
		.map((name) => `docs/${name}`)
		.sort(),
];
const RUN = ["sh", "js", "json"];

function blocksOf(page: string): Block[] {
	const markdown = readFileSync(join(ROOT, page), "utf8");
	const all = [...markdown.matchAll(/^```(\w*) ?(\S*)\n(.*?)^```$/gms)].map((found): Block => {
		const [, language = "", word = "", text = ""] = found;
		return { language, word, text, line: markdown.slice(0, found.index).split("\n").length, prints: undefined };
	});
	for (const [i, block] of all.entries()) if (all[i + 1]?.language === "text") block.prints = all[i + 1]!.text;
	return all.filter(({ language, word }) => RUN.includes(language) || (language === "scenario" && word !== ""));
}

const hasValgrind = spawnSync("valgrind", ["--version"]).status === 0;
if (!hasValgrind)
	console.warn("THERE IS NO VALGRIND HERE: the guides are tried with a stand-in that writes a made-up trace");

/** A program called valgrind that writes as much lackey text as is needed to go on. */
const STAND_IN = `#!/bin/sh
out=/dev/fd/9
for word in "$@"; do case $word in --log-file=*) out=\${word#--log-file=};; esac; done
i=0
while [ $i -lt 2000 ]; do printf 'I  %x,4\\n L %x,8\\n' $((4194304 + i % 64 * 4)) $((268435456 + i * 24)); i=$((i + 1)); done > "$out"
`;

/** What a page with a file input and an output does, once a file is chosen. */
const PAGE_BEFORE = `const elements = {};
globalThis.document = { querySelector: (name) => (elements[name] ??= {}) };
`;
const PAGE_AFTER = `
import { openAsBlob } from "node:fs";
await elements.input.onchange({ target: { files: [await openAsBlob("app.packed")] } });
if (!/^\\d+ references, \\d+ L1D misses$/.test(elements.output.textContent)) throw new Error(elements.output.textContent);
`;

/** A folder with nothing but the package in it, as it is installed. */
function install(): string {
	const cwd = mkdtempSync(join(tmpdir(), "stalemate-docs-"));
	const installed = join(cwd, "node_modules/stalemate");
	mkdirSync(installed, { recursive: true });
	cpSync(join(ROOT, "dist"), join(installed, "dist"), { recursive: true });
	copyFileSync(join(ROOT, "package.json"), join(installed, "package.json"));
	writeFileSync(join(cwd, "package.json"), '{ "type": "module", "private": true }');
	return cwd;
}

describe.each(PAGES)("%s", (page) => {
	const blocks = blocksOf(page);
	let cwd: string;
	let env: NodeJS.ProcessEnv;

	beforeAll(() => {
		cwd = install();
		const bin = join(cwd, "node_modules/.bin");
		const cli = join(cwd, "node_modules/stalemate/dist/cli.js");
		mkdirSync(bin);
		chmodSync(cli, 0o755);
		symlinkSync(cli, join(bin, "stalemate"));
		// What pages about a checkout take from it.
		if (page.startsWith("docs/threads/")) symlinkSync(join(ROOT, "scenarios"), join(cwd, "scenarios"));
		if (!hasValgrind) writeFileSync(join(bin, "valgrind"), STAND_IN, { mode: 0o755 });
		env = {
			...process.env,
			PATH: `${bin}${delimiter}${process.env.PATH}`,
			npm_config_offline: "true",
			NODE_OPTIONS: "",
		};
	});
	afterAll(() => rmSync(cwd, { recursive: true }));

	it("links to files that are there", () => {
		const folder = join(ROOT, page, "..");
		for (const [, path] of readFileSync(join(ROOT, page), "utf8").matchAll(/\]\(([^)#:]+)[^):]*\)/g)) {
			expect(() => readFileSync(join(folder, path!)), path).not.toThrow();
		}
	});

	it.each(blocks)("line $line ($language)", { timeout: 60_000 }, async ({ language, word, text, line, prints }) => {
		if (word !== "" && word !== "browser") {
			if (language === "json") JSON.parse(text);
			writeFileSync(join(cwd, word), text);
			return;
		}
		let outcome: Awaited<ReturnType<typeof run>>;
		if (language === "js") {
			const file = `line-${line}.js`;
			writeFileSync(join(cwd, file), word === "browser" ? PAGE_BEFORE + text + PAGE_AFTER : text);
			outcome = await run(process.execPath, [file], { cwd, env });
		} else {
			// The package is there already, as npm would have put it.
			const script = text.replace(/^npm install stalemate$/m, "true").replaceAll("npx stalemate", "stalemate");
			outcome = await run("sh", ["-ec", script], { cwd, env });
		}
		expect(outcome.stderr).not.toContain("error");
		expect(outcome.status, outcome.stderr).toBe(0);
		if (prints !== undefined) expect(trimmed(outcome.stdout)).toBe(trimmed(prints));
	});
});

function trimmed(text: string): string {
	return text.trimEnd().replace(/[ \t]+$/gm, "");
}

const EXAMPLES = readdirSync(join(ROOT, "examples")).filter((name) => name.endsWith(".mjs"));

describe.each(EXAMPLES)("examples/%s", (name) => {
	it("runs, and ends with what it is about", async () => {
		const cwd = install();
		copyFileSync(join(ROOT, "examples", name), join(cwd, name));
		const { status, stdout, stderr } = await run(process.execPath, [name], { cwd });
		rmSync(cwd, { recursive: true });
		expect(status, stderr).toBe(0);
		expect(trimmed(stdout).split("\n").at(-1)).toMatch(/^ {2}STALE: line 0 of frame P$/);
	});
});

describe("the two commands", () => {
	const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

	it("are scripts of the package", () => {
		expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["start", "test"]));
	});

	it("npm start prints the demo, the catalogue's verdicts and the published tables", { timeout: 120_000 }, async () => {
		const { status, stdout, stderr } = await run(process.execPath, [join(ROOT, "scripts/start.mjs")]);
		const demo = await run(process.execPath, [CLI, "demo"]);
		const tables = await run(process.execPath, [CLI, "reproduce", "--short"]);
		expect(status, stderr).toBe(0);
		expect(stdout.startsWith(demo.stdout)).toBe(true);
		expect(stdout).toMatch(/^66 rows, .*, all as expected/m);
		expect(stdout.endsWith(tables.stdout)).toBe(true);
	});
});
