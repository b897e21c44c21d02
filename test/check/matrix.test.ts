// The matrix of aliases on machines with virtually indexed caches (mechanisms of parisc): nine programs, five machines.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { check } from "./core.ts";

const MACHINES = [
	"vipt-generic{speculativeMoveIn=no}",
	"vipt-generic{speculativeMoveIn=yes}",
	"vipt-l3-nonvictim{speculativeMoveIn=no}",
	"pa8800{speculativeMoveIn=no}",
	"pa8800",
];

const MATRIX = {
	a: "ok    ok    ok    STALE STALE",
	b: "STALE STALE STALE STALE STALE",
	c: "ok    ok    ok    STALE STALE",
	d: "ok    STALE ok    ok    STALE",
	e: "ok    ok    ok    ok    ok",
	f: "STALE STALE STALE STALE STALE",
	g: "ok    ok    ok    STALE STALE",
	h: "STALE STALE STALE STALE STALE",
	i: "STALE STALE STALE STALE STALE",
};

describe.each(Object.entries(MATRIX))("program %s", (letter, row) => {
	const text = readFileSync(new URL(`../../scenarios/parisc/matrix-${letter}.scn`, import.meta.url), "utf8");
	const cells = row.split(/ +/).map((cell, i) => [MACHINES[i]!, cell] as const);

	test.each(cells)("on %s is %s", (profile, cell) => {
		const { run } = check.checkSync(text, { profile, allHazards: true });
		expect(run.complete).toBe(true);
		expect(run.codes).toEqual(cell === "ok" ? [] : [cell]);
	});

	test("explored with all caches comes to the same", () => {
		for (const [profile, cell] of cells) {
			const { run, result } = check.checkSync(text, { profile, caches: "all", bounds: { states: 300_000 } });
			if (result.stoppedBy === null) expect(`${profile} ${run.codes.join() || "ok"}`).toBe(`${profile} ${cell}`);
		}
	});
});
