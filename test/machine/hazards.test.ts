// Every hazard of state, each by a few ordinary actions; and beside it the same actions done right.

import { describe, expect, test } from "vitest";
import type { ProfileId } from "../../src/index.ts";
import type { MachineOptions } from "../../src/machine/index.ts";
import { type Action, hazardsOf, machine } from "./machine.ts";

interface Case {
	on?: ProfileId;
	options?: Partial<MachineOptions>;
	/** The last action is the one that shows it. */
	wrong: Action[];
	right: Action[];
}

const U = "U";
const alias: Partial<MachineOptions> = { pages: { U: { frame: "P" }, K: { frame: "P", colour: 1, half: "kernel" } } };
const mapped: Partial<MachineOptions> = { pages: { U: { frame: "P" } } };
const two: Partial<MachineOptions> = { ...mapped, cpus: 2, frames: ["P", "Q"] };
const table: Partial<MachineOptions> = { pages: { U: { frame: "P", table: "T" } }, tables: ["T"] };
const space: Partial<MachineOptions> = { pages: { U: { frame: "P", space: "m" } }, spaces: ["m"] };
const kind = (kind: "ram" | "no-struct-page") => ({ pages: { U: {} }, frames: { P: { kind } } });

const cases: Record<string, Case> = {
	STALE: {
		on: "vipt-generic",
		options: alias,
		wrong: [
			{ do: "load", page: "K" },
			{ do: "store", page: U },
			{ do: "load", page: "K" },
		],
		right: [
			{ do: "load", page: "K" },
			{ do: "flush", page: "K" },
			{ do: "store", page: U },
			{ do: "flush", page: U },
			{ do: "load", page: "K" },
		],
	},
	LOSTW: {
		on: "vipt-generic",
		options: alias,
		wrong: [
			{ do: "store", page: U },
			{ do: "purge", page: U },
		],
		right: [
			{ do: "store", page: U },
			{ do: "clean", page: U },
			{ do: "purge", page: U },
		],
	},
	UAI: {
		options: mapped,
		wrong: [
			{ do: "load", page: U },
			{ do: "claim", claim: "released", frame: "P" },
			{ do: "load", page: U },
		],
		right: [
			{ do: "load", page: U },
			{ do: "claim", claim: "released", frame: "P" },
		],
	},
	CORRUPT: {
		options: mapped,
		wrong: [
			{ do: "claim", claim: "released", frame: "P" },
			{ do: "store", page: U },
			{ do: "drain", cpu: 0, which: 0 },
		],
		right: [
			{ do: "store", page: U },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "claim", claim: "released", frame: "P" },
		],
	},
	DIRTY: {
		options: mapped,
		wrong: [
			{ do: "store", page: U },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "claim", claim: "unmapped", frame: "P" },
		],
		right: [
			{ do: "store", page: U },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "mark-dirty", frame: "P" },
			{ do: "claim", claim: "unmapped", frame: "P" },
		],
	},
	LATEDIRTY: {
		options: mapped,
		wrong: [
			{ do: "claim", claim: "unmapped", frame: "P" },
			{ do: "mark-dirty", frame: "P" },
		],
		right: [
			{ do: "mark-dirty", frame: "P" },
			{ do: "claim", claim: "unmapped", frame: "P" },
		],
	},
	TLB: {
		options: two,
		wrong: [
			{ do: "load", page: U, cpu: 1 },
			{ do: "unmap", page: U },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "tlb-flush", page: U },
			{ do: "claim", claim: "flushed", page: U },
			{ do: "load", page: U, cpu: 1 },
		],
		right: [
			{ do: "load", page: U, cpu: 1 },
			{ do: "unmap", page: U },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "tlb-flush", page: U },
			{ do: "tlb-flush", page: U, cpu: 1 },
			{ do: "map", page: U, frame: "Q" },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "claim", claim: "flushed", page: U },
			{ do: "load", page: U, cpu: 1 },
		],
	},
	WALK: {
		options: table,
		wrong: [
			{ do: "walk", cpu: 0, page: U },
			{ do: "tlb-evict", cpu: 0, page: U },
			{ do: "store", table: "T", value: 0 },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "table-free", table: "T" },
			{ do: "walk", cpu: 0, page: U },
		],
		right: [
			{ do: "walk", cpu: 0, page: U },
			{ do: "tlb-evict", cpu: 0, page: U },
			{ do: "store", table: "T", value: 0 },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "tlb-flush", page: U },
			{ do: "table-free", table: "T" },
		],
	},
	MEMTYPE: {
		options: kind("ram"),
		wrong: [{ do: "map-as", frame: "P", as: "device" }],
		right: [{ do: "map-as", frame: "P", as: "ram" }],
	},
	REFLEAK: {
		options: mapped,
		wrong: [
			{ do: "get", frame: "P" },
			{ do: "claim", claim: "balanced", frame: "P" },
		],
		right: [
			{ do: "get", frame: "P" },
			{ do: "put", frame: "P" },
			{ do: "claim", claim: "balanced", frame: "P" },
		],
	},
	REFUNDER: {
		options: mapped,
		wrong: [{ do: "put", frame: "P" }],
		right: [
			{ do: "get", frame: "P" },
			{ do: "put", frame: "P" },
		],
	},
	BADPFN: {
		options: kind("no-struct-page"),
		wrong: [{ do: "struct-page", frame: "P" }],
		right: [{ do: "map-as", frame: "P", as: "device" }],
	},
	SPEC: {
		options: { pages: { U: { frame: "P", bound: 1 } } },
		wrong: [{ do: "mispredict", page: U, line: 1 }],
		right: [{ do: "mispredict", page: U, line: 0 }],
	},
	MISS: {
		options: space,
		wrong: [
			{ do: "load", page: U },
			{ do: "unmap", page: U },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "claim", claim: "up-to-date", space: "m" },
		],
		right: [
			{ do: "load", page: U },
			{ do: "unmap", page: U },
			{ do: "drain", cpu: 0, which: 0 },
			{ do: "tlb-flush", space: "m" },
			{ do: "claim", claim: "up-to-date", space: "m" },
		],
	},
	OVERMAP: {
		options: { pages: { U: { frame: "P", bound: 1 } }, frames: { P: { lines: 2 } } },
		wrong: [{ do: "load", page: U, line: 1 }],
		right: [{ do: "load", page: U, line: 0 }],
	},
	LATENT: {
		on: "vipt-generic",
		options: alias,
		wrong: [
			{ do: "load", page: "K" },
			{ do: "claim", claim: "handed-over", frame: "P" },
		],
		right: [
			{ do: "load", page: "K" },
			{ do: "flush", page: "K" },
			{ do: "claim", claim: "handed-over", frame: "P" },
		],
	},
};

describe.each(Object.entries(cases))("%s", (code, { on = "broadwell", options, wrong, right }) => {
	const make = () => machine(on, { pages: [], ...options });

	test("is what a mistake comes to", () => {
		const outcomes = make().apply(wrong);
		expect(hazardsOf(outcomes.slice(0, -1))).toEqual([]);
		expect(hazardsOf(outcomes.at(-1)!)).toEqual([code]);
	});

	test("does not happen where all is done right", () => {
		expect(hazardsOf(make().apply(right))).toEqual([]);
	});
});

test("a hazard says what it is about", () => {
	const held = machine("vipt-generic", {
		...alias,
		frames: { Q: { lines: 3 }, P: { lines: 2 } },
	} as MachineOptions);
	const outcomes = held.apply([
		{ do: "load", page: "K", line: 1 },
		{ do: "store", page: U, line: 1 },
		{ do: "load", page: "K", line: 1 },
	]);
	expect(outcomes[2]!.hazards).toEqual([{ code: "STALE", about: "line 1 of frame P" }]);
});
