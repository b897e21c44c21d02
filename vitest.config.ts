import { defineConfig } from "vitest/config";

// unit: the sources. package, browser: what is built from them, packed and installed as users get it.
// With --mode full some tests leave nothing out (npm run test:reductions).
// long: those of the sources that one does not wait for all day.
const LONG = [
	"test/docs/docs.test.ts",
	"test/report/report.test.ts",
	"test/boundary/drift.test.ts",
	"test/curves/one-pass.test.ts",
	"test/sweep/durable.test.ts",
	"test/sweep/cluster.test.ts",
	"test/catalogue/page.test.ts",
	"test/catalogue/reductions.test.ts",
	"test/check/bounds.test.ts",
	"test/check/programs.test.ts",
	"test/cli/cost.test.ts",
	"test/core/packed.test.ts",
	"test/cost/tables.test.ts",
	"test/machine/oracle.test.ts",
	"test/mechanisms/mechanisms.test.ts",
];

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
					exclude: ["test/package/**", "test/browser/**", ...LONG],
				},
			},
			{
				test: {
					name: "long",
					env: { STALEMATE_TESTS: mode === "full" ? "full" : "" },
					testTimeout: 120_000,
					include: LONG,
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
					testTimeout: 60_000,
					hookTimeout: 60_000,
				},
			},
		],
	},
}));
