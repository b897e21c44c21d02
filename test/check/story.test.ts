import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Params, storyOf } from "../../src/check/index.ts";
import { check } from "./core.ts";

const read = (file: string) => readFileSync(new URL(`scenarios/${file}`, import.meta.url), "utf8");

/** What had to happen, without the steps' numbers: those change with the order in which schedules are found. */
function told(
	text: string,
	options: { profile?: string; params?: Params; model?: "tso" | "sc" | "arm8" } = {},
): string[] {
	const { program, schedule } = check.checkSync(text, options);
	return storyOf(program, schedule!).causes.map(({ what }) => what);
}

describe("the story of a schedule", () => {
	test("of stale data says who cached it, who wrote newer data, and which way the old came back", () => {
		expect(told(read("clean-alias.scn"), { profile: "pa8800" })).toEqual([
			"CPU0 cached P under K",
			"user wrote newer data, which stayed in CPU0's copy of P under U,",
			"old data went from CPU0's copy of P under K to P in the outer cache",
			"user reads an older version of P than the latest",
		]);
	});

	test("of a broken contract says what is still cached", () => {
		expect(told(read("clean-alias.scn"), { profile: "vipt-generic" })).toEqual([
			"CPU0 cached P under K",
			"P is handed over while a line of it is still cached",
		]);
	});

	test("of a stale translation says who acknowledged a flush without having done it", () => {
		expect(told(read("shootdown.scn"), { params: { flavour: "async", nmi: "unguarded" } })).toEqual([
			"CPU1 cached U",
			"initiator changed its page-table entry",
			"initiator flushed only the TLB of CPU0",
			"irq@1 acknowledged without having dropped U",
			"initiator gave P1 to somebody else",
			"nmi@1 accesses U through a translation that had been flushed",
		]);
	});

	test("of a walk says who remembered the table that was freed", () => {
		const causes = told(read("shootdown.scn"), { params: { flavour: "async", freed: "yes" } });
		expect(causes[0]).toBe("CPU1's page walker remembered T");
		expect(causes).toContain("initiator unlinked it");
		expect(causes.at(-1)).toBe("a page walk reads table T, which was freed");
	});

	test("of an access after its time says what was read while a store to it was on its way", () => {
		const causes = told(read("map-counter.scn"), { params: { writer_fence: "full" }, model: "tso" });
		expect(causes).toContain(
			'notifier still read ref = 0, while "store.release ref <- 1" of worker was not yet visible,',
		);
		expect(causes).toContain("notifier told the owner of R that nobody would touch it any more");
		expect(causes.at(-1)).toBe("worker writes R after its owner was told that nobody would");
	});

	test("of a deadlock says who has what and who waits", () => {
		const text = `scenario abba
  var a = 0 lock, b = 0 lock
  actor one on cpu 0
    lock a
    lock b
  actor two on cpu 1
    lock b
    lock a
`;
		const causes = told(text);
		expect(causes).toEqual(expect.arrayContaining(["one took a", "two took b", "one waits", "two waits"]));
	});

	test("is one sentence with every step that matters", () => {
		const { program, schedule } = check.checkSync(read("clean-alias.scn"), { profile: "pa8800" });
		const { text, causes } = storyOf(program, schedule!);
		expect(text.endsWith(".")).toBe(true);
		for (const { step, what } of causes) {
			expect(text).toContain(what);
			expect(text).toContain(`at step ${step}`);
		}
	});
});
