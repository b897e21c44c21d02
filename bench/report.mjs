// Figures as a table: on the terminal, and in bench/RESULTS.md.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { GCC_OPTIONS } from "./gcc.mjs";
import { ROOT, SOURCES } from "./paths.mjs";
import { median, ratio } from "./rounds.mjs";

/** What each contender is held against, and the least it should reach. */
const COMPARISONS = [
	["core", "c", 0.9, "(a) records in memory / C"],
	["core", "javascript", 2, "(a) records in memory / JavaScript"],
	["translated", "core", 0.5, "(b) with TLBs, first-touch translation / (a)"],
	["text", "core", 0.3, "(c) text on disk / (a)"],
	["packed", "c", 0.6, "(d) packed on disk, checksums verified / C"],
	["coherent", "alone", 0.3, "(e) MESI, 4 CPUs / the same on one CPU"],
];

export function rowsOf({ name, references }, times, processor) {
	return COMPARISONS.filter(([who, other]) => times[who] && times[other]).map(([who, other, target, what]) => {
		const rate = (contender) => references / median(times[contender]) / 1e3;
		return {
			name,
			what,
			rate: rate(who),
			other: rate(other),
			ratio: ratio(times[who], times[other]),
			worked: ratio(processor[who], processor[other]),
			target,
		};
	});
}

/** Returns how many targets were missed. */
export function report({ rows, start, gcc, rounds }) {
	const lines = [
		"# How fast traces are simulated",
		"",
		"Written by `npm run bench` (bench/trace.mjs). The machine simulated is compat-dinero-b2: L1 2 x 32 KB 8-way, L2 256 KB 8-way,",
		"L3 2 MB 16-way, 64-byte lines, LRU, write-back. Rates are millions of references per second by the clock; a ratio is the",
		`median over ${rounds} interleaved rounds of the ratios within a round, beside it the same of processor time (of all threads).`,
		"(e): four CPUs share the L3. Of a trace of one CPU each takes a quarter, in turns of 1000 references; counters is of three.",
		"",
		...environment(gcc).map((line) => `- ${line}`),
		"",
		"| Trace | What | M refs/s | against | ratio | of processor time | target | |",
		"|---|---|---:|---:|---:|---:|---:|---|",
		...rows.map(
			(row) =>
				`| ${row.name} | ${row.what} | ${row.rate.toFixed(0)} | ${row.other.toFixed(0)} | ${row.ratio.toFixed(2)} | ${row.worked.toFixed(2)} | ${row.target} | ${verdict(row.ratio >= row.target)} |`,
		),
		"",
		...(gcc ? [] : ["**C was not measured: no gcc.**", ""]),
		`(f) From loading the module to the first result: ${start.total.toFixed(1)} ms (target: below 10) ${verdict(start.total < 10)}`,
		`(${start.parts.map(([name, time]) => `${name} ${time.toFixed(1)}`).join(", ")})`,
		"",
		...sizes(),
	];
	const text = `${lines.join("\n")}\n`;
	console.log(text);
	writeFileSync(join(SOURCES, "RESULTS.md"), text);
	return rows.filter((row) => row.ratio < row.target).length + (start.total < 10 ? 0 : 1);
}

function verdict(met) {
	return met ? "met" : "**missed**";
}

function environment(gcc) {
	return [
		`${cpus()[0]?.model.trim()} (${cpus().length} CPUs), Node ${process.version}`,
		gcc ? `${gcc}, ${GCC_OPTIONS.join(" ")}` : "no gcc",
		`${new Date().toISOString().slice(0, 10)}, on top of commit ${commit()}`,
	];
}

/** Read from the files, so that a benchmark never takes git's locks. */
function commit() {
	const read = (file) =>
		existsSync(join(ROOT, ".git", file)) ? readFileSync(join(ROOT, ".git", file), "utf8").trim() : "";
	const head = read("HEAD");
	const branch = /^ref: (.*)/.exec(head)?.[1];
	const hash = branch ? read(branch) || new RegExp(`^(\\w+) ${branch}$`, "m").exec(read("packed-refs"))?.[1] : head;
	return hash?.slice(0, 10) || "unknown";
}

function sizes() {
	const bundle = ["dist/stalemate.min.js", "dist/min/index.js"];
	const rows = [["dist/core.wasm"], bundle].map((files) => {
		const parts = files.map((file) => readFileSync(join(ROOT, file)));
		const sum = (sizeOf) => parts.reduce((total, part) => total + sizeOf(part), 0);
		return `| ${files.join(" + ")} | ${sum((part) => part.length)} | ${sum((part) => gzipSync(part, { level: 9 }).length)} |`;
	});
	return ["| File | bytes | gzipped |", "|---|---:|---:|", ...rows];
}
