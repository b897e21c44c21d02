// The same machine in C (bench/c/trace.c), compiled for this processor: the yardstick.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CACHES, SCRATCH, SOURCES } from "./machine.mjs";

export const GCC_OPTIONS = ["-O3", "-march=native"];

/** Version of gcc, or undefined where there is none. */
export function gccVersion() {
	const { stdout, status } = spawnSync("gcc", ["--version"], { encoding: "utf8" });
	return status === 0 ? stdout.split("\n")[0] : undefined;
}

/** Compiles the machine. */
export function compile() {
	mkdirSync(SCRATCH, { recursive: true });
	const program = join(SCRATCH, "trace");
	const made = spawnSync("gcc", [...GCC_OPTIONS, join(SOURCES, "c/trace.c"), "-o", program], { stdio: "inherit" });
	if (made.status !== 0) throw new Error("gcc could not compile bench/c/trace.c");
	return program;
}

/** A process that holds a trace in memory and simulates it whenever asked. */
export class Native {
	#child;
	#answers;

	/** @param {string} program @param {string} records a file of 8-byte records */
	constructor(program, records) {
		this.#child = spawn(program, [records], { stdio: ["pipe", "pipe", "inherit"] });
		this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
	}

	async run() {
		this.#child.stdin.write("\n");
		const { value, done } = await this.#answers.next();
		if (done) throw new Error("bench/c/trace.c ended early");
		const [nanoseconds, ...numbers] = value.split(" ").map(Number);
		const counts = CACHES.flatMap((cache, i) => [[cache, numbers.slice(i * 5, i * 5 + 5)]]);
		return { milliseconds: nanoseconds / 1e6, counts: Object.fromEntries(counts) };
	}

	end() {
		this.#child.stdin.end();
	}
}
