// The coherence protocols as a table of who has a line in which state before and after CPU 0 reads or writes it.

import { describe, expect, test } from "vitest";
import type { Machine, MachineEvent, MachineOptions } from "../../src/machine/index.ts";
import { applySets, profile } from "../../src/profiles/index.ts";
import { type Action, hazardsOf, machine } from "./machine.ts";

type Protocol = "mesi" | "mesif" | "moesi";

const pages: MachineOptions["pages"] = { U: { frame: "P" }, V: { frame: "P" }, K: { frame: "P", colour: 1 } };
const profileOf = applySets(profile("vipt-generic"), ["cpus.cores=3"]);

function make(coherence: Protocol | "none"): Machine {
	return machine(profileOf, { cpus: 3, pages, coherence, model: "sc" });
}

const LETTERS = { modified: "M", exclusive: "E", shared: "S", owned: "O", forward: "F" };

/** The line's state in each CPU's cache, by letters. */
function states(held: Machine, colour = 0): string {
	return held
		.inspect()
		.caches[0]!.cpus.map(({ colours }) => (colours[colour]![0] ? LETTERS[colours[colour]![0].state] : "I"))
		.join("");
}

/** "r1 w2": CPU 1 reads, CPU 2 writes, e0: CPU 0's line is evicted. */
function run(held: Machine, words: string): string[] {
	const outcomes = held.apply(
		words.split(" ").map((word): Action => {
			const cpu = Number(word[1]);
			if (word[0] === "e") return { do: "evict", cpu, level: 0, colour: 0, frame: "P", line: 0 };
			if (word[0] === "c") return { do: "write-back", cpu, level: 0, colour: 0, frame: "P", line: 0 };
			return word[0] === "r" ? { do: "load", cpu, page: "U" } : { do: "store", cpu, page: "U" };
		}),
	);
	return hazardsOf(outcomes);
}

const tables: Record<Protocol, [string, string][]> = {
	mesi: [
		["r0", "EII"],
		["w0", "MII"],
		["r0 w0", "MII"],
		["r0 r1", "SSI"],
		["r0 r1 r2", "SSS"],
		["w0 r1", "SSI"],
		["w0 w1", "IMI"],
		["r0 r1 w1", "IMI"],
		["r0 w1", "IMI"],
		["w0 c0", "EII"],
		["w0 r1 e0 e1", "III"],
		["w0 r1 e0 r2", "ISS"],
	],
	mesif: [
		["r0", "EII"],
		["r0 r1", "SFI"],
		["r0 r1 r2", "SSF"],
		["w0 r1", "SFI"],
		["r0 r1 w0", "MII"],
		["r0 r1 e1 r2", "SIF"],
		["w0 w1", "IMI"],
	],
	moesi: [
		["r0", "EII"],
		["r0 r1", "SSI"],
		["w0 r1", "OSI"],
		["w0 r1 r2", "OSS"],
		["w0 r1 w0", "MII"],
		["w0 r1 w1", "IMI"],
		["w0 r1 c0", "SSI"],
		["w0 r1 e0 r2", "ISS"],
		["w0 w1", "IMI"],
	],
};

describe.each(Object.entries(tables))("%s:", (protocol, rows) => {
	test.each(rows)("after %s the CPUs have %s, and nobody reads what is old", (words, after) => {
		const held = make(protocol as Protocol);
		expect(run(held, words)).toEqual([]);
		expect(states(held)).toBe(after);
	});
});

test("without a protocol a CPU reads what another one has overwritten", () => {
	expect(run(make("none"), "r0 w1 r0")).toEqual(["STALE"]);
});

test("what is dirty elsewhere is supplied: by MESI written down as well, by MOESI not", () => {
	const events = (protocol: Protocol) => {
		const held = make(protocol);
		run(held, "w0");
		const heard: MachineEvent[] = [];
		held.watch((batch) => heard.push(...batch));
		run(held, "r1");
		return heard.map(({ event }) => event).slice(2);
	};
	expect(events("mesi")).toEqual(["snoop", "supply", "write-back", "memory-write", "fill"]);
	expect(events("moesi")).toEqual(["snoop", "supply", "fill"]);
});

test("equivalent aliases are coherent between CPUs, inequivalent ones are not", () => {
	const reads = (page: string) => {
		const held = make("mesi");
		return hazardsOf(
			held.apply([
				{ do: "load", cpu: 1, page },
				{ do: "store", cpu: 0, page: "U" },
				{ do: "load", cpu: 1, page },
			]),
		);
	};
	expect(reads("V")).toEqual([]);
	expect(reads("K")).toEqual(["STALE"]);
});

test("a flush by address reaches the caches of all CPUs, a flush of the whole cache its own", () => {
	const after = (flush: Action) => {
		const held = make("mesi");
		run(held, "r0 r1 r2");
		held.apply(flush);
		return states(held);
	};
	expect(after({ do: "flush", cpu: 1, page: "U" })).toBe("III");
	expect(after({ do: "flush-all", cpu: 1 })).toBe("SIS");
});
