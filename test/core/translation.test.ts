import { describe, expect, it } from "vitest";
import type { MachineConfig, TranslationConfig } from "../../bindings/config.ts";
import { KIND_READ } from "../../bindings/layout/records.ts";
import { EVERYTHING } from "../oracle/arbitrary.ts";
import { cache, chain, machine } from "../oracle/machines.ts";
import { Oracle } from "../oracle/oracle.ts";
import { permuted } from "../oracle/translation.ts";
import { agrees, simulate } from "./harness.ts";
import { areConsistent } from "./invariants.ts";
import { follows } from "./table.ts";

const MIB = 0x100000n;

/**
 * Where a machine puts these pages, which it touches in this order: the n-th one is missed n + 1 times in a physical cache
 * that cannot hold anything for long.
 */
function placesOf(make: typeof simulate | typeof oracle, config: MachineConfig, pages: bigint[]): bigint[] {
	const runner = make(config, { hot: { cache: 0, by: "page" } });
	for (const [n, page] of pages.entries()) {
		const lines = Array.from({ length: n + 1 }, (_, line) => (page + BigInt(line * 64)) | BigInt(KIND_READ));
		runner.runRecords(BigUint64Array.from(lines));
	}
	return runner
		.hottest(pages.length)
		.toSorted((a, b) => a.misses - b.misses)
		.map(({ key }) => key);
}

const oracle = (...given: ConstructorParameters<typeof Oracle>) => new Oracle(...given);

describe.each([
	["core", simulate],
	["oracle", oracle],
] as const)("pages are placed by the %s", (_, make) => {
	const places = (translation: Partial<TranslationConfig>, pages: bigint[]) =>
		placesOf(make, machine({ caches: [cache({ serves: "both" })], translation }), pages);

	it("at their own address (identity)", () => {
		const pages = [0x5000n, 0n, 0xffff_ffff_ffff_f000n];
		expect(places({ policy: "identity" }, pages)).toEqual(pages);
	});

	it("in order of first use (first-touch)", () => {
		expect(places({ policy: "first-touch" }, [0x5000n, 0n, 0x5000n << 40n])).toEqual([0n, 0x1000n, 0x2000n]);
	});

	it("in the next frame of the same colour (coloured)", () => {
		const pages = [0x5000n, 0x2000n, 0x8000n, 0x3000n, 0x0000n];
		expect(places({ policy: "coloured", colours: 3 }, pages)).toEqual([0x2000n, 0x5000n, 0x8000n, 0n, 0x3000n]);
	});

	it("in different frames of memory (random)", () => {
		const pages = Array.from({ length: 32 }, (_, n) => BigInt(n) << 12n);
		const frames = places({ policy: "random", frames: 5 }, pages).map((place) => Number(place >> 12n));
		expect(frames).not.toEqual(pages.map((page) => Number(page >> 12n)));
		expect(frames.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, n) => n));
	});

	it("in aligned runs behind all frames (huge pages)", () => {
		const huge = [{ start: 4n * MIB, end: 8n * MIB, page: 21 }];
		const pages = [6n * MIB, 0x3000n, 4n * MIB];
		expect(places({ policy: "first-touch", frames: 12, huge }, pages)).toEqual([16n * MIB, 0n, 18n * MIB]);
	});
});

describe("the random permutation of frames", () => {
	it.each([1, 2, 3, 7, 10])("is one of 2^%i numbers for every seed", (bits) => {
		for (const seed of [0n, 1n, 0xffff_ffff_ffff_ffffn]) {
			const images = new Set(Array.from({ length: 2 ** bits }, (_, n) => permuted(BigInt(n), bits, seed)));
			expect(images.size).toBe(2 ** bits);
			expect([...images].every((frame) => frame >= 0n && frame < 2n ** BigInt(bits))).toBe(true);
		}
	});
});

describe("memory", () => {
	it.each([
		["first-touch", 4],
		["random", 4],
		// of the four frames two have colour 0
		["coloured", 2],
	] as const)("has no more frames than it has (%s)", (policy, pages) => {
		const simulator = simulate(machine({ translation: { policy, frames: 2, colours: 2 } }));
		const touch = (page: number) => simulator.runRecords(BigUint64Array.of(BigInt(page) << 13n));
		for (let page = 0; page < pages; page++) touch(page);
		expect(() => touch(pages)).toThrow(
			expect.objectContaining({ code: "OUT_OF_MEMORY", place: { path: "translation.frames" } }),
		);
	});
});

describe("virtual and physical caches", () => {
	const synonyms = (index: "virtual" | "physical", tag: "virtual" | "physical") =>
		machine({
			caches: chain({ sets: 128, index, tag }, { sets: 1024 }),
			translation: { policy: "first-touch" },
		});

	follows(
		"VIVT: another address space is another line at the same address",
		synonyms("virtual", "virtual"),
		`
		read 0x0000        -> L1 read miss, fills; L2 read miss, fills
		read 0x0000 asid 1 -> L1 read miss, fills, evicts; L2 read miss, fills
		read 0x0000        -> L1 read miss, fills, evicts; L2 read hit
		`,
	);
	// Pages 0 and 2 get frames 0 and 1; in 128 sets of 64 bytes an odd page has sets of its own, an even one has not.
	follows(
		"VIPT: the set is chosen by the virtual address",
		synonyms("virtual", "physical"),
		`
		read 0x0000 -> L1 read miss, fills; L2 read miss, fills
		read 0x2000 -> L1 read miss, fills, evicts; L2 read miss, fills
		`,
	);
	follows(
		"PIPT: the set is chosen by the physical address",
		synonyms("physical", "physical"),
		`
		read 0x0000 -> L1 read miss, fills; L2 read miss, fills
		read 0x2000 -> L1 read miss, fills; L2 read miss, fills
		read 0x4000 -> L1 read miss, fills, evicts; L2 read miss, fills
		`,
	);
	follows(
		"VIVT: a dirty line goes to its own physical address, whoever runs when it leaves",
		machine({
			caches: chain({ index: "virtual", tag: "virtual" }, { sets: 128, ways: 1 }),
			translation: { policy: "first-touch" },
		}),
		`
		write 0x0000        -> L1 write miss, fills; L2 fill miss, fills
		read 0x0040 asid 1  -> L1 read miss, fills, evicts, writes back; L2 read miss, write hit, fills
		`,
	);
	follows(
		"an inclusive level removes the copy from wherever its virtual address put it",
		machine({
			caches: chain(
				{ sets: 128, ways: 2, index: "virtual", tag: "physical" },
				{ sets: 64, ways: 1, inclusion: "inclusive" },
			),
			translation: { policy: "first-touch" },
		}),
		`
		write 0x1000 -> L1 write miss, fills; L2 fill miss, fills
		read 0x4000  -> L1 read miss, fills, loses; L2 read miss, fills, evicts, writes back
		read 0x1000  -> L1 read miss, fills, loses; L2 read miss, fills, evicts
		`,
	);
});

describe("translation", () => {
	agrees(
		"agrees with the oracle in physical caches",
		{ policy: EVERYTHING.policy, huge: true, replacement: EVERYTHING.replacement },
		{ runs: 150, check: areConsistent },
	);
	agrees(
		"agrees with the oracle in virtual caches",
		{ policy: EVERYTHING.policy, virtual: true, huge: true, inclusion: EVERYTHING.inclusion },
		{ runs: 150, check: areConsistent },
	);
	agrees(
		"agrees with the oracle when pages are walked for",
		{
			policy: EVERYTHING.policy,
			virtual: true,
			huge: true,
			tlbs: true,
			walks: true,
			inclusion: EVERYTHING.inclusion,
			cpus: 2,
		},
		{ runs: 150, check: areConsistent },
	);
});
