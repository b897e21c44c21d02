import { expect, test } from "vitest";
import { loadSync } from "../../src/index.ts";
import type { MachineOptions } from "../../src/machine/index.ts";
import { hazardsOf, type MachineEvent, machine } from "./machine.ts";

const small: MachineOptions = { pages: { U: { frame: "P" }, K: { frame: "P", colour: 1 } } };
const names = (events: MachineEvent[]) => events.map(({ event }) => event);

test("it is made by core.machine()", async () => {
	const held = await loadSync().machine("pa8800", { pages: ["U"] });
	expect(
		held.apply([
			{ do: "map", page: "U" },
			{ do: "store", page: "U", value: 5 },
			{ do: "load", page: "U" },
		])[2],
	).toEqual({
		value: 5,
		hazards: [],
	});
	expect(held.hardware.levels).toHaveLength(2);
});

test("what could happen next by itself can be done as it is listed", () => {
	const held = machine("pa8800", small);
	held.apply([
		{ do: "store", page: "U" },
		{ do: "load", page: "K" },
	]);
	const listed = held.enabled();
	expect(listed).toContainEqual({ do: "evict", cpu: 0, level: 0, colour: 0, frame: "P", line: 0 });
	expect(listed).toContainEqual({ do: "write-back", cpu: 0, level: 0, colour: 0, frame: "P", line: 0 });
	expect(listed).toContainEqual({ do: "tlb-evict", cpu: 0, page: "K" });
	const start = held.snapshot();
	for (const action of listed) {
		held.restore(start);
		held.apply(action);
		expect(held.snapshot()).not.toEqual(start);
	}
	held.restore(start);
	held.apply({ do: "evict", cpu: 0, level: 0, colour: 1, frame: "P", line: 0 });
	expect(held.enabled()).toContainEqual({ do: "move-in", cpu: 0, page: "K", frame: "P", line: 0 });
});

test("a store waits in the buffer under TSO, its CPU sees it, another one does not", () => {
	const held = machine("broadwell", { cpus: 2, pages: {}, variables: { x: {}, mine: { perCpu: true } } });
	held.apply([
		{ do: "store", variable: "x", value: 1 },
		{ do: "store", variable: "mine", value: 9 },
	]);
	expect(held.apply({ do: "load", variable: "x" }).value).toBe(1);
	expect(held.apply({ do: "load", variable: "x", cpu: 1 }).value).toBe(0);
	expect(held.inspect().cpus[0]!.pending).toEqual([
		{ kind: "store", variable: "x", value: 1 },
		{ kind: "store", variable: "mine", value: 9 },
	]);
	held.apply([{ do: "drain", cpu: 0, which: 0 }, { do: "drain", cpu: 0, which: 0 }, { do: "fence" }]);
	expect(held.apply({ do: "load", variable: "x", cpu: 1 }).value).toBe(1);
	expect(held.inspect().cpus.map(({ variables }) => variables)).toEqual([{ mine: 9 }, { mine: 0 }]);
});

test("a load may be left pending under a weak model, and be passed by a later one", () => {
	const held = machine("weak-generic", { cpus: 2, pages: {}, variables: ["x", "y"] });
	held.apply([
		{ do: "load", variable: "x", to: 1, defer: true },
		{ do: "load", variable: "y", to: 2 },
		{ do: "store", variable: "x", value: 1, cpu: 1 },
		{ do: "store", variable: "y", value: 1, cpu: 1 },
		{ do: "drain", cpu: 0, which: 0 },
	]);
	expect(held.inspect().cpus[0]!.registers.slice(1, 3)).toEqual([1, 0]);
	held.apply([{ do: "load", variable: "x", to: 1, defer: true }, { do: "fence" }]);
	expect(() => held.apply({ do: "load", variable: "y", to: 2 })).toThrow(/waits for what CPU 0 has pending/);
});

test("an interrupt waits while it is masked, then its handler runs step by step", () => {
	const held = machine("broadwell", {
		cpus: 2,
		pages: { U: { frame: "P" } },
		variables: ["done"],
		irq: [
			{ do: "tlb-flush", page: "U" },
			{ do: "store", variable: "done", value: 1 },
		],
	});
	held.apply([
		{ do: "load", page: "U", cpu: 1 },
		{ do: "mask", what: "irq", on: true, cpu: 1 },
		{ do: "interrupt", to: 1 },
	]);
	expect(held.inspect().cpus[1]).toMatchObject({ irqMasked: true, irqPending: true });
	expect(held.enabled().some(({ do: what }) => what === "deliver")).toBe(false);
	held.apply([
		{ do: "mask", what: "irq", on: false, cpu: 1 },
		{ do: "deliver", cpu: 1, nmi: false },
	]);
	expect(held.inspect().cpus[1]).toMatchObject({ irqPending: false, handles: ["irq"] });
	held.apply({ do: "handle", cpu: 1, nmi: false, defer: false });
	expect(held.inspect().cpus[1]!.tlb).toEqual({});
	held.apply({ do: "handle", cpu: 1, nmi: false, defer: false });
	expect(held.inspect().cpus[1]!.handles).toEqual([]);
	held.apply({ do: "drain", cpu: 1, which: 0 });
	expect(held.apply({ do: "load", variable: "done" }).value).toBe(1);
});

test("a walk's entries and those of the walk cache can be told apart", () => {
	const held = machine("broadwell", { pages: { U: { frame: "P", table: "T" }, K: { frame: "P" } }, tables: ["T"] });
	held.apply([
		{ do: "walk", cpu: 0, page: "U" },
		{ do: "walk", cpu: 0, page: "K" },
	]);
	expect(Object.keys(held.inspect().cpus[0]!.tlb)).toEqual(["U", "K"]);
	expect(held.inspect().cpus[0]!.walkCache).toEqual(["T"]);
	held.apply({ do: "walk-cache-evict", cpu: 0, table: "T" });
	expect(held.inspect().cpus[0]!.walkCache).toEqual([]);
	held.apply([
		{ do: "unmap", page: "U" },
		{ do: "drain", cpu: 0, which: 0 },
	]);
	expect(held.inspect().cpus[0]!.tlb.U).toMatchObject({ old: true, condemned: false });
});

test("devices that see the caches get the newest line, others get memory", () => {
	const see = (dmaSnoops: boolean) => {
		const held = machine("vipt-generic", { ...small, dmaSnoops });
		held.apply({ do: "store", page: "U", value: 7 });
		return held.apply({ do: "dma-read", frame: "P" });
	};
	expect(see(true)).toEqual({ value: 7, hazards: [] });
	expect(hazardsOf(see(false))).toEqual(["STALE"]);
});

test("an operation that was done leaves its slot, so that the same machine is the same bytes", () => {
	const held = machine("broadwell", { pages: {}, variables: ["x"] });
	const start = held.snapshot();
	held.apply([
		{ do: "store", variable: "x", value: 0 },
		{ do: "drain", cpu: 0, which: 0 },
		{ do: "load", variable: "x" },
	]);
	expect(held.snapshot()).toEqual(start);
});

test("events come in the order in which things happened, once for each call", () => {
	const held = machine("pa8800", small);
	const heard: MachineEvent[][] = [];
	held.watch((events) => heard.push(events));
	held.apply([
		{ do: "load", page: "K" },
		{ do: "store", page: "U" },
	]);
	expect(heard).toHaveLength(1);
	expect(names(heard[0]!)).toEqual([
		"walk",
		"tlb-fill",
		"memory-read",
		"fill",
		"fill",
		"walk",
		"tlb-fill",
		"hit",
		"fill",
	]);
	expect(heard[0]!.filter(({ action }) => action === 1)[2]).toEqual({
		event: "hit",
		action: 1,
		cpu: 0,
		level: 1,
		colour: 0,
		frame: "P",
		line: 0,
	});
	held.apply([
		{ do: "evict", cpu: 0, level: 0, colour: 1, frame: "P", line: 0 },
		{ do: "clean", page: "U" },
		{ do: "tlb-flush" },
		{ do: "load", page: "K" },
	]);
	expect(names(heard[1]!)).toEqual([
		"remove",
		"victim",
		"hit",
		"write-back",
		"hit",
		"write-back",
		"memory-write",
		"tlb-drop",
		"tlb-drop",
		"walk",
		"tlb-fill",
		"hit",
		"fill",
	]);
	held.watch(null);
	held.apply({ do: "load", page: "U" });
	expect(heard).toHaveLength(2);
});

test("a hazard is an event too", () => {
	const held = machine("vipt-generic", small);
	const heard: MachineEvent[] = [];
	held.watch((events) => heard.push(...events));
	held.apply([
		{ do: "load", page: "K" },
		{ do: "store", page: "U" },
		{ do: "load", page: "K" },
	]);
	expect(heard.at(-1)).toEqual({ event: "hazard", action: 2, code: "STALE", about: "line 0 of frame P" });
});

test("a batch that is refused tells nothing", () => {
	const held = machine("vipt-generic", small);
	const heard: MachineEvent[] = [];
	held.watch((events) => heard.push(...events));
	expect(() =>
		held.apply([
			{ do: "load", page: "K" },
			{ do: "map", page: "U" },
		]),
	).toThrow();
	expect(heard).toEqual([]);
});

test("caches are told by level, CPU and colour", () => {
	const held = machine("vipt-l3-nonvictim", { ...small, cpus: 2, frames: { P: { lines: 2 } } });
	held.apply([{ do: "store", page: "K", line: 1, value: 3, cpu: 1 }]);
	const { caches } = held.inspect();
	expect(caches[0]!.cpus[1]!.colours).toEqual([
		[],
		[{ frame: "P", line: 1, value: 3, version: 1, stale: false, state: "modified", dirty: true }],
	]);
	expect(caches[1]!.cpus[1]!.colours).toEqual([
		[{ frame: "P", line: 1, value: 0, version: 0, stale: true, state: "exclusive", dirty: false }],
	]);
});
