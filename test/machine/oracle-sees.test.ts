import { describe, expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import type { ProfileId } from "../../src/index.ts";
import type { Action, MachineOptions } from "../../src/machine/index.ts";
import { Machine } from "../../src/machine/machine.ts";

// What the oracle must not overlook, wherever frames, levels and CPUs happen to stand.

const core = loadProgramCoreSync();

function codes(profile: ProfileId, options: MachineOptions, actions: Action[]): string[] {
	return new Machine(core, profile, options).apply(actions).flatMap(({ hazards }) => hazards.map(({ code }) => code));
}

describe("a page is handed over while the kernel's copy is cached", () => {
	const kernel = { K: { colour: 1, half: "kernel" as const } };
	const handed: Action = { do: "claim", claim: "handed-over", frame: "P" };

	test.each([
		["P", "Q"],
		["Q", "P"],
	])("though its mapping came and went: frames %s, %s", (...frames) => {
		const actions: Action[] = [
			{ do: "map", page: "K", frame: "P" },
			{ do: "load", page: "K" },
			{ do: "unmap", page: "K" },
			{ do: "tlb-flush", page: "K" },
			handed,
		];
		const options = { speculativeMoveIn: false, pages: { U: { frame: "P" }, ...kernel }, frames };
		expect(codes("pa8800", options, actions)).toEqual(["LATENT"]);
	});

	test.each([
		["P", "Q"],
		["Q", "P"],
	])("but not when it is the user's: frames %s, %s", (...frames) => {
		const options = { speculativeMoveIn: false, pages: { U: { frame: "P", colour: 1 }, ...kernel }, frames };
		expect(codes("pa8800", options, [{ do: "load", page: "U" }, handed])).toEqual([]);
	});

	test("in an outer level that is indexed virtually, too", () => {
		const pages = { U: { frame: "P" }, K: { ...kernel.K, frame: "P" } };
		const actions: Action[] = [
			{ do: "load", page: "K" },
			{ do: "evict", cpu: 0, level: 0, colour: 1, frame: "P", line: 0 },
		];
		expect(codes("parisc-p9xxx", { caches: "all", pages }, [...actions, handed])).toEqual(["LATENT"]);
	});

	test("but not in physical levels, where there is one copy for all", () => {
		const pages = { U: { frame: "P" }, K: { frame: "P", half: "kernel" as const } };
		expect(codes("broadwell", { caches: "all", pages }, [{ do: "load", page: "U" }, handed])).toEqual([]);
	});
});

test("the walker writes the dirty bit into a table page that was freed: WALK", () => {
	const pages = { A: { frame: "P", table: "T" } };
	const actions: Action[] = [
		{ do: "load", page: "A" },
		{ do: "table-free", table: "T" },
		{ do: "store", page: "A" },
	];
	expect(codes("broadwell", { tables: ["T"], pages }, actions)).toContain("WALK");
});

describe("a mapping whose table was unlinked", () => {
	const options: MachineOptions = {
		cpus: 2,
		model: "sc",
		spaces: ["s"],
		tables: ["T"],
		pages: { A: { frame: "P", table: "T", space: "s" } },
	};
	const retired: Action[] = [
		{ do: "load", page: "A", cpu: 1 },
		{ do: "store", table: "T", value: 0 },
		{ do: "claim", claim: "flushed", page: "A" },
	];

	test("is used after its flush is said to have returned: TLB", () => {
		expect(codes("broadwell", options, [...retired, { do: "load", page: "A", cpu: 1 }])).toEqual(["TLB"]);
	});

	test("is still in the TLB of a CPU that is said to be up to date: MISS", () => {
		expect(codes("broadwell", options, [...retired, { do: "claim", claim: "up-to-date", space: "s", cpu: 1 }])).toEqual(
			["MISS"],
		);
	});
});

describe("loading an address space with a flush", () => {
	const options: MachineOptions = {
		cpus: 2,
		model: "sc",
		spaces: ["s", "t"],
		pages: { A: { frame: "P", space: "s" }, B: { frame: "P", space: "t" } },
	};

	test("drops what is left of it from before", () => {
		const held = new Machine(core, "broadwell", options);
		held.apply([
			{ do: "load", page: "A" },
			{ do: "switch", space: "t" },
			{ do: "switch", space: "s", flush: true },
		]);
		expect(held.inspect().cpus[0]!.tlb.A).toBeUndefined();
	});

	test("keeps those of the one that is left", () => {
		const held = new Machine(core, "broadwell", options);
		held.apply([
			{ do: "load", page: "A" },
			{ do: "switch", space: "t", flush: true },
			{ do: "switch", space: "s" },
		]);
		expect(held.inspect().cpus[0]!.tlb.A).toBeDefined();
	});
});

describe("a flush of so many levels", () => {
	test("reaches as many of other CPUs", () => {
		const held = new Machine(core, "e500mc", { cpus: 2, caches: "all", pages: { A: { frame: "P" } }, model: "sc" });
		held.apply([
			{ do: "store", page: "A", value: 1, cpu: 1 },
			{ do: "flush", page: "A", levels: 1 },
		]);
		const [first, second] = held.inspect().caches;
		expect(first!.cpus[1]!.colours.flat()).toEqual([]);
		expect(second!.cpus[1]!.colours.flat()).toMatchObject([{ value: 1, dirty: true }]);
	});

	test("leaves the levels below of other CPUs alone", () => {
		const held = new Machine(core, "e500mc", { cpus: 2, caches: "all", pages: { A: { frame: "P" } }, model: "sc" });
		const done = held.apply([
			{ do: "store", page: "A", value: 1, cpu: 1 },
			{ do: "evict", cpu: 1, level: 0, colour: 0, frame: "P", line: 0 },
			{ do: "purge", page: "A", levels: 1 },
		]);
		expect(done.flatMap(({ hazards }) => hazards)).toEqual([]);
		expect(held.apply({ do: "load", page: "A", cpu: 1 }).value).toBe(1);
	});
});

describe("a page loses its mapping and what was written to it", () => {
	const pages = { A: { frame: "P" } };
	const unmapped: Action = { do: "claim", claim: "unmapped", frame: "P" };

	test("by a store after it", () => {
		const actions: Action[] = [
			{ do: "store", page: "A", value: 1 },
			{ do: "mark-dirty", frame: "P" },
			unmapped,
			{ do: "store", page: "A", value: 2 },
		];
		expect(codes("pa8800", { pages }, actions)).toEqual(["DIRTY"]);
	});

	test("by a store that leaves the store buffer after it", () => {
		const actions: Action[] = [{ do: "store", page: "A", value: 1 }, unmapped, { do: "drain", cpu: 0, which: 0 }];
		expect(codes("broadwell", { pages }, actions)).toEqual(["DIRTY"]);
	});

	test("by a device that wrote it", () => {
		expect(codes("broadwell", { pages }, [{ do: "dma-write", frame: "P", value: 1 }, unmapped])).toEqual(["DIRTY"]);
	});
});

test.each(["get", "put", "mark-dirty", "mark-clean"] as const)(
	"%s of a frame without a struct page: BADPFN",
	(what) => {
		const options: MachineOptions = { pages: { A: { frame: "P" } }, frames: { P: { kind: "no-struct-page" } } };
		expect(codes("broadwell", options, [{ do: what, frame: "P" }])).toContain("BADPFN");
	},
);

test("where one purge can be in flight, none is begun beside one that was posted", () => {
	const held = new Machine(core, "pa8800", { cpus: 2, pages: { A: { frame: "P" }, B: { frame: "Q" } } });
	for (const cpu of [0, 1])
		held.apply([
			{ do: "tlb-insert", page: "A", cpu },
			{ do: "tlb-insert", page: "B", cpu },
		]);
	held.apply({ do: "tlb-flush", page: "A", broadcast: true, posted: true });
	for (const action of [{ page: "B", broadcast: true }, { broadcast: true }]) {
		expect(() => held.apply({ do: "tlb-flush", cpu: 1, ...action })).toThrow(/waits/);
	}
	held.apply({ do: "tlb-flush", page: "B", cpu: 1 });
});

test("what software looked for in the TLB is the answer", () => {
	const held = new Machine(core, "e500v2", { pages: { A: { frame: "P" } } });
	held.apply({ do: "tlb-insert", page: "A" });
	expect(held.apply({ do: "tlb-read", page: "A" }).value).toBe(held.inspect().cpus[0]!.registers[0]);
	expect(held.apply({ do: "tlb-read", page: "A" }).value).toBeGreaterThan(0);
});

test("a line that leaves is all that differs", () => {
	const held = new Machine(core, "pa8800", { pages: { U: { frame: "P" } }, frames: { P: { lines: 2 } } });
	held.apply([
		{ do: "load", page: "U" },
		{ do: "load", page: "U", line: 1 },
	]);
	const before = held.snapshot();
	held.apply({ do: "evict", cpu: 0, level: 0, colour: 0, frame: "P", line: 0 });
	const left = held.diff(before, held.snapshot()).filter(({ path }) => path.startsWith("caches[0]"));
	expect(left.map(({ path }) => path)).toEqual(["caches[0].cpus[0].colours[0][P[0]]"]);
});

test("interrupts, switches and shootdowns are events", () => {
	const held = new Machine(core, "pa8800", { cpus: 2, pages: { U: { frame: "P" } }, spaces: ["s", "t"], irq: [] });
	const told: unknown[] = [];
	held.watch((events) => told.push(...events));
	held.apply([
		{ do: "interrupt", to: 1 },
		{ do: "deliver", cpu: 1, nmi: false },
		{ do: "switch", space: "t", cpu: 1 },
		{ do: "tlb-flush", page: "U", broadcast: true },
		{ do: "tlb-flush", broadcast: true },
	]);
	expect(told).toEqual([
		{ event: "interrupt", action: 0, cpu: 1, nmi: false },
		{ event: "deliver", action: 1, cpu: 1, nmi: false },
		{ event: "switch", action: 2, cpu: 1, space: "t" },
		{ event: "shootdown", action: 3, cpu: 1, page: "U", posted: false },
		{ event: "shootdown", action: 4, cpu: 1, page: null, posted: false },
	]);
});

test("all that can happen is listed, however much that is", () => {
	const pages = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`p${i}`, { frame: "P" }]));
	const held = new Machine(core, "pa8800", { cpus: 2, pages, frames: { P: { lines: 64 } } });
	for (const cpu of [0, 1]) held.apply(Object.keys(pages).map((page) => ({ do: "tlb-insert" as const, cpu, page })));
	expect(held.enabled().length).toBe(2 * 64 * (64 + 1));
	held.apply({ do: "tlb-evict", cpu: 1, page: "p63" });
});
