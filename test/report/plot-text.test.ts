import { expect, test } from "vitest";
import { linesText } from "../../src/report/plot-text.ts";

test("the legend says what stands where curves meet, and only there", () => {
	const rising = {
		name: "rising",
		points: [
			[1, 1],
			[2, 2],
		] as const,
	};
	const level = {
		name: "level",
		points: [
			[1, 1],
			[2, 1],
		] as const,
	};
	expect(linesText("two", [rising, level]).at(-1)).toContain("o rising   x level   % several of them");
	expect(linesText("one", [rising]).at(-1)).not.toContain("%");
});
