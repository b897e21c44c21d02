// How fast traces are simulated, beside C and beside plain JavaScript, in one run: `npm run bench [-- --rounds 15]`.
// Prints the table that it writes to bench/RESULTS.md. A contender that counts otherwise than the others fails the run; a
// target that is missed does not (--strict: it does).

import { isDeepStrictEqual } from "node:util";
import { feed } from "../build/js/src/trace/read.js";
import { openTrace } from "../build/js/src/trace/trace.js";
import { cachesOnly, comparable, inMemory, simulator, translated } from "./machine.mjs";
import { compile, gccVersion, Native } from "./native.mjs";
import { plain } from "./plain.mjs";
import { report, rowsOf } from "./report.mjs";
import { cpuMilliseconds, interleave } from "./rounds.mjs";
import { measureStart } from "./start.mjs";
import { prepare, traceFiles, trustedCounts } from "./traces.mjs";

const rounds = Number(option("--rounds") ?? 15);
if (!(rounds >= 7)) throw new Error("--rounds: at least 7");

const gcc = gccVersion();
if (!gcc) console.error("\n*** No gcc: C is NOT measured, and what is compared with it says nothing. ***\n");
const program = gcc ? compile() : undefined;
const files = traceFiles();
if (files.length === 0) throw new Error("no trace found");
const trusted = await trustedCounts();

const results = [];
for (const file of files) results.push(await measure(await prepare(file)));
const missed = report({ results, start: measureStart(rounds), gcc, rounds });
if (missed > 0 && process.argv.includes("--strict")) process.exitCode = 1;

/** All contenders on one trace. */
async function measure(trace) {
	const { records } = trace;
	const native = program ? new Native(program, trace.recordsFile) : undefined;
	const counts = {};
	const held = (name, make) => async () => {
		const machine = make();
		const milliseconds = cpuMilliseconds(() => machine.run());
		counts[name] = machine.counts();
		return milliseconds;
	};
	const fromDisk = (name, file) => async () => {
		const before = process.cpuUsage();
		const machine = simulator(cachesOnly);
		const opened = openTrace(file);
		await feed(machine.reader(await opened.format()), opened);
		counts[name] = machine.counts();
		const { user, system } = process.cpuUsage(before);
		return (user + system) / 1e3;
	};
	const contenders = {
		...(native && {
			c: async () => {
				const { milliseconds, counts: counted } = await native.run();
				counts.c = counted;
				return milliseconds;
			},
		}),
		core: held("core", () => inMemory(cachesOnly, records)),
		javascript: held("javascript", () => plain(records)),
		translated: held("translated", () => inMemory(translated, records)),
		...(trace.format !== "packed" && { text: fromDisk("text", trace.plain) }),
		packed: fromDisk("packed", trace.packed),
	};
	// Two rounds for the compilers of V8 to see what is hot.
	await interleave(contenders, 2);
	const times = await interleave(contenders, rounds);
	native?.end();
	check(trace.name, records.length, counts);
	return { trace, times, rows: rowsOf(trace, times) };
}

/** All count the same, and what others count where that is known. */
function check(name, references, counts) {
	const seen = Object.fromEntries(
		["c", "core", "javascript", "text", "packed"]
			.filter((contender) => counts[contender])
			.map((contender) => [contender, counts[contender].caches ? comparable(counts[contender]) : counts[contender]]),
	);
	for (const [contender, count] of Object.entries(seen)) {
		if (!isDeepStrictEqual(count, seen.core)) {
			throw new Error(`${name}: ${contender} counts ${JSON.stringify(count)}, the core ${JSON.stringify(seen.core)}`);
		}
	}
	// Translation changes what the physically indexed levels see, but neither how many references there are nor a first
	// level whose sets lie within a page.
	const { caches, tlbs } = counts.translated;
	for (const i of [0, 1]) {
		if (caches[i].fills !== counts.core.caches[i].fills)
			throw new Error(`${name}: first levels differ when translated`);
	}
	if (tlbs[0].accesses + tlbs[1].accesses !== references)
		throw new Error(`${name}: references are missing in the TLBs`);
	trust(name, seen.core, tlbs);
}

function trust(name, core, tlbs) {
	const known = trusted[name];
	if (!known) return;
	for (const [cache, counted] of Object.entries(core)) {
		const { rd, rdm, wr = 0, wrm = 0, wb = 0 } = known.b2[cache];
		if (!isDeepStrictEqual(counted, [rd, rdm, wr, wrm, wb])) throw new Error(`${name}: ${cache} is not as trusted`);
	}
	for (const [i, tlb] of ["ITLB", "DTLB", "STLB"].entries()) {
		if (tlbs[i].misses !== known.tlb[tlb].miss) throw new Error(`${name}: ${tlb} is not as trusted`);
	}
}

function option(name) {
	const at = process.argv.indexOf(name);
	return at < 0 ? undefined : process.argv[at + 1];
}
