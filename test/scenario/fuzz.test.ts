import { expect, test } from "vitest";
import { parseScenario } from "../../src/scenario/index.ts";
import fc from "../properties.ts";
import { EXAMPLE } from "./example.ts";

/** Nothing but a StalemateError may come out. */
function survives(text: string): void {
	try {
		parseScenario(text);
	} catch (error) {
		expect(error).toMatchObject({ name: "StalemateError", code: expect.stringMatching(/^SCENARIO_/) });
	}
}

test("random characters are read or refused", () => {
	fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), survives), { numRuns: 300 });
});

test("random words of the language are read or refused", () => {
	const words = EXAMPLE.split(/(\s+|\b)/).filter((word) => word !== "");
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (all) =>
			survives(`scenario s\n  ${all.join("")}`),
		),
		{
			numRuns: 300,
		},
	);
});

test("scenarios with characters changed, left out or doubled are read or refused", () => {
	const change = fc.record({
		at: fc.nat(EXAMPLE.length - 1),
		length: fc.nat(12),
		put: fc.string({ maxLength: 4 }),
		times: fc.nat(3),
	});
	fc.assert(
		fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
			let text = EXAMPLE;
			for (const { at, length, put, times } of changes) {
				const part = text.slice(at, at + length);
				text = text.slice(0, at) + put + part.repeat(times) + text.slice(at + length);
			}
			survives(text);
		}),
		{ numRuns: 500 },
	);
});

test("scenarios with lines moved, left out or doubled are read or refused", () => {
	const lines = EXAMPLE.split("\n");
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(lines.length - 1), fc.nat(lines.length - 1), fc.boolean()), { maxLength: 4 }),
			(moves) => {
				const all = [...lines];
				for (const [from, to, keep] of moves) all.splice(to, 0, ...(keep ? [all[from] ?? ""] : all.splice(from, 1)));
				survives(all.join("\n"));
			},
		),
		{ numRuns: 300 },
	);
});
