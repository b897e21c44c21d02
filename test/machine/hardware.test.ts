import { expect, test } from "vitest";
import { hardwareOf } from "../../src/hardware.ts";
import { applySets, extend, profile, profileNames } from "../../src/profiles/index.ts";

const V = { virtual: true, shared: false, takesClean: false, exclusive: false };
const P = { virtual: false, shared: true, takesClean: false, exclusive: false };

test("every shipped profile has hardware that the core takes", () => {
	for (const id of profileNames()) {
		for (const caches of ["telling", "all"] as const) {
			const hardware = hardwareOf(profile(id), { caches });
			expect(hardware.levels.length, id).toBeLessThanOrEqual(4);
			expect(hardware.model).toBe(profile(id).memoryModel);
		}
	}
});

test("coherent physically indexed caches cannot be told from memory", () => {
	for (const id of ["broadwell", "haswell-ep", "zen3", "arm64-generic", "weak-generic", "e500v2", "e500mc"] as const) {
		expect(hardwareOf(profile(id)).levels, id).toEqual([]);
	}
});

test("an index beyond the page offset makes aliases, one within it does not", () => {
	const small = hardwareOf(profile("broadwell"), { caches: "all" });
	expect(small.levels.map(({ virtual }) => virtual)).toEqual([false, false, false]);
	const large = hardwareOf(applySets(profile("broadwell"), ["caches.L1D.ways=4"]));
	expect(large.levels.map(({ virtual }) => virtual)).toEqual([true, false, false]);
});

test("virtually indexed levels one behind the other are one", () => {
	expect(hardwareOf(profile("vipt-generic")).levels).toEqual([V]);
	expect(hardwareOf(profile("vipt-generic"), { caches: "all" }).levels).toHaveLength(2);
});

test("a physically indexed level below a virtually indexed one is told from memory", () => {
	expect(hardwareOf(profile("vipt-l3-nonvictim")).levels).toEqual([V, { ...P, shared: false }]);
	expect(hardwareOf(profile("parisc-p9xxx")).levels).toEqual([V, { ...P, shared: false, takesClean: true }]);
	expect(hardwareOf(profile("pa8800")).levels).toEqual([V, { ...P, takesClean: true }]);
	const off = applySets(profile("pa8800"), ["caches.L2.fillOnCleanVictim=false"]);
	expect(hardwareOf(off).levels).toEqual([V, P]);
});

test("devices that do not see the caches make all of them matter", () => {
	expect(hardwareOf(extend("broadwell", { coherence: { dma: false } })).levels).toHaveLength(3);
	expect(hardwareOf(profile("broadwell"), { dmaSnoops: false }).levels).toHaveLength(3);
	expect(hardwareOf(profile("pa8800")).dmaSnoops).toBe(false);
	expect(hardwareOf(profile("arm64-generic")).dmaSnoops).toBe(true);
});

test("who walks, who purges and what moves in is the profile's", () => {
	expect(hardwareOf(profile("broadwell"))).toMatchObject({
		walker: true,
		broadcast: false,
		moveIn: true,
		model: "tso",
	});
	expect(hardwareOf(profile("pa8800"))).toMatchObject({ walker: false, broadcast: true, moveIn: true, model: "sc" });
	expect(hardwareOf(profile("parisc-p9xxx")).moveIn).toBe(false);
	expect(hardwareOf(profile("arm64-generic"))).toMatchObject({ walker: true, broadcast: true, model: "arm8" });
	expect(hardwareOf(profile("e500v2"))).toMatchObject({ walker: false, broadcast: true, model: "rcpc" });
	expect(hardwareOf(profile("abstract"))).toMatchObject({ walker: false, accessedBits: false, levels: [] });
});

test("entries have to be broken before they are made anew where the profile says so", () => {
	expect(hardwareOf(profile("arm64-generic")).breakBeforeMake).toBe(true);
	for (const id of ["weak-generic", "haswell-ep", "pa8800"] as const)
		expect(hardwareOf(profile(id)).breakBeforeMake).toBe(false);
});

test("what is said beside the profile holds instead of it", () => {
	const hardware = hardwareOf(profile("pa8800"), {
		model: "tso",
		speculativeMoveIn: false,
		window: 3,
		evictions: false,
	});
	expect(hardware).toMatchObject({ model: "tso", moveIn: false, window: 3, evictions: false });
});
