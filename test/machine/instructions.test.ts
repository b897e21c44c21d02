// Instruction caches that do not follow what is written, translations that software writes, and memory attributes in conflict.

import { describe, expect, test } from "vitest";
import type { MachineOptions } from "../../src/machine/index.ts";
import { profile } from "../../src/profiles/index.ts";
import { type Action, hazardsOf, machine } from "./machine.ts";

const e500 = profile("e500v2");
const pages: MachineOptions["pages"] = { C: { frame: "P" } };
const hazards = (options: Partial<MachineOptions>, actions: Action[], of = e500) => {
	return hazardsOf(machine(of, { pages, fetches: true, model: "sc", ...options }).apply(actions));
};

describe("code that is written", () => {
	const fetched: Action[] = [{ do: "fetch", page: "C" }];
	const patch: Action[] = [{ do: "store", page: "C", value: 7 }];
	const publish: Action[] = [{ do: "clean", page: "C" }];
	const forget: Action[] = [{ do: "fetch-flush", page: "C" }];

	test("is fetched as it was, where the instruction cache does not follow", () => {
		expect(hazards({}, [...fetched, ...patch, ...fetched])).toEqual(["STALE"]);
	});

	test("is fetched as it was from memory, too, until the data cache has written it back", () => {
		expect(hazards({}, [...patch, ...fetched])).toEqual(["STALE"]);
		expect(hazards({}, [...fetched, ...patch, ...forget, ...fetched])).toEqual(["STALE"]);
		expect(hazards({}, [...fetched, ...patch, ...publish, ...fetched])).toEqual(["STALE"]);
	});

	test("is fetched as it is after a clean of the data cache and a flush of the other", () => {
		expect(hazards({}, [...fetched, ...patch, ...publish, ...forget, ...fetched])).toEqual([]);
		const held = machine(e500, { pages, fetches: true, model: "sc" });
		held.apply([...fetched, ...patch, ...publish, ...forget]);
		expect(held.apply({ do: "fetch", page: "C", to: 1 }).value).toBe(7);
	});

	test("needs a broadcast for the others' instruction caches", () => {
		const other: Action[] = [{ do: "fetch", cpu: 1, page: "C" }];
		const flush = (broadcast: boolean): Action[] => [{ do: "fetch-flush", page: "C", broadcast }];
		expect(hazards({ cpus: 2 }, [...other, ...patch, ...publish, ...flush(false), ...other])).toEqual(["STALE"]);
		expect(hazards({ cpus: 2 }, [...other, ...patch, ...publish, ...flush(true), ...other])).toEqual([]);
	});

	test("is fetched as it is where the instruction cache follows", () => {
		expect(hazards({}, [...fetched, ...patch, ...fetched], profile("broadwell"))).toEqual([]);
	});

	test("may leave the instruction cache by itself", () => {
		const held = machine(e500, { pages, fetches: true, model: "sc" });
		held.apply(fetched);
		const level = held.inspect().caches.findIndex(({ fetches }) => fetches);
		expect(level).toBeGreaterThan(0);
		held.apply({ do: "evict", cpu: 0, level, colour: 0, frame: "P", line: 0 });
		expect(held.inspect().caches[level]!.cpus[0]!.colours[0]).toEqual([]);
	});
});

test("a clean to where instructions and data meet is enough for a fetch, not for a device that sees no caches", () => {
	const unified: Partial<MachineOptions> = { caches: "all", dmaSnoops: false };
	const write: Action[] = [
		{ do: "store", page: "C", value: 7 },
		{ do: "clean", page: "C", levels: 1 },
	];
	expect(hazards(unified, [...write, { do: "fetch", page: "C" }])).toEqual([]);
	expect(hazards(unified, [...write, { do: "dma-read", frame: "P" }])).toEqual(["STALE"]);
	expect(hazards(unified, [...write, { do: "clean", page: "C" }, { do: "dma-read", frame: "P" }])).toEqual([]);
});

describe("a translation that software writes", () => {
	const two: Partial<MachineOptions> = { frames: ["P", "Q"], pages: { C: { frame: "P" } } };

	test("is used, whatever the page table says", () => {
		const held = machine(e500, { pages: {}, ...two, model: "sc" } as MachineOptions);
		held.apply([
			{ do: "dma-write", frame: "Q", value: 9 },
			{ do: "tlb-write", page: "C", frame: "Q" },
		]);
		expect(held.apply({ do: "load", page: "C" }).value).toBe(9);
		held.apply({ do: "tlb-write", page: "C" });
		expect(held.apply({ do: "load", page: "C" }).value).toBe(0);
	});

	test("of one page leaves by itself, but for a pinned one", () => {
		const evicts = (pinned: boolean) => {
			const held = machine(e500, { pages: { C: { frame: "P", pinned } }, model: "sc" });
			held.apply({ do: "tlb-write", page: "C", frame: "P" });
			return held.enabled().some((action) => action.do === "tlb-evict");
		};
		expect(evicts(false)).toBe(true);
		expect(evicts(true)).toBe(false);
	});

	test("that is old when a flush has returned is a stale one", () => {
		const actions: Action[] = [
			{ do: "tlb-write", page: "C", frame: "Q" },
			{ do: "claim", claim: "flushed", page: "C" },
			{ do: "load", page: "C" },
		];
		expect(hazards(two, actions)).toEqual(["TLB"]);
	});
});

test("an access that bypasses the caches must not find its line there", () => {
	const both: Partial<MachineOptions> = { pages: { C: { frame: "P" }, I: { frame: "P", uncached: true } } };
	const read: Action = { do: "load", page: "C" };
	const around: Action = { do: "load", page: "I" };
	expect(hazards(both, [read, around])).toEqual(["MEMTYPE"]);
	expect(hazards(both, [read, { do: "flush", page: "C" }, around])).toEqual([]);
	expect(hazards(both, [read, { do: "store", page: "I", value: 1 }])).toEqual(["MEMTYPE"]);
});
