import { expect, test } from "vitest";
import { StalemateError } from "../../src/index.ts";
import type { Machine, MachineState } from "../../src/machine/index.ts";
import { applySets, type ProfileId, profile } from "../../src/profiles/index.ts";
import fc from "../properties.ts";
import { type Action, machine } from "./machine.ts";
import { at, Oracle, type OracleAction, type OracleOptions } from "./oracle.ts";

const PAGES = { U: 0, V: 0, K: 1 };
/** Two that lie in a large page, and one of each attribute. */
const MORE = { ...PAGES, H: 0, A: 0, B: 0, I: 0, W: 0, M: 0 };
const LARGE = { page: "H", parts: ["A", "B"] };
const ATTRIBUTES = { I: "uncached", W: "writeThrough", M: "incoherent" } as const;
const FRAMES = ["P", "Q"];

interface Pair {
	id: ProfileId;
	sets?: string[];
	model: "sc" | "tso";
	outer: OracleOptions["outer"];
	dmaSnoops: boolean;
	cpus: number;
	coherence?: "mesi" | "moesi";
	/** Large pages, attributes, software-written and posted translations. */
	more?: true;
	fetches?: true;
}

const pairs: Pair[] = [
	{ id: "vipt-generic", model: "sc", outer: "none", dmaSnoops: false, cpus: 1 },
	{ id: "vipt-generic", model: "tso", outer: "none", dmaSnoops: true, cpus: 1 },
	{ id: "pa8800", model: "sc", outer: "victims", dmaSnoops: false, cpus: 1 },
	{ id: "pa8800", sets: ["caches.L2.fillOnCleanVictim=false"], model: "tso", outer: "plain", dmaSnoops: true, cpus: 1 },
	{ id: "vipt-generic", model: "sc", outer: "none", dmaSnoops: true, cpus: 2 },
	{ id: "vipt-generic", model: "sc", outer: "none", dmaSnoops: false, cpus: 2, coherence: "mesi" },
	{ id: "vipt-generic", model: "tso", outer: "none", dmaSnoops: true, cpus: 2, coherence: "moesi" },
	{ id: "pa8800", model: "sc", outer: "victims", dmaSnoops: true, cpus: 2, coherence: "mesi" },
	{ id: "pa8800", model: "sc", outer: "victims", dmaSnoops: false, cpus: 2, coherence: "moesi" },
	{ id: "vipt-generic", model: "tso", outer: "none", dmaSnoops: true, cpus: 2, coherence: "mesi", more: true },
	{
		id: "pa8800",
		model: "sc",
		outer: "victims",
		dmaSnoops: false,
		cpus: 2,
		coherence: "mesi",
		more: true,
		fetches: true,
	},
];

/** No line is dirty on two CPUs, nor writable on one while another has it. */
function oneOwner({ caches, cpus }: MachineState): void {
	for (const frame of FRAMES) {
		const states = cpus.map((_, cpu) =>
			caches.flatMap(({ shared, cpus: instances }) =>
				shared ? [] : instances[cpu]!.colours.flat().flatMap((copy) => (copy.frame === frame ? [copy.state] : [])),
			),
		);
		const holders = states.filter(({ length }) => length > 0);
		expect(states.filter((of) => of.includes("modified") || of.includes("owned")).length).toBeLessThanOrEqual(1);
		if (states.some((of) => of[0] === "modified" || of[0] === "exclusive")) expect(holders).toHaveLength(1);
		expect(states.filter((of) => of.includes("forward")).length).toBeLessThanOrEqual(1);
	}
}

class Real {
	readonly held: Machine;
	constructor({ id, sets = [], model, dmaSnoops, cpus, coherence, more, fetches }: Pair) {
		const pages = Object.fromEntries(
			Object.entries(more ? MORE : PAGES).map(([name, colour]) => [
				name,
				{
					colour,
					frame: FRAMES[0]!,
					...(LARGE.parts.includes(name) && { within: LARGE.page }),
					...(name in ATTRIBUTES && { [ATTRIBUTES[name as "I"]]: true }),
				},
			]),
		);
		this.held = machine(applySets(profile(id), sets), {
			cpus,
			pages,
			frames: FRAMES,
			model,
			dmaSnoops,
			coherence: coherence ?? "none",
			window: 3,
			speculativeMoveIn: true,
			caches: "telling",
			...(fetches && { fetches }),
		});
	}

	apply(action: OracleAction): "refused" | string[] {
		try {
			const { hazards } = this.held.apply(named(action, this.held));
			return [...new Set(hazards.map(({ code }) => code))].sort();
		} catch (error) {
			if (error instanceof StalemateError) return "refused";
			throw error;
		}
	}
}

/** The same for the machine. The line that moves in is that of the translation. */
function named(action: OracleAction, held: Machine): Action {
	if (action.do === "drain") return { ...action, which: 0 };
	if (action.do === "evict" || action.do === "write-back") return { ...action, line: 0 };
	if (action.do === "dma-read") return { do: "dma-read", frame: action.frame };
	if (action.do === "load") return { do: "load", cpu: action.cpu, page: action.page };
	if (action.do !== "move-in") return action as Action;
	const { tlb } = held.inspect().cpus[action.cpu]!;
	const within = LARGE.parts.includes(action.page) && !tlb[action.page] ? tlb[LARGE.page]?.frame : undefined;
	const frame = within && FRAMES[FRAMES.indexOf(within) + LARGE.parts.indexOf(action.page)];
	return { ...action, frame: frame ?? tlb[action.page]?.frame ?? "P", line: 0 };
}

/** The oracle's state in the words of inspect(), as far as it has them. */
function compare(state: MachineState, oracle: Oracle): void {
	for (const [page, entry] of oracle.entries) expect(state.entries[page]).toEqual(entry);
	state.cpus.forEach((cpu, number) => {
		const tlb = Object.fromEntries(
			Object.entries(cpu.tlb).map(([page, { frame, writable, dirty, condemned }]) => [
				page,
				{ frame, writable, dirty, condemned },
			]),
		);
		const expected = Object.fromEntries(
			[...oracle.tlb[number]!].map(([page, { frame, writable, dirty, condemned = false }]) => [
				page,
				{ frame, writable, dirty, condemned },
			]),
		);
		expect(tlb).toEqual(expected);
		expect(cpu.pending).toHaveLength(oracle.pending[number]!.length);
		expect(new Set(cpu.posted)).toEqual(oracle.posted[number]);
	});
	const copies = new Map<string, unknown>();
	for (const [level, { cpus, fetches }] of state.caches.entries()) {
		for (const [cpu, { colours }] of cpus.entries()) {
			for (const [colour, lines] of colours.entries()) {
				for (const { frame, value, version, dirty } of lines) {
					const place = level === 0 ? `${cpu}.${colour}` : fetches ? `f${cpu}.${colour}` : "outer";
					copies.set(at(place, frame), { value, version, dirty });
				}
			}
		}
	}
	const expected = new Map(
		[...oracle.caches].map(([where, { value, version, dirty }]) => [
			where,
			{ value, version: oracle.ranks(where.split(":")[1]!)(version), dirty },
		]),
	);
	expect(Object.fromEntries(copies)).toEqual(Object.fromEntries(expected));
	for (const frame of oracle.options.frames) {
		const rank = oracle.ranks(frame);
		const { version, value } = oracle.memory.get(frame)!;
		expect(state.frames[frame]!.lines[0]).toEqual({
			value,
			version: rank(version),
			latest: rank(oracle.latest.get(frame)!),
		});
	}
}

/** Holds of every machine, right or wrong as what was done to it may be. */
function invariants(state: MachineState, coherent: boolean): void {
	for (const [name, frame] of Object.entries(state.frames)) {
		for (const { version, latest } of frame.lines) expect(version).toBeLessThanOrEqual(latest);
		for (const level of state.caches) {
			const colours = level.cpus[0]!.colours.length;
			for (let colour = 0; colour < colours; colour++) {
				const copies = level.cpus.flatMap((cpu) => cpu.colours[colour]!.filter((copy) => copy.frame === name));
				for (const { version } of copies) expect(version).toBeLessThanOrEqual(frame.lines[0]!.latest);
				if (coherent) expect(copies.filter(({ dirty }) => dirty).length).toBeLessThanOrEqual(1);
			}
		}
	}
}

class Step {
	readonly action: OracleAction;
	readonly coherent: boolean;
	constructor(action: OracleAction, coherent: boolean) {
		this.action = action;
		this.coherent = coherent;
	}
	check(): boolean {
		return true;
	}
	run(oracle: Oracle, real: Real): void {
		const before = real.held.snapshot();
		const said = real.apply(this.action);
		expect(said).toEqual(oracle.apply(this.action));
		if (said !== "refused") {
			accepted++;
			for (const code of said) reached.add(code);
		}
		if (said === "refused") expect(real.held.snapshot()).toEqual(before);
		const state = real.held.inspect();
		compare(state, oracle);
		invariants(state, this.coherent);
		if (this.action.do === "tlb-flush" && said !== "refused" && !this.action.posted) {
			const { page, broadcast } = this.action;
			for (const [cpu, { tlb }] of state.cpus.entries()) {
				if (broadcast || cpu === this.action.cpu) expect(tlb).not.toHaveProperty(page);
			}
		}
	}
	toString(): string {
		return JSON.stringify(this.action);
	}
}

function steps({ cpus, coherence, more }: Pair) {
	// Who does not ask the others may have a line dirty beside them.
	const coherent = coherence !== undefined && !more;
	const cpu = fc.nat({ max: cpus - 1 });
	const page = fc.constantFrom(...Object.keys(more ? MORE : PAGES));
	const frame = fc.constantFrom(FRAMES[0]!, ...FRAMES);
	const value = fc.nat({ max: 255 });
	const of = <T extends OracleAction>(action: fc.Arbitrary<T>) => action.map((one) => new Step(one, coherent));
	const word = <const T extends string>(...words: T[]) => fc.constantFrom(...words);
	return [
		of(fc.record({ do: word("load", "store"), cpu, page, value })),
		of(fc.record({ do: word("load", "store"), cpu, page, value })),
		of(fc.record({ do: word("map"), cpu, page, frame })),
		of(fc.record({ do: word("unmap", "tlb-insert", "flush", "clean", "purge", "tlb-evict", "move-in"), cpu, page })),
		of(
			fc.record({
				do: word("tlb-flush"),
				cpu,
				page,
				broadcast: fc.boolean(),
				posted: more ? fc.boolean() : fc.constant(false),
			}),
		),
		of(fc.record({ do: word("drain"), cpu })),
		of(
			fc.record({
				do: word("evict", "write-back"),
				cpu,
				level: fc.nat({ max: more ? 2 : 1 }),
				colour: fc.nat({ max: 1 }),
				frame,
			}),
		),
		of(fc.record({ do: word("dma-read", "dma-write"), frame, value })),
		of(fc.record({ do: word("claim"), claim: word("flushed"), page })),
		of(fc.record({ do: word("claim"), claim: word("released"), frame })),
		...(more
			? [
					of(fc.record({ do: word("tlb-drop", "fetch"), cpu, page })),
					of(fc.record({ do: word("tlb-sync"), cpu })),
					of(fc.record({ do: word("tlb-write"), cpu, page, frame })),
					of(fc.record({ do: word("fetch-flush"), cpu, page, broadcast: fc.boolean() })),
					of(fc.record({ do: word("fetch-flush"), cpu, broadcast: fc.boolean() })),
				]
			: []),
	];
}

const reached = new Set<string>();
let accepted = 0;

test.each(pairs)(
	"$id ($model, $cpus CPUs, outer level: $outer, coherence: $coherence) is what the oracle says, step by step",
	(pair) => {
		fc.assert(
			fc.property(fc.commands(steps(pair), { maxCommands: 60, size: "max" }), (commands) => {
				const options: OracleOptions = {
					cpus: pair.cpus,
					pages: pair.more ? MORE : PAGES,
					frames: FRAMES,
					...(pair.more && {
						large: LARGE,
						attributes: ATTRIBUTES,
						onePurge: profile(pair.id).tlbPurge?.inFlight !== undefined,
					}),
					...(pair.fetches && { fetches: true }),
					outer: pair.outer,
					tso: pair.model === "tso",
					window: 3,
					dmaSnoops: pair.dmaSnoops,
					coherence: pair.coherence ?? "none",
				};
				fc.modelRun(() => ({ model: new Oracle(options), real: new Real(pair) }), commands);
			}),
			{ numRuns: 100 },
		);
	},
	60_000,
);

test("these walks get somewhere", () => {
	// Which of the five codes that these actions can come to depends on the seed.
	expect(reached.size).toBeGreaterThanOrEqual(3);
	expect(accepted).toBeGreaterThan(pairs.length * 1000);
});

const physical: [ProfileId, "telling" | "all", string?][] = [
	["broadwell", "telling"],
	["broadwell", "all"],
	["arm64-generic", "all"],
	["arm64-generic", "all", "caches.L2.inclusion=exclusive"],
	["zen3", "all"],
	["e500mc", "all"],
];

test.each(physical)(
	"%s under SC, its coherent physical caches (%s) flushed as they should be, shows no hazard",
	(id, caches, set) => {
		const pages = { U: { frame: "P" }, K: { frame: "P", colour: 1 }, N: {} };
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 2 }), fc.nat()), { maxLength: 60, size: "max" }),
				(choices) => {
					const held = machine(set ? applySets(profile(id), [set]) : id, {
						cpus: 3,
						pages,
						frames: ["P", "Q"],
						model: "sc",
						caches,
					});
					let inN: string | null = null;
					for (const [what, cpu, choice] of choices) {
						const now = held.enabled();
						const page = ["U", "K", ...(inN ? ["N"] : [])][choice % (inN ? 3 : 2)]!;
						const frame = choice & 1 ? "P" : "Q";
						const list: Action[][] = [
							[{ do: "load", cpu, page }],
							[{ do: "store", cpu, page, value: choice & 255 }],
							[{ do: "flush", cpu, page }],
							[{ do: "dma-write", frame, value: 3 }],
							[{ do: "dma-read", frame }],
							[
								{ do: "get", frame },
								{ do: "put", frame },
							],
							now.length > 0 ? [now[choice % now.length]!] : [],
							// Unmapped as a kernel does it: the entry, the translations everywhere, then the page is dealt with.
							inN
								? [
										{ do: "unmap", cpu, page: "N" },
										...[0, 1, 2].map((each): Action => ({ do: "tlb-flush", cpu: each, page: "N" })),
										{ do: "claim", claim: "flushed", page: "N" },
									]
								: [{ do: "map", cpu, page: "N", frame }],
						];
						const number = what % list.length;
						const outcomes = held.apply(list[number]!);
						if (number === 7) inN = inN ? null : frame;
						expect(outcomes.flatMap(({ hazards }) => hazards)).toEqual([]);
						oneOwner(held.inspect());
					}
				},
			),
			{ numRuns: 150 },
		);
	},
	30_000,
);
