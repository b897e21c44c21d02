// The nine programs of the alias matrix, each run action by action; where a cell is STALE, with the spontaneous evictions,
// write-backs and move-ins that make it so chosen by hand. Cells that are free of hazards stay so whatever happens: that is
// searched, not chosen.

import { describe, expect, test } from "vitest";
import { Explorer } from "../../bindings/explorer.ts";
import type { Instruction, Program } from "../../bindings/program.ts";
import { hardwareOf } from "../../src/hardware.ts";
import { applySets, profile } from "../../src/profiles/index.ts";
import type { Profile } from "../../src/profiles/types.ts";
import { type Action, hazardsOf, machine } from "./machine.ts";

const columns: Record<string, Profile> = {
	vipt: profile("vipt-generic"),
	"vipt+spec": applySets(profile("vipt-generic"), ["speculativeMoveIn=true"]),
	"non-victim": profile("vipt-l3-nonvictim"),
	"pa8800 off": applySets(profile("pa8800"), ["speculativeMoveIn=false"]),
	pa8800: profile("pa8800"),
};
const NAMES = Object.keys(columns);

const programs: Record<string, string> = {
	a: "MU MK RK PK WU RU",
	b: "MU MK RK PK WU RU FU MK RK",
	c: "MU MK RK PK WU FU MK2 RK2",
	d: "MU MK RK FK PK WU RU FU MK RK",
	e: "MU MK RK PK FK WU RU FU MK RK",
	f: "MU RU FU MK WK PK RU",
	g: "MU MK WK ZK PK WU RU",
	h: "MU MK WK ZK PK WU FU MK RK",
	i: "MU WU MK RK FK PK",
};

/**
 * What happens by itself between the steps, for the columns where that makes a hazard: `iX` moves a line in through X, `wX`, `eX`
 * write it back or evict it from X's colour, `wO` from the outer level.
 */
const schedules: Record<string, Record<string, string>> = {
	a: {
		// The outer level's copy is clean once it is written back, and then takes K's old one.
		"pa8800 off": "MU MK RK PK WU wU wO eU eK RU",
		pa8800: "MU MK RK PK WU wU wO eU eK RU",
	},
	b: Object.fromEntries(NAMES.map((name) => [name, "MU MK RK PK WU RU FU MK RK"])),
	c: { "pa8800 off": "MU MK RK PK WU FU eK MK2 RK2", pa8800: "MU MK RK PK WU FU eK MK2 RK2" },
	d: { "vipt+spec": "MU MK RK FK iK PK WU RU FU MK RK", pa8800: "MU MK RK FK iK PK WU RU FU MK RK" },
	e: {},
	f: Object.fromEntries(NAMES.map((name) => [name, "MU RU FU MK WK PK RU"])),
	g: { "pa8800 off": "MU MK WK ZK PK WU wU wO eU eK RU", pa8800: "MU MK WK ZK PK WU wU wO eU eK RU" },
	h: Object.fromEntries(NAMES.map((name) => [name, "MU MK WK ZK PK WU FU MK RK"])),
	i: Object.fromEntries(NAMES.map((name) => [name, "MU WU MK RK FK PK"])),
};

const PAGES = ["U", "K", "K2"];

function action(word: string): Action {
	const [kind, page] = [word[0]!, word.slice(1)];
	const colour = PAGES.indexOf(page);
	const at = page === "O" ? { level: 1, colour: 0 } : { level: 0, colour };
	const actions: Record<string, Action> = {
		M: { do: "map", page, dirty: true },
		R: { do: "load", page },
		W: { do: "store", page },
		F: { do: "flush", page },
		Z: { do: "clean", page },
		P: { do: "tlb-flush", page },
		i: { do: "move-in", cpu: 0, page, frame: "P", line: 0 },
		w: { do: "write-back", cpu: 0, ...at, frame: "P", line: 0 },
		e: { do: "evict", cpu: 0, ...at, frame: "P", line: 0 },
	};
	return actions[kind]!;
}

/** The program on its own: what the search says of it. */
function search(words: string, on: Profile): string[] {
	const instruction = (word: string): Instruction => {
		const va = PAGES.indexOf(word.slice(1));
		const at = { in: "page", va, line: 0 } as const;
		const more = { line: 0, text: word };
		switch (word[0]) {
			case "R":
				return { op: "load", at, order: "plain", ...more };
			case "W":
				return { op: "store", at, value: { constant: 0 }, order: "plain", ...more };
			case "F":
				return { op: "cache", kind: "flush", va, pageLine: 0, ...more };
			case "Z":
				return { op: "cache", kind: "clean", va, pageLine: 0, ...more };
			case "M":
				return { op: "store", at: { in: "pte", va }, value: { constant: 11 }, order: "plain", ...more };
			default:
				return { op: "tlb-flush", va, scope: "local", ...more };
		}
	};
	const program: Program = {
		name: words,
		cpus: 1,
		vars: [],
		frames: [{ name: "P", kind: "ram", lines: 1, references: 1 }],
		tables: [],
		mms: [],
		vas: PAGES.map((name, number) => ({
			name,
			frame: null,
			writable: true,
			half: name === "U" ? "user" : "kernel",
			mm: null,
			colour: number,
			table: null,
			pte: number,
			bound: 1,
		})),
		actors: [{ name: "A", cpu: 0, kind: "thread", registers: [], code: words.split(" ").map(instruction) }],
		symmetric: [],
	};
	const explorer = new Explorer(machine.core, program, hardwareOf(on));
	explorer.begin();
	return explorer.run().found;
}

describe.each(Object.keys(programs))("program %s", (name) => {
	test.each(NAMES)("on %s", (column) => {
		const schedule = schedules[name]![column];
		const found = search(programs[name]!, columns[column]!);
		if (schedule === undefined) {
			expect(found).toEqual([]);
			return;
		}
		expect(found).toContain("STALE");
		const held = machine(columns[column]!, {
			pages: { U: { colour: 0 }, K: { colour: 1, half: "kernel" }, K2: { colour: 2, half: "kernel" } },
			frames: ["P"],
		});
		// A page is mapped once: mapping it again is what nobody has to do after a purge of its translation alone.
		const mapped = new Set<string>();
		const words = schedule.split(" ").filter((word) => {
			if (word[0] !== "M") return true;
			if (mapped.has(word)) return false;
			mapped.add(word);
			return true;
		});
		expect(hazardsOf(held.apply(words.map(action)))).toEqual(["STALE"]);
	});
});
