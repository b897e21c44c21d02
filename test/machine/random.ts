import type { ProfileId } from "../../src/index.ts";
import { StalemateError } from "../../src/index.ts";
import type { Machine, MachineOptions, Outcome } from "../../src/machine/index.ts";
import fc from "../properties.ts";
import type { Action } from "./machine.ts";

// Machines and walks at random. A step of a walk is a number: it picks something that can happen by itself, or something to do.

const PAGES = ["U", "K", "N"];

const options: MachineOptions = {
	cpus: 2,
	pages: {
		U: { frame: "P", table: "T" },
		K: { frame: "P", colour: 1, half: "kernel" },
		N: { colour: 2, space: "m" },
	},
	frames: { P: { lines: 2 }, Q: {} },
	tables: ["T"],
	spaces: ["m", "n"],
	variables: { x: {}, y: { perCpu: true } },
	window: 3,
	irq: [
		{ do: "tlb-flush", page: "U" },
		{ do: "store", variable: "x", value: 1 },
	],
};

export const rich = fc
	.constantFrom<ProfileId[]>("broadwell", "arm64-generic", "weak-generic", "pa8800", "parisc-p9xxx", "vipt-generic")
	.map((profile) => ({ profile, options }));

/** Steps of a walk. */
export const actions = fc.array(fc.nat({ max: 0xffff }), { maxLength: 40 });

function doing(step: number): Action {
	const cpu = step & 1;
	const page = PAGES[(step >> 1) % 3]!;
	const line = (step >> 3) & 1;
	const frame = (step >> 4) & 1 ? "Q" : "P";
	const list: Action[] = [
		{ do: "load", cpu, page, line, to: (step >> 8) & 7 },
		{ do: "load", cpu, page, defer: true, to: (step >> 8) & 7 },
		{ do: "store", cpu, page, line, value: step & 255 },
		{ do: "store", cpu, variable: "x", value: step & 255, order: "release" },
		{ do: "store", cpu, variable: "y", value: step & 255, defer: true },
		{ do: "rmw", cpu, kind: "add", variable: "x", value: 1 },
		{ do: "load", cpu, entry: page },
		{ do: "lock", cpu, variable: "x" },
		{ do: "fence", cpu },
		{ do: "map", cpu, page, frame },
		{ do: "unmap", cpu, page },
		{ do: "flush", cpu, page, line },
		{ do: "clean", cpu, page },
		{ do: "purge", cpu, page },
		{ do: "flush-all", cpu },
		{ do: "tlb-flush", cpu, page, broadcast: (step & 32) !== 0 },
		{ do: "tlb-insert", cpu, page },
		{ do: "switch", cpu, space: (step >> 3) & 1 ? "m" : "n", flush: (step & 32) !== 0 },
		{ do: "interrupt", cpu, to: "others" },
		{ do: "mask", cpu, what: "irq", on: (step & 32) !== 0 },
		{ do: "store", cpu, table: "T", value: (step >> 3) & 1 },
		{ do: "mark-dirty", cpu, frame },
		{ do: "get", cpu, frame },
		{ do: "put", cpu, frame },
		{ do: "dma-read", frame },
		{ do: "dma-write", frame, value: step & 255 },
		{ do: "claim", cpu, claim: "flushed", page },
		{ do: "claim", cpu, claim: "recycled", frame },
	];
	return list[(step >> 6) % list.length]!;
}

/** Walks; what came of each step: its outcome, or the code of its refusal. */
export function walk(held: Machine, steps: readonly number[]): (Outcome | string)[] {
	return steps.map((step) => {
		const now = step % 3 === 0 ? held.enabled() : [];
		const action = now.length > 0 ? now[Math.floor(step / 3) % now.length]! : doing(step);
		try {
			return held.apply(action);
		} catch (error) {
			if (error instanceof StalemateError) return error.code;
			throw error;
		}
	});
}
