import { clock } from "../report/numbers.ts";
import type { Input } from "./input.ts";

const BAR = 24;
/** Nobody needs to see the progress of what is over at once: milliseconds. */
const PATIENCE = 300;

/** A line on standard error that changes while something goes on; nothing where that is no terminal, or nobody looks at it. */
export class StatusLine {
	readonly #start = performance.now();
	#shown = false;

	/** `text` makes the line of the seconds since the start. */
	show(text: (seconds: number) => string): void {
		const elapsed = performance.now() - this.#start;
		if (!process.stderr.isTTY || process.env.CI || elapsed < PATIENCE) return;
		this.#shown = true;
		process.stderr.write(`\r${text(elapsed / 1000)}\x1b[K`);
	}

	/** Takes the line away. */
	clear(): void {
		if (this.#shown) process.stderr.write("\r\x1b[K");
		this.#shown = false;
	}
}

/** Tells how far the reading of a trace has come. */
export class ProgressLine {
	readonly #input: Input;
	readonly #amount: (value: number) => string;
	readonly #status = new StatusLine();

	/** `amount` prints a number of what is counted: references, or bytes. */
	constructor(input: Input, amount: (value: number) => string) {
		this.#input = input;
		this.#amount = amount;
	}

	update(done: number): void {
		this.#status.show((seconds) => this.#line(done, seconds));
	}

	clear(): void {
		this.#status.clear();
	}

	#line(done: number, seconds: number): string {
		const rate = `${this.#amount(done)}, ${this.#amount(done / seconds)}/s`;
		const { size } = this.#input;
		if (!size) return rate;
		const part = Math.min(1, this.#input.trace.taken / size);
		const full = Math.round(part * BAR);
		const bar = "█".repeat(full) + "░".repeat(BAR - full);
		const left = part > 0 ? `, ${clock((seconds / part) * (1 - part))} left` : "";
		return `${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${rate}${left}`;
	}
}
