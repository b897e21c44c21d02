// What each entry may weigh, gzipped: with all that it loads at once. `npm test` looks; a limit is raised with a reason.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseAst } from "rollup/parseAst";

const ROOT = import.meta.dirname;

/** A script and what it imports at its start. @param {string} entry */
function loadedBy(entry) {
	const files = [join(ROOT, "dist", entry)];
	for (const file of files) {
		for (const { source } of parseAst(readFileSync(file, "utf8").replace(/^#!.*/, "")).body) {
			const next = source && join(dirname(file), source.value);
			if (source?.value.startsWith(".") && !files.includes(next)) files.push(next);
		}
	}
	return files.map((file) => relative(ROOT, file));
}

const limits = {
	// What is promised; of the others, what they weigh and a little.
	"stalemate.min.js": "60 kB",
	"index.js": "66 kB",
	"check.js": "185 kB",
	"cost.js": "180 kB",
	"matcher.js": "186 kB",
	"sweep-browser.js": "90 kB",
	"sweep-worker-browser.js": "76 kB",
	"cli.js": "102 kB",
};

export default Object.entries(limits).map(([entry, limit]) => ({
	name: entry,
	path: loadedBy(entry),
	limit,
	gzip: true,
}));
