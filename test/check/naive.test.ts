import { expect, test } from "vitest";
import type { Hardware } from "../../bindings/assemble.ts";
import { Explorer } from "../../bindings/explorer.ts";
import type { HazardCode } from "../../bindings/hazards.ts";
import type { Instruction, Operation, Program } from "../../bindings/program.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import fc from "../properties.ts";

// The search against a naive one: depth first, all states in a Set, one action at a time.

const core = loadProgramCoreSync();

const hardware: Hardware = {
	model: "sc",
	walker: true,
	accessedBits: false,
	moveIn: false,
	broadcast: false,
	dmaSnoops: true,
	evictions: true,
	breakBeforeMake: false,
	levels: [],
};
const virtual = { virtual: true, shared: false, takesClean: false, exclusive: false };
const victim = { virtual: false, shared: true, takesClean: true, exclusive: false };

const constant = (value: number) => ({ constant: value });
const plain = fc.constant("plain" as const);
const page = fc.nat(1).map((va) => ({ in: "page" as const, va, line: 0 }));
const variable = fc.nat(1).map((v) => ({ in: "var" as const, var: v }));
// Not present; page 0; page 1.
const entry = fc.constantFrom(0, 0x0b, 0x1b).map(constant);
const mapping = fc.nat(1);

/** Operations of small programs: two mappings of two pages, two variables, one table. */
const operation: fc.Arbitrary<Operation> = fc.oneof(
	fc.record({ op: fc.constant("load" as const), to: fc.constant(0), at: page, order: plain }),
	fc.record({ op: fc.constant("store" as const), at: page, value: fc.nat(2).map(constant), order: plain }),
	fc.record({ op: fc.constant("store" as const), at: variable, value: fc.nat(2).map(constant), order: plain }),
	fc.record({ op: fc.constant("load" as const), to: fc.constant(1), at: variable, order: plain }),
	fc.record({
		op: fc.constant("await" as const),
		at: variable,
		test: fc.constant("==" as const),
		value: fc.nat(1).map(constant),
		order: plain,
	}),
	fc.record({
		op: fc.constant("rmw" as const),
		kind: fc.constant("swap" as const),
		at: mapping.map((va) => ({ in: "pte" as const, va })),
		value: entry,
		order: fc.constant("full" as const),
	}),
	mapping.map((va): Operation => ({ op: "tlb-flush", va, scope: "local" })),
	fc.constant<Operation>({ op: "tlb-flush", scope: "broadcast" }),
	fc.nat(1).map((frame): Operation => ({ op: "claim", claim: "recycled", frame })),
	mapping.map((va): Operation => ({ op: "claim", claim: "flushed", va })),
	fc.nat(1).map((frame): Operation => ({ op: "claim", claim: "released", frame })),
	mapping.map((va): Operation => ({ op: "cache", kind: "flush", va, pageLine: 0 })),
	fc.constantFrom<Operation>({ op: "fence", kind: "full" }, { op: "fence", kind: "store" }),
	fc.constant<Operation>({ op: "interrupt", handler: "irq", to: "others" }),
);

const code = (most: number) =>
	fc
		.array(operation, { maxLength: most })
		.map((ops) => ops.map((op): Instruction => ({ ...op, line: 0, text: op.op })));

/** All CPUs but the first run the same program. */
function programOf(first: Instruction[], alike: Instruction[], handler: Instruction[], cpus: number): Program {
	const actors: Program["actors"] = [{ name: "first", cpu: 0, kind: "thread", registers: ["a", "b"], code: first }];
	for (let cpu = 1; cpu < cpus; cpu++) {
		actors.push({ name: `alike${cpu}`, cpu, kind: "thread", registers: ["a", "b"], code: alike });
		actors.push({ name: `handler${cpu}`, cpu, kind: "irq", registers: ["a", "b"], code: handler });
	}
	return {
		name: "random",
		cpus,
		vars: ["x", "y"].map((name) => ({ name, initial: 0, perCpu: false })),
		frames: ["P", "Q"].map((name) => ({ name, kind: "ram", lines: 1, references: 1 })),
		tables: [{ name: "T", linked: true }],
		mms: [],
		vas: [
			{ name: "U", frame: 0, writable: true, half: "user", mm: null, colour: 0, table: 0, pte: 0 },
			{ name: "K", frame: 0, writable: true, half: "kernel", mm: null, colour: 1, table: null, pte: 1 },
		],
		actors,
		symmetric: [Array.from({ length: cpus - 1 }, (_, i) => i + 1)],
		observed: [{ actor: 0, reg: 1 }, { var: 0 }, { var: 1 }],
	};
}

const MOST_STATES = 3000;

/** All states and hazards, depth first; undefined: too many. */
function naive(explorer: Explorer): { states: number; codes: HazardCode[] } | undefined {
	const codes = new Set<HazardCode>();
	const first = explorer.start();
	const seen = new Set([first.join()]);
	const stack = [first];
	for (let block = stack.pop(); block; block = stack.pop()) {
		for (const successor of explorer.successors(block)) {
			for (const hazard of successor.hazards) codes.add(hazard);
			const key = successor.block.join();
			if (seen.has(key)) continue;
			if (seen.size >= MOST_STATES) return undefined;
			seen.add(key);
			stack.push(successor.block);
		}
	}
	return { states: seen.size, codes: [...codes].sort() };
}

function searched(program: Program, on: Hardware, reductions: boolean) {
	const explorer = new Explorer(core, program, on, { mayHold: reductions });
	explorer.begin({ symmetric: reductions });
	const { states } = explorer.run();
	return { states, codes: [...explorer.codes].sort(), finals: explorer.finals().map(String).sort() };
}

const machines: Record<string, Hardware> = {
	"SC without caches": hardware,
	"TSO without caches": { ...hardware, model: "tso" },
	"VIPT caches above a level that takes victims": {
		...hardware,
		walker: false,
		levels: [virtual, victim],
		moveIn: true,
	},
};

for (const [name, on] of Object.entries(machines)) {
	test(`the search sees the states and hazards that a naive one sees: ${name}`, () => {
		const input = fc.tuple(code(4), code(3), code(2), fc.constantFrom(2, 2, 3));
		fc.assert(
			fc.property(input, ([first, alike, handler, cpus]) => {
				const program = programOf(first, alike, handler, on.levels.length > 0 ? 2 : cpus);
				const slow = naive(new Explorer(core, program, on, { mayHold: false }));
				fc.pre(slow !== undefined);
				const full = searched(program, on, false);
				expect({ states: full.states, codes: full.codes }).toEqual(slow);
				// Reductions change neither hazards nor final states.
				const reduced = searched(program, on, true);
				expect({ codes: reduced.codes, finals: reduced.finals }).toEqual({ codes: full.codes, finals: full.finals });
				expect(reduced.states).toBeLessThanOrEqual(full.states);
			}),
			{ numRuns: 100 },
		);
	});
}

test("a schedule shown for a hazard replays to it, with and without reductions", () => {
	fc.assert(
		fc.property(code(4), code(3), code(2), (first, alike, handler) => {
			for (const reductions of [false, true]) {
				const explorer = new Explorer(core, programOf(first, alike, handler, 3), hardware, { mayHold: reductions });
				explorer.begin({ symmetric: reductions });
				if (explorer.run(0xffffffff, 20_000).end !== "done") return;
				for (const hazard of explorer.codes) {
					const steps = [...explorer.replay(explorer.trace(hazard))];
					const last = steps.slice(-2).flatMap((step) => step.hazards);
					if (hazard !== "LIVE") expect(last).toContain(hazard);
				}
			}
		}),
		{ numRuns: 60 },
	);
});
