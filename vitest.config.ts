import { defineConfig } from "vitest/config";

// unit: the sources. package, browser: what is built from them, packed and installed as users get it.
// With --mode full some tests leave nothing out (npm run test:reductions).
export default defineConfig(({ mode }) => ({
	test: {
		globalSetup: ["test/global-setup.ts"],
		maxWorkers: 2,
		projects: [
			{
				test: {
					name: "unit",
					env: { STALEMATE_TESTS: mode === "full" ? "full" : "" },
					// Properties take their time on a busy machine.
					testTimeout: 60_000,
					include: ["test/**/*.test.ts"],
					exclude: ["test/package/**", "test/browser/**"],
				},
			},
			{
				test: {
					name: "package",
					include: ["test/package/**/*.test.ts"],
					globalSetup: ["test/package/setup.ts"],
					testTimeout: 60_000,
					hookTimeout: 120_000,
				},
			},
			{
				test: {
					name: "browser",
					include: ["test/browser/**/*.test.ts"],
					globalSetup: ["test/package/setup.ts", "test/browser/setup.ts"],
					testTimeout: 30_000,
					hookTimeout: 60_000,
				},
			},
		],
	},
}));
