// What a bundle holds is what its program uses, as far as two bundlers can tell.

import { join } from "node:path";
import { build } from "esbuild";
import { rollup } from "rollup";
import { beforeAll, describe, expect, test } from "vitest";
import { newProject, type Project } from "./project.ts";

let project: Project;

beforeAll(() => {
	project = newProject();
});

/** The files behind entries: rollup alone looks for no packages. */
const FILES: Record<string, string> = {
	stalemate: "index.js",
	"stalemate/check": "check.js",
	"stalemate/cost": "cost.js",
	"stalemate/sweep/browser": "sweep-browser.js",
};

/** What is loaded at once, and what may be loaded after it. */
interface Bundle {
	first: string;
	later: string;
}

const bundlers: Record<string, (program: string) => Promise<Bundle>> = {
	async rollup(program) {
		const text = program.replace(/"(stalemate[^"]*)"/, (_, entry) => `"./node_modules/stalemate/dist/${FILES[entry]}"`);
		project.write({ "rollup.js": text });
		const bundle = await rollup({ input: join(project.folder, "rollup.js"), onLog() {} });
		const { output } = await bundle.generate({ format: "es" });
		await bundle.close();
		const chunks = output.filter((file) => file.type === "chunk");
		const loaded = chunks.filter(({ isEntry }) => isEntry);
		for (const { imports } of loaded) {
			loaded.push(...chunks.filter((chunk) => imports.includes(chunk.fileName) && !loaded.includes(chunk)));
		}
		const later = chunks.filter((chunk) => !loaded.includes(chunk));
		return { first: loaded.map(({ code }) => code).join(), later: later.map(({ code }) => code).join() };
	},
	async esbuild(program) {
		project.write({ "esbuild.js": program });
		// Without splitting, all that may be loaded later is in it.
		const { outputFiles } = await build({
			absWorkingDir: project.folder,
			entryPoints: ["esbuild.js"],
			bundle: true,
			minify: true,
			write: false,
			format: "esm",
			charset: "utf8",
		});
		return { first: outputFiles[0]!.text, later: "" };
	},
};

/** What gives a part of the package away. */
const PARTS = {
	wasm: /asm(\\x01|\\u0001|\p{Cc})/u,
	search: /exploreBuild/,
	catalogue: /kunmap-by-age/,
	sweeps: /BAD_SWEEP/,
};

describe.each(Object.entries(bundlers))("%s", (bundler, bundle) => {
	test("leaves nothing of what is imported and not used", async () => {
		const { first, later } = await bundle('import { load } from "stalemate";\nconsole.log("nothing");');
		expect(first.trim()).toMatch(/^console\.log\("nothing"\);$/);
		expect(later).toBe("");
	});

	test.each([
		["VERSION", "stalemate", 6_000, ["wasm", "search", "catalogue", "sweeps"]],
		["packRecord", "stalemate", 6_000, ["wasm", "search", "catalogue", "sweeps"]],
		["StalemateError", "stalemate", 6_000, ["wasm", "search", "catalogue", "sweeps"]],
		["parseProfile", "stalemate", 45_000, ["wasm", "search", "catalogue", "sweeps"]],
		["load", "stalemate", 250_000, ["sweeps", "catalogue", ...(bundler === "rollup" ? ["search"] : [])]],
		["parseScenario", "stalemate/check", 320_000, ["wasm", "search", "catalogue", "sweeps"]],
		["loadCheck", "stalemate/check", 580_000, ["catalogue", "sweeps"]],
		["pareto", "stalemate/sweep/browser", 30_000, ["wasm", "search", "catalogue"]],
	] as const)("keeps of %s from %s what it needs", async (name, entry, bytes, not) => {
		const { first } = await bundle(`import { ${name} } from "${entry}";\nconsole.log(${name});`);
		if (bundler === "rollup" || name !== "load") expect(first.length).toBeLessThan(bytes);
		for (const part of not) expect(first).not.toMatch(PARTS[part as keyof typeof PARTS]);
	});

	test("would show the parts that are not to be there", async () => {
		const { first } = await bundle(
			'import { catalogue, loadCheck } from "stalemate/check";\nconsole.log(catalogue, loadCheck);',
		);
		for (const part of ["wasm", "search", "catalogue"] as const) expect(first).toMatch(PARTS[part]);
		const sweeps = await bundle('import { sweep } from "stalemate/sweep/browser";\nconsole.log(sweep);');
		expect(sweeps.first).toMatch(PARTS.sweeps);
	});
});
