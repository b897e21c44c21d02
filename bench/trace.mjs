// How fast traces are simulated, beside C and beside plain JavaScript, in one run: `npm run bench [-- --rounds 15]`.
// Prints the table that it writes to bench/RESULTS.md. A contender that counts otherwise than the others fails the run; a
// target that is missed does not, unless --strict is given.

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { compile, gccVersion } from "./gcc.mjs";
import { SOURCES } from "./paths.mjs";
import { report, rowsOf } from "./report.mjs";
import { Contender, interleave } from "./rounds.mjs";
import { measureStart } from "./start.mjs";
import { prepare, traceFiles, trustedCounts } from "./traces.mjs";

const rounds = Number(option("--rounds") ?? 15);
if (!(rounds >= 7)) throw new Error("--rounds: at least 7");

const gcc = gccVersion();
if (!gcc) console.error("\n*** No gcc: C is NOT measured, and what is to be compared with it is not compared. ***\n");
const program = gcc ? compile() : undefined;
const trusted = trustedCounts();

const rows = [];
for (const file of traceFiles()) rows.push(...(await measure(await prepare(file))));
const missed = report({ rows, start: measureStart(rounds), gcc, rounds });
if (missed > 0 && process.argv.includes("--strict")) process.exitCode = 1;

/** All contenders on one trace. */
async function measure(trace) {
	const ours = (name) =>
		new Contender(name, process.execPath, [join(SOURCES, "contender.mjs"), name, JSON.stringify(trace)]);
	const contenders = {
		core: ours("core"),
		alone: ours("alone"),
		coherent: ours("coherent"),
		...(!trace.runs && {
			...(program && { c: new Contender("C", program, [trace.records]) }),
			javascript: ours("javascript"),
			translated: ours("translated"),
			text: ours("text"),
			packed: ours("packed"),
		}),
	};
	try {
		const { times, processor, counts } = await interleave(contenders, rounds);
		check(trace, counts);
		return rowsOf(trace, times, processor);
	} finally {
		for (const contender of Object.values(contenders)) contender.end();
	}
}

/** All count the same, and what others count where that is known. */
function check({ name, references }, { core, translated, alone: _, coherent: __, ...others }) {
	const fail = (what) => {
		throw new Error(`${name}: wrong counts: ${what}`);
	};
	for (const [contender, { caches }] of Object.entries(others)) {
		if (!isDeepStrictEqual(caches, core.caches)) fail(`${contender} has ${caches}, the core ${core.caches}`);
	}
	if (!translated) return;
	// Translation changes what the physically indexed levels see, but neither how many references there are nor a first
	// level whose sets lie within a page.
	if (!isDeepStrictEqual(translated.fills.slice(0, 2), core.fills.slice(0, 2))) fail("first levels, when translated");
	if (translated.tlbs[0].accesses + translated.tlbs[1].accesses !== references) fail("accesses of the TLBs");
	const known = trusted[name];
	if (!known) return;
	const b2 = ["L1I", "L1D", "L2", "L3"].flatMap((cache) => {
		const { rd, rdm, wr = 0, wrm = 0, wb = 0 } = known.b2[cache];
		return [rd, rdm, wr, wrm, wb];
	});
	if (!isDeepStrictEqual(core.caches, b2)) fail(`the core has ${core.caches}, Dinero IV ${b2}`);
	for (const [i, tlb] of ["ITLB", "DTLB", "STLB"].entries()) {
		if (translated.tlbs[i].misses !== known.tlb[tlb].miss) fail(`${tlb} is not as in drcachesim`);
	}
}

function option(name) {
	const at = process.argv.indexOf(name);
	return at < 0 ? undefined : process.argv[at + 1];
}
