import { describe, expect, it } from "vitest";
import { packedOnCpu } from "./packed-cpu.ts";
import { bytes, core, countsOf, din } from "./traces.ts";

const TEXT = bytes(din(5000));

describe("a packed trace of CPU 2", () => {
	it("needs a machine with three CPUs, and is told so", async () => {
		const simulation = core.simulator("broadwell", { cpus: 2 });
		await expect(simulation.runTrace(await packedOnCpu(TEXT, 2))).rejects.toMatchObject({
			code: "BAD_TRACE",
			place: { path: "cpus" },
			message: expect.stringContaining("CPUs 0 to 1"),
		});
		expect(simulation.result().complete).toBe(false);
	});

	it("has the counts of CPU 0, under its own number", async () => {
		const two = await core.simulator("broadwell", { cpus: 3 }).runTrace(await packedOnCpu(TEXT, 2));
		const zero = await core.simulator("broadwell").runTrace(TEXT);
		expect(two.caches.map(({ cpu }) => cpu)).toEqual(zero.caches.map(() => 2));
		const { references, caches } = countsOf(two);
		expect({ references, caches: caches.map((row) => ({ ...row, cpu: 0 })) }).toMatchObject({
			references: zero.references,
			caches: zero.caches,
		});
	});
});
