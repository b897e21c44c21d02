// build/page -> dist-page/: the playground, its workers, and what they share.

import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import { common, esm, licences, quiet } from "./rollup.config.mjs";

const js = "build/page/page";

/** @type {import("rollup").RollupOptions} */
export default {
	...common,
	input: {
		main: `${js}/main.js`,
		"check-worker": `${js}/workers/check.js`,
		"trace-worker": `${js}/workers/trace.js`,
		"cost-worker": `${js}/workers/cost.js`,
		offline: `${js}/offline.js`,
	},
	plugins: [
		nodeResolve({ browser: true }),
		esm(),
		quiet(),
		terser({ module: true, ecma: 2020, keep_classnames: true }),
		licences(),
	],
	output: {
		dir: "dist-page",
		format: "es",
		entryFileNames: "[name].js",
		// Flat: a worker is found beside whichever file starts it.
		chunkFileNames: "[name]-[hash].js",
	},
};
