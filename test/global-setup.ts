import { existsSync } from "node:fs";
import { buildCore } from "../scripts/build-core.mjs";
import { buildGrammar } from "../scripts/build-grammar.mjs";

/**
 * Tests import the sources, and those import the generated core: make it once, before any worker starts. A core that does
 * not build should not keep anybody from testing the rest with the last one that did; `npm test` stops at it before.
 */
export async function setup(): Promise<void> {
	await buildGrammar();
	try {
		await buildCore();
	} catch (error) {
		if (!existsSync(new URL("../bindings/generated/core.ts", import.meta.url))) throw error;
		console.error(
			`\n${error instanceof Error ? error.message : error}\nTHE CORE DOES NOT BUILD: testing with an older one\n`,
		);
	}
}
