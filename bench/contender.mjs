// One contender on one trace, in a process of its own: `node contender.mjs NAME TRACE`, TRACE as JSON (traces.mjs). As
// bench/c/trace.c does, it runs once for each line on standard input and answers with milliseconds, of time and of processors,
// and counts. What is timed is what a user waits for, less the building of the machine.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { feed } from "../build/js/src/trace/read.js";
import { openTrace } from "../build/js/src/trace/trace.js";
import { cachesOnly, coherent, comparable, inMemory, simulator, translated } from "./machine.mjs";
import { plain } from "./plain.mjs";

const contenders = {
	core: inWasm(cachesOnly),
	translated: inWasm(translated),
	coherent: inWasm(coherent),
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
		if (config === coherent) return dealt(records);
		return () => timed(inMemory(config, records));
	};
}

/** The trace's CPUs; or, where it has one, its four quarters on four CPUs, in turns. */
function dealt(records) {
	if (trace.runs) return () => timed(inMemory(coherent, records, trace.runs));
	const turn = 1000;
	const quarter = records.length >> 2;
	const all = new BigUint64Array(4 * quarter);
	const runs = [];
	let at = 0;
	for (let from = 0; from < quarter; from += turn) {
		const count = Math.min(turn, quarter - from);
		for (let cpu = 0; cpu < 4; cpu++, at += count) {
			all.set(records.subarray(cpu * quarter + from, cpu * quarter + from + count), at);
			runs.push({ cpu, count });
		}
	}
	return () => timed(inMemory(coherent, all, runs));
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
