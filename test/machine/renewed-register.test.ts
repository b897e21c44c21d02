import { expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { finish } from "../../src/check/drive.ts";
import { checkScenario } from "../../src/check/run.ts";
import { parseScenario } from "../../src/scenario/index.ts";

const core = loadProgramCoreSync();

function codes(first: string, second: string, model: "sc" | "tso" | "arm8" | "rcpc"): string[] {
	const text = `scenario s
  page P
  map M -> P kernel
  var x = 0, y = 0, both = 0
  actor first on cpu 0
${first.replace(/^/gm, "    ")}
  actor second on cpu 1
${second.replace(/^/gm, "    ")}
`;
	const options = { profile: "abstract", model, allHazards: true } as const;
	return finish(checkScenario(core, parseScenario(text), options)).run.codes;
}

/** The second to get here, if both do, reads a page that was released. */
const MEET = `rmw.add.full seen <- both, 1
if seen == 1: claim released P
if seen == 1: load r3 <- M`;

// Store buffering, whose first store is part of a counter's step.
function buffering(order: string, between: string): string {
	return `rmw.add.${order} r0 <- x, 1\n${between}load r1 <- y\nif r1 == 0:\n${MEET.replace(/^/gm, "  ")}`;
}
const SECOND = `rmw.add.full y, 1\nload r1 <- x\nif r1 == 0:\n${MEET.replace(/^/gm, "  ")}`;

test.each(["", "set r0 <- r0 + 1\n", "set r0 <- r0 + 1\nset r0 <- r0 & 3\n"])(
	"a later load does not wait for a register that is computed anew from what is pending (%j)",
	(between) => {
		for (const model of ["arm8", "rcpc"] as const) {
			expect(codes(buffering("plain", between), SECOND, model)).toEqual(["UAI"]);
			expect(codes(buffering("full", between), SECOND, model)).toEqual([]);
		}
		for (const model of ["sc", "tso"] as const) expect(codes(buffering("plain", between), SECOND, model)).toEqual([]);
	},
);

test("what takes a register gets the value of its place in the program, however often the register is computed anew", () => {
	const first = "load r0 <- x\nset r0 <- r0 + 1\nstore y <- r0\nset r0 <- r0 + 1\nstore both <- r0";
	const wrong = (register: string, value: number) =>
		`if ${register} != 0 and ${register} != ${value}: claim released P\nif ${register} != 0 and ${register} != ${value}: load r3 <- M`;
	const second = `load r1 <- y\nload r2 <- both\n${wrong("r1", 1)}\n${wrong("r2", 2)}`;
	for (const model of ["sc", "tso", "arm8", "rcpc"] as const) expect(codes(first, second, model)).toEqual([]);
});
