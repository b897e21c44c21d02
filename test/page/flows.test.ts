import { expect, test } from "vitest";
import { flowsOf } from "../../page/check/flows.ts";
import { shippedText } from "../../src/catalogue/catalogue.ts";
import { loadCheckSync } from "../../src/check/load.ts";

/** What goes where in the schedule of a scenario, by step. */
function flows(name: string): string[] {
	const { program, schedule } = loadCheckSync().checkSync(shippedText(name)!.text);
	const { start, steps } = schedule!;
	return steps.flatMap(({ step, cpu, state }, i) => {
		const before = i === 0 ? start : steps[i - 1]!.state;
		return flowsOf(program, before, state, cpu).map(
			({ kind, from, to, what }) => `${step} ${kind} ${from}>${to} ${what}`,
		);
	});
}

test("lines are filled, written back and handed on between caches and memory", () => {
	expect(flows("L02")).toEqual([
		"1 fill shared>0 P",
		"1 fill memory>shared P",
		"6 fill shared>0 P",
		"7 write-back 0>shared P",
		"8 write-back shared>memory P",
		"9 victim 0>shared P",
		"10 fill shared>0 P",
	]);
});

test("an interrupt goes from who sends it to who gets it", () => {
	expect(flows("L43").join()).toContain("interrupt 0>1 IPI");
});
