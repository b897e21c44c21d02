// Programs from outside: whatever their bytes say, the core refuses them or stays within the machine it made for them.

import { describe, expect, test, vi } from "vitest";
import { assemble, type Hardware } from "../../bindings/assemble.ts";
import * as X from "../../bindings/layout/explore.ts";
import * as L from "../../bindings/layout/program.ts";
import type { Operation, Program } from "../../bindings/program.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import fc from "../properties.ts";

vi.setConfig({ testTimeout: 60_000 });

const core = loadProgramCoreSync();
const GUARD = 1 << 15;
const INTACT = new Uint8Array(GUARD).fill(0xa5);
const V = { virtual: true, shared: false, takesClean: false, exclusive: false };
const P = { virtual: false, shared: true, takesClean: true, exclusive: false };

const hardware: Hardware = {
	model: "sc",
	walker: true,
	accessedBits: true,
	moveIn: true,
	broadcast: true,
	dmaSnoops: true,
	evictions: true,
	breakBeforeMake: false,
	levels: [V, P],
};

const at = { in: "page", va: 0, line: 0 } as const;

/** What uses most of what there is. */
const code: Operation[] = [
	{ op: "store", at: { in: "pte", va: 1 }, value: { constant: 17 }, order: "plain" },
	{ op: "load", to: 0, at, order: "acquire" },
	{ op: "store", at, value: { reg: 0 }, order: "plain" },
	{ op: "rmw", kind: "add", to: 1, at: { in: "var", var: 0 }, value: { constant: 1 }, order: "full" },
	{ op: "fence", kind: "full" },
	{ op: "cache", kind: "purge", va: 0, pageLine: 0 },
	{ op: "cache-all", kind: "flush" },
	{ op: "tlb-flush", mm: 0, scope: "broadcast" },
	{ op: "switch", mm: 1, flush: true },
	{ op: "interrupt", handler: "irq", to: "others" },
	{ op: "mask", what: "irq", on: true },
	{ op: "table-free", table: 0 },
	{ op: "page", kind: "mark-dirty", frame: 0 },
	{ op: "ref", kind: "put", frame: 0 },
	{ op: "dma", kind: "write", frame: 1, pageLine: 0 },
	{ op: "claim", claim: "recycled", frame: 0 },
	{ op: "claim", claim: "up-to-date", mm: 0, of: "self" },
	{ op: "set", to: 0, left: { reg: 0 }, operator: "+", right: { constant: 1 } },
	{ op: "unless", left: { reg: 1 }, test: "==", right: { constant: 200 }, target: 1 },
];

function program(changes: Partial<Program> = {}): Program {
	const instructions = code.map((operation) => ({ ...operation, line: 0, text: "" }));
	const page = (name: string, frame: number, mm: number | null, colour: number) => ({
		name,
		frame,
		writable: true,
		half: "user" as const,
		mm,
		colour,
		table: 0,
		pte: colour,
	});
	return {
		name: "all",
		cpus: 2,
		vars: [{ name: "x", initial: 0, perCpu: false }],
		frames: ["A", "B"].map((name) => ({ name, kind: "ram", lines: 2, references: 1 })),
		tables: [{ name: "T", linked: true }],
		mms: [{ name: "m" }, { name: "n" }],
		vas: [page("U", 0, 0, 0), page("K", 1, null, 1)],
		actors: [
			{ name: "a", cpu: 0, kind: "thread", registers: ["r", "s"], code: instructions, mm: 0 },
			{ name: "b", cpu: 1, kind: "thread", registers: ["r", "s"], code: instructions, mm: 0 },
			{ name: "i", cpu: 1, kind: "irq", registers: [], code: instructions.slice(4, 8) },
			{ name: "d", cpu: null, kind: "device", registers: [], code: instructions.slice(14, 15) },
		],
		symmetric: [],
		...changes,
	};
}

/** Builds it; the status. */
function build(bytes: Uint8Array) {
	const { exports } = core.instantiate();
	const from = exports.allocate(BigInt(bytes.length));
	new Uint8Array(exports.memory.buffer, from, bytes.length).set(bytes);
	return { exports, status: new Uint32Array(exports.memory.buffer, exports.exploreBuild(from, bytes.length), 1)[0]! };
}

const only = (operation: Operation) => [{ ...operation, line: 0, text: "" }];
const device = (operation: Operation) =>
	program({
		actors: [
			{ name: "a", cpu: 0, kind: "thread", registers: [], code: only(code[1]!) },
			{ name: "d", cpu: null, kind: "device", registers: [], code: only(operation) },
		],
	});

describe("a program is refused in which", () => {
	test("a device masks the interrupts of a CPU", () => {
		expect(build(assemble(device({ op: "mask", what: "irq", on: true }), hardware).bytes).status).toBe(
			X.LOADED_BAD_CODE,
		);
	});

	test("a device flushes the cache of a CPU", () => {
		expect(build(assemble(device({ op: "cache-all", kind: "flush" }), hardware).bytes).status).toBe(X.LOADED_BAD_CODE);
	});

	test("a register says which line a device reads", () => {
		const { bytes } = assemble(
			program({
				actors: [{ name: "a", cpu: 0, kind: "thread", registers: ["r"], code: only(code[14]!) }],
				observed: [{ actor: 0, reg: 0 }],
			}),
			hardware,
		);
		expect(build(bytes).status).toBe(X.LOADED_OK);
		bytes[bytes.length - L.CODE_SIZE + L.CODE_INDEX] = 1;
		expect(build(bytes).status).toBe(X.LOADED_BAD_CODE);
	});

	test("CPUs are said to be alike that run different actors", () => {
		const [a] = program().actors;
		const alike = (registers: string[]) =>
			program({ actors: [a!, { ...a!, cpu: 1, registers }], symmetric: [[0, 1]], observed: [] });
		expect(build(assemble(alike(["r", "s"]), hardware).bytes).status).toBe(X.LOADED_OK);
		const unlike = program({ actors: [a!, { ...a!, cpu: 1, code: a!.code.slice(1) }], symmetric: [[0, 1]] });
		expect(build(assemble(unlike, hardware).bytes).status).toBe(X.LOADED_BAD_TABLE);
	});

	test("a line would have more copies than there are versions", () => {
		const colours = program({ cpus: 8, vas: program().vas.map((va) => ({ ...va, colour: va.colour * 3 })) });
		expect(build(assemble(colours, { ...hardware, levels: [V] }).bytes).status).toBe(X.LOADED_TOO_LARGE);
	});
});

test("the line of a page that an operation is of is not the line of the source that it stands in", () => {
	const actors: Program["actors"] = [
		{ ...program().actors[0]!, code: [{ op: "dma", kind: "write", frame: 0, pageLine: 1, line: 7, text: "" }] },
	];
	const { bytes } = assemble(program({ actors }), hardware);
	expect(bytes[bytes.length - L.CODE_SIZE + L.CODE_LINE]).toBe(1);
});

test("a step of more writes than there are versions keeps the values of lines", () => {
	const stores = Array.from({ length: 40 }, (_, i) => ({
		op: "store" as const,
		at,
		value: { constant: 6 },
		order: "plain" as const,
		line: 0,
		text: "",
		joined: i > 0,
	}));
	const actors: Program["actors"] = [
		{
			name: "a",
			cpu: 0,
			kind: "thread",
			registers: ["r"],
			code: [...stores, { op: "load", to: 0, at, order: "plain", line: 0, text: "" }],
			mm: 0,
		},
	];
	const { exports } = build(
		assemble(program({ actors, observed: [{ actor: 0, reg: 0 }] }), { ...hardware, moveIn: false }).bytes,
	);
	const state = exports.machineStart();
	const word = (record: number, i: number) => new DataView(exports.memory.buffer).getUint32(record + i * 4, true);
	let hazards = 0;
	for (let step = 0; step < 2; step++) hazards |= word(exports.machineApply(state, 0), 1);
	const places = word(exports.exploreLayout(), X.PLACES_ACTOR_PLACES / 4);
	const register = new DataView(exports.memory.buffer).getUint16(places + 2, true);
	expect(hazards).toBe(0);
	expect(new Uint8Array(exports.memory.buffer)[state + register]).toBe(6);
});

test("a write through an entry that no longer leads anywhere faults", () => {
	const actors: Program["actors"] = [
		{
			name: "a",
			cpu: 0,
			kind: "thread",
			registers: ["r"],
			// The entry comes in clean; then the table names a frame that does not exist.
			code: [
				{ op: "load", at, order: "plain", line: 0, text: "" },
				{ op: "store", at: { in: "pte", va: 0 }, value: { constant: 0xf3 }, order: "plain", line: 0, text: "" },
				{ op: "store", at, value: { constant: 1 }, order: "plain", line: 0, text: "" },
				{ op: "load", to: 0, at: { in: "pte", va: 0 }, order: "plain", line: 0, text: "" },
			],
			mm: 0,
		},
	];
	const { exports } = build(
		assemble(program({ actors, observed: [{ actor: 0, reg: 0 }] }), { ...hardware, evictions: false, moveIn: false })
			.bytes,
	);
	const state = exports.machineStart();
	const view = () => new DataView(exports.memory.buffer);
	const layout = exports.exploreLayout();
	const tlb =
		view().getUint32(layout + X.PLACES_SHARED_BYTES, true) + view().getUint32(layout + X.PLACES_CPU_TLB, true);
	for (let step = 0; step < 3; step++) exports.machineApply(state, 0);
	// Nothing says "dirty, of frame 0, not present".
	expect(view().getUint8(state + tlb) & 1 || view().getUint8(state + tlb)).toBe(1);
	const frames = view().getUint32(exports.exploreLayout() + X.PLACES_PTES, true);
	expect(view().getUint8(state + frames)).toBe(0xf3);
});

test("no bytes make the core write outside of its machine, nor read outside of its memory", () => {
	const models = ["sc", "tso", "arm8", "rcpc"] as const;
	const bases = models.map((model) => assemble(program(), { ...hardware, model }).bytes);
	let ran = 0;
	fc.assert(
		fc.property(
			fc.nat({ max: 3 }),
			fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
			fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
			fc.boolean(),
			(base, patches, choices, all) => {
				const bytes = Uint8Array.from(bases[base]!);
				// Most of what is interesting lies in the header's low bytes and in the tables.
				for (const [where, value] of patches)
					bytes[all ? where % bytes.length : L.PROGRAM_SIZE + (where % (bytes.length - L.PROGRAM_SIZE))] = value;
				const { exports, status } = build(bytes);
				if (status !== X.LOADED_OK) return;
				ran++;
				const low = exports.allocate(BigInt(GUARD));
				const state = exports.machineStart();
				const high = exports.allocate(BigInt(GUARD));
				const guard = (from: number) => new Uint8Array(exports.memory.buffer, from, GUARD);
				for (const from of [low, high]) guard(from).fill(0xa5);
				for (const choice of choices) {
					const [count = 0, list = 0] = new Uint32Array(exports.memory.buffer, exports.machineEnumerate(state), 2);
					if (count === 0) break;
					exports.machineApply(state, new Uint32Array(exports.memory.buffer, list, count)[choice % count]!);
				}
				for (const from of [low, high]) expect(Buffer.compare(guard(from), INTACT)).toBe(0);
			},
		),
		{ numRuns: 1000 },
	);
	expect(ran).toBeGreaterThan(100);
});
