// Contenders side by side: each is a process that runs once for each line it is given. A round asks each of them once, so
// that what else the machine does falls on all alike, and ratios are taken within a round.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Rounds that only warm up: the compilers of V8 need to see what is hot. */
const WARM_UP = 4;

export class Contender {
	#child;
	#answers;
	#name;

	/** @param {string} name @param {string} program @param {string[]} options */
	constructor(name, program, options) {
		this.#name = name;
		this.#child = spawn(program, options, { stdio: ["pipe", "pipe", "inherit"] });
		this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
	}

	/** @returns {Promise<{ milliseconds: number, processor: number }>} and what it counted */
	async run() {
		this.#child.stdin.write("\n");
		const { value, done } = await this.#answers.next();
		if (done) throw new Error(`${this.#name} ended early`);
		return JSON.parse(value);
	}

	end() {
		this.#child.stdin.end();
	}
}

/**
 * @param {Record<string, Contender>} contenders
 * @param {number} rounds
 * @returns {Promise<{ times: Record<string, number[]>, processor: Record<string, number[]>, counts: Record<string, object> }>}
 * of each, the milliseconds of every round, what the processors worked of (or beyond) them, and what it counted in the last
 */
export async function interleave(contenders, rounds) {
	const names = Object.keys(contenders);
	const times = Object.fromEntries(names.map((name) => [name, []]));
	const processor = Object.fromEntries(names.map((name) => [name, []]));
	const counts = {};
	for (let round = -WARM_UP; round < rounds; round++) {
		// There and back: to follow the same neighbour every time would be a bias of its own.
		for (const name of round % 2 ? [...names].reverse() : names) {
			const { milliseconds, processor: worked, ...counted } = await contenders[name].run();
			if (round >= 0) {
				times[name].push(milliseconds);
				processor[name].push(worked);
			}
			counts[name] = counted;
		}
	}
	return { times, processor, counts };
}

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times as fast as `other` a contender is: the median over the rounds. */
export function ratio(times, other) {
	return median(times.map((time, round) => other[round] / time));
}
