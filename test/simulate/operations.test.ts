// What a trace of several CPUs and address spaces says, from its items to the result.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openTrace, type ProfileId, type SimulatorOptions } from "../../src/index.ts";
import type { TraceItem } from "../../src/trace/items.ts";
import { core } from "./traces.ts";

const COUNTERS = new URL("../../examples/false-sharing/counters.packed.gz", import.meta.url);

async function packed(items: TraceItem[]): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	await core.writeTrace(items, new WritableStream({ write: (part) => void parts.push(part) }));
	return new Uint8Array(Buffer.concat(parts));
}

/** Without page walks, which have misses of their own. */
async function runOn(profile: ProfileId, items: TraceItem[], { sets = [], ...options }: SimulatorOptions = {}) {
	const simulation = core.simulator(profile, { ...options, sets: ["walk.enabled=false", ...sets] });
	return await simulation.runTrace(await packed(items));
}

const read = (address: bigint, more = {}): TraceItem => ({ kind: "read", address, size: 8, ...more });
const write = (address: bigint, more = {}): TraceItem => ({ kind: "write", address, size: 8, ...more });

describe("two counters in one line", () => {
	test("are named as false sharing, by line, CPUs and bytes; the total beside them is shared in earnest", async () => {
		const simulation = core.simulator("broadwell", { cpus: 3, sharing: { top: 2 } });
		const { sharing } = await simulation.runTrace(openTrace(new Uint8Array(readFileSync(COUNTERS))));
		expect(sharing).toMatchObject([
			{ address: 0x4bb380n, kind: "false", misses: 796, falseMisses: 796 },
			{ address: 0x4bb400n, kind: "true", misses: 98, falseMisses: 0 },
		]);
		expect(sharing![0]!.cpus.filter(({ misses }) => misses > 0)).toMatchObject([
			{ cpu: 1, writes: [{ from: 0, to: 8 }] },
			{ cpu: 2, writes: [{ from: 8, to: 16 }] },
		]);
	});

	test("take turns by invalidations, interventions and coherence misses", async () => {
		const items = Array.from({ length: 10 }, (_, i) => write(0x1000n + BigInt(i % 2) * 8n, { cpu: i % 2 }));
		const { caches } = await runOn("broadwell", items, { cpus: 2 });
		const L1D = caches.filter(({ name }) => name === "L1D");
		expect(L1D).toMatchObject([
			{ misses: 5, coherenceMisses: 4, lost: 5, interventions: 5 },
			{ misses: 5, coherenceMisses: 4, lost: 4, interventions: 4 },
		]);
	});

	test("do not disturb each other in lines of their own", async () => {
		const items = Array.from({ length: 10 }, (_, i) => write(0x1000n + BigInt(i % 2) * 64n, { cpu: i % 2 }));
		const { caches } = await runOn("broadwell", items, { cpus: 2 });
		expect(caches.every(({ lost, coherenceMisses }) => lost === 0 && coherenceMisses === 0)).toBe(true);
	});
});

describe("mappings", () => {
	const share = (address: bigint, asid = 0): TraceItem => {
		return { operation: "map", address, length: 0x1000n, object: 1, asid };
	};

	test("of one object are the same memory in two address spaces", async () => {
		const items = [share(0x10000n, 1), share(0x20000n, 2), read(0x10000n, { asid: 1 }), read(0x20000n, { asid: 2 })];
		const { caches, operations } = await runOn("broadwell", items);
		expect(operations).toMatchObject({ maps: 2 });
		expect(caches.find(({ name }) => name === "L1D")).toMatchObject({ misses: 1, hits: 1 });
	});

	test("of one object in two places are synonyms where the index is virtual", async () => {
		const [alias, other] = [0x10000n, 0x21000n];
		const items = [share(alias), share(other), read(alias), read(other), read(alias)];
		const L1D = async (aliases: boolean) => {
			const { caches } = await runOn("vipt-generic", items, { aliases });
			return caches.find(({ name }) => name === "L1D");
		};
		expect(await L1D(true)).toMatchObject({ misses: 2, synonyms: 1, homonyms: 0 });
		expect(await L1D(false)).not.toHaveProperty("synonyms");
	});

	test("of two address spaces are homonyms where the tag is virtual", async () => {
		const sets = ["caches.L1D.tag=virtual", "caches.L1D.index=virtual"];
		const items = [read(0x10000n, { asid: 1 }), read(0x10000n, { asid: 2 })];
		const { caches } = await runOn("vipt-generic", items, { sets, aliases: true });
		expect(caches.find(({ name }) => name === "L1D")).toMatchObject({ misses: 2, homonyms: 1, synonyms: 0 });
	});

	test("that end leave their frames to others", async () => {
		const unmap: TraceItem = { operation: "unmap", address: 0x10000n, length: 0x1000n };
		const shoot: TraceItem = { operation: "shootdown", address: 0x10000n, length: 0x1000n };
		const { caches } = await runOn("broadwell", [read(0x10000n), unmap, shoot, read(0x30000n)]);
		expect(caches.find(({ name }) => name === "L1D")).toMatchObject({ misses: 1, hits: 1 });
	});
});

describe("translations", () => {
	test("that a shootdown removes are missed, on all CPUs or on its own", async () => {
		const refills = async (all: boolean) => {
			const reads = [read(0x10000n, { cpu: 0 }), read(0x10000n, { cpu: 1 })];
			const shoot: TraceItem = { operation: "shootdown", address: 0x10000n, length: 1n, all };
			const { tlbs } = await runOn("broadwell", [...reads, shoot, ...reads], { cpus: 2 });
			return tlbs.filter(({ name }) => name === "DTLB").map((row) => [row.shot, row.refills]);
		};
		expect(await refills(true)).toEqual([
			[1, 1],
			[1, 1],
		]);
		expect(await refills(false)).toEqual([
			[1, 1],
			[0, 0],
		]);
	});

	test("survive a switch of address spaces where they are tagged", async () => {
		const items: TraceItem[] = [
			read(0x10000n, { asid: 1 }),
			{ operation: "switch", asid: 2 },
			{ operation: "switch", asid: 1 },
			read(0x10000n, { asid: 1 }),
		];
		const misses = async (sets: string[]) => {
			const { tlbs } = await runOn("broadwell", items, { sets });
			return tlbs.find(({ name }) => name === "DTLB")!.misses;
		};
		expect(await misses([])).toBe(1);
		expect(await misses(["pcid=false"])).toBe(2);
	});
});

test("a flush writes back what is dirty; a purge does not", async () => {
	const after = async (by: "clean" | "remove" | "purge") => {
		const items: TraceItem[] = [
			write(0x1000n),
			{ operation: "flush", address: 0x1000n, length: 64n, by },
			read(0x1000n),
		];
		const { caches } = await runOn("broadwell", items);
		const { writebacks, misses, flushed } = caches.find(({ name }) => name === "L1D")!;
		return { writebacks, misses, flushed };
	};
	expect(await after("clean")).toEqual({ writebacks: 1, misses: 1, flushed: 1 });
	expect(await after("remove")).toEqual({ writebacks: 1, misses: 2, flushed: 1 });
	expect(await after("purge")).toEqual({ writebacks: 0, misses: 2, flushed: 1 });
});

describe("what is no item is refused by name:", () => {
	const bad: [string, object][] = [
		["operation", { operation: "fence" }],
		["cpu", { operation: "switch", cpu: 256 }],
		["asid", { operation: "switch", asid: -1 }],
		["address", { operation: "map", address: -1n, length: 1n }],
		["length", { operation: "unmap", address: (1n << 64n) - 1n, length: 2n }],
		["length", { operation: "flush", address: 0n, length: 1n << 33n }],
		["object", { operation: "map", address: 0n, length: 1n, object: 2 ** 32 }],
		["offset", { operation: "map", address: 0n, length: 1n, object: 1, offset: -1n }],
		["kind", { kind: "jump", address: 0n }],
	];
	test.each(bad)("%s of %o", async (path, item) => {
		await expect(packed([item as TraceItem])).rejects.toMatchObject({ code: "BAD_OPTION", place: { path } });
	});
});

test("a CPU that the machine lacks is an error, also of an operation", async () => {
	const items: TraceItem[] = [{ operation: "shootdown", cpu: 3, address: 0n, length: 1n }];
	await expect(runOn("broadwell", items)).rejects.toMatchObject({ code: "BAD_TRACE", place: { path: "cpus" } });
	expect(() => core.simulator("broadwell").operate({ operation: "switch", cpu: 1 })).toThrow(/cpu/);
});
