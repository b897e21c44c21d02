// One contender on one trace, in a process of its own: `node contender.mjs NAME TRACE`, TRACE as JSON (traces.mjs). As
// bench/c/trace.c does, it runs once for each line on standard input and answers with milliseconds, of time and of processors,
// and counts. What is timed is what a user waits for, less the building of the machine.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { feed } from "../build/js/src/trace/read.js";
import { openTrace } from "../build/js/src/trace/trace.js";
import { cachesOnly, coherent, comparable, inMemory, simulator, translated } from "./machine.mjs";
import { plain } from "./plain.mjs";

/** References of a CPU's turn. */
const TURN = 1000;

const contenders = {
	core: inWasm(cachesOnly),
	translated: inWasm(translated),
	alone: () => dealt(1),
	coherent: () => dealt(4),
	javascript,
	text: disk("text"),
	packed: disk("packed"),
};
const [name, json] = process.argv.slice(2);
const trace = JSON.parse(json);
const once = contenders[name]();
for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(await once()));

function inWasm(config) {
	return () => {
		const records = recordsOf(trace);
		return () => timed(inMemory(config, records));
	};
}

/**
 * The runs of the trace's CPUs; or, where it has one, of its four quarters, in turns. On coherent CPUs, or all on one that is
 * alone.
 */
function dealt(cpus) {
	const config = cpus === 1 ? cachesOnly : coherent;
	const records = recordsOf(trace);
	const runs = trace.runs ?? quarters(records);
	const own = cpus === 1 ? runs.map(({ count }) => ({ cpu: 0, count })) : runs;
	return () => timed(inMemory(config, records, own));
}

/** Deals records to four CPUs, and puts them in order. */
function quarters(records) {
	const quarter = records.length >> 2;
	const from = records.slice();
	const runs = [];
	let at = 0;
	for (let first = 0; first < quarter; first += TURN) {
		const count = Math.min(TURN, quarter - first);
		for (let cpu = 0; cpu < 4; cpu++, at += count) {
			records.set(from.subarray(cpu * quarter + first, cpu * quarter + first + count), at);
			runs.push({ cpu, count });
		}
	}
	return runs;
}

function javascript() {
	const records = recordsOf(trace);
	return () => timed(plain(records));
}

function disk(form) {
	return () => async () => {
		const machine = simulator(cachesOnly);
		const read = clock();
		const opened = openTrace(trace[form]);
		await feed(machine.reader(await opened.format()), opened);
		return { ...read(), ...comparable(machine.counts()) };
	};
}

function timed(machine) {
	const read = clock();
	machine.run();
	return { ...read(), ...comparable(machine.counts()) };
}

/** Starts a clock. What it is asked for later: what the wall's says, and how much all processors worked, which may be more. */
function clock() {
	const processor = process.cpuUsage();
	const wall = performance.now();
	return () => {
		const milliseconds = performance.now() - wall;
		const { user, system } = process.cpuUsage(processor);
		return { milliseconds, processor: (user + system) / 1e3 };
	};
}

/** @returns {BigUint64Array} */
function recordsOf({ records }) {
	const bytes = readFileSync(records);
	return new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
