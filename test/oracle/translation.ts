import type { TranslationConfig } from "../../bindings/config.ts";

const MASK_64 = (1n << 64n) - 1n;

/** A page: its number and the log2 of its size. */
export interface Page {
	number: bigint;
	bits: number;
}

/** From virtual to physical pages. */
export class Translation {
	private readonly config: TranslationConfig;
	private readonly seed: bigint;
	/** (ASID, page) to physical address of its first byte. */
	private readonly mapped = new Map<string, bigint>();
	private readonly released = new Map<string, bigint[]>();
	/** What was mapped, the last first; object 0: memory of its own. And the frames of each object's pages. */
	private readonly regions: { asid: number; first: bigint; last: bigint; object: number; offset: bigint }[] = [];
	private readonly objects = new Map<string, bigint>();
	private readonly shared = new Set<string>();
	private basePages = 0n;
	private readonly pagesOfColour = new Map<bigint, bigint>();
	/** Huge pages take aligned runs upwards from the end of the base frames. */
	private nextHuge: bigint;

	constructor(config: TranslationConfig, seed: bigint) {
		this.config = config;
		this.seed = seed;
		this.nextHuge = 1n << BigInt(config.frames + config.page);
	}

	/** Page size 2^page unless a huge range says otherwise. */
	pageOf(virtual: bigint): Page {
		const huge = this.config.huge.find((range) => range.start <= virtual && virtual < range.end);
		const bits = huge ? huge.page : this.config.page;
		return { number: virtual >> BigInt(bits), bits };
	}

	physical(asid: number, virtual: bigint): bigint {
		if (this.config.policy === "identity") return virtual;
		const page = this.pageOf(virtual);
		const key = `${asid} ${page.bits} ${page.number}`;
		let start = this.mapped.get(key);
		if (start === undefined) {
			const fresh = () =>
				page.bits === this.config.page ? this.newFrame(page.number) << BigInt(page.bits) : this.newRun(page.bits);
			const region = this.regions.find(({ asid: owner, first, last }) => {
				const from = page.number << BigInt(page.bits);
				return owner === asid && first < from + (1n << BigInt(page.bits)) && last >= from;
			});
			this.shared.delete(key);
			if (region?.object) {
				const at = BigInt.asUintN(64, (page.number << BigInt(page.bits)) - region.first + region.offset);
				const name = `${region.object} ${page.bits} ${at >> BigInt(page.bits)}`;
				start = this.objects.get(name) ?? fresh();
				this.objects.set(name, start);
				this.shared.add(key);
			} else start = this.released.get(this.listOf(page))?.pop() ?? fresh();
			this.mapped.set(key, start);
		}
		return start + (virtual & ((1n << BigInt(page.bits)) - 1n));
	}

	/** Where an address is mapped, if it is. */
	known(asid: number, virtual: bigint): bigint | undefined {
		if (this.config.policy === "identity") return virtual;
		const page = this.pageOf(virtual);
		const start = this.mapped.get(`${asid} ${page.bits} ${page.number}`);
		return start === undefined ? undefined : start + (virtual & ((1n << BigInt(page.bits)) - 1n));
	}

	/** Pages that touch [first, last] are those of an object from here on (0: nobody else's). */
	share(asid: number, first: bigint, last: bigint, object: number, offset: bigint): void {
		this.regions.unshift({ asid, first, last, object, offset });
	}

	/** Pages that touch [first, last] lose their frames, lower ones first; those are used again, the last one first. */
	release(asid: number, first: bigint, last: bigint): void {
		const pages = [...this.mapped.keys()].map((key) => key.split(" ")).filter(([owner]) => Number(owner) === asid);
		const found = pages
			.map(([, bits, number]): Page => ({ bits: Number(bits), number: BigInt(number!) }))
			.filter(({ bits, number }) => number >= first >> BigInt(bits) && number <= last >> BigInt(bits))
			.sort((a, b) => (a.number < b.number ? -1 : 1));
		for (const page of found) {
			const key = `${asid} ${page.bits} ${page.number}`;
			const list = this.listOf(page);
			if (!this.shared.has(key)) this.released.set(list, [...(this.released.get(list) ?? []), this.mapped.get(key)!]);
			this.mapped.delete(key);
		}
	}

	/** Released frames are kept apart by size, and by colour. */
	private listOf({ bits, number }: Page): string {
		const coloured = this.config.policy === "coloured" && bits === this.config.page;
		return coloured ? `colour ${number % BigInt(this.config.colours)}` : `${bits}`;
	}

	private newFrame(page: bigint): bigint {
		switch (this.config.policy) {
			case "identity":
				return page;
			case "first-touch":
				// frames 0, 1, 2, … in order of first use
				return this.basePages++;
			case "coloured": {
				// the next unused frame whose number is congruent to the page number modulo `colours`
				const colours = BigInt(this.config.colours);
				const colour = page % colours;
				const before = this.pagesOfColour.get(colour) ?? 0n;
				this.pagesOfColour.set(colour, before + 1n);
				return colour + colours * before;
			}
			case "random":
				// a seeded permutation of frame numbers, taken in order of first use
				return permuted(this.basePages++, this.config.frames, this.seed);
		}
	}

	/** A huge page takes an aligned run of frames of its own. */
	private newRun(bits: number): bigint {
		const size = 1n << BigInt(bits);
		const start = ((this.nextHuge + size - 1n) / size) * size;
		this.nextHuge = start + size;
		return start;
	}
}

/**
 * A balanced Feistel network of 4 rounds over 2h >= bits, applied again while the result is no frame number: a permutation
 * of 0 .. 2^bits - 1 for every seed.
 */
export function permuted(frame: bigint, bits: number, seed: bigint): bigint {
	const half = BigInt(Math.max(1, Math.ceil(bits / 2)));
	const mask = (1n << half) - 1n;
	let x = frame;
	do {
		let left = x >> half;
		let right = x & mask;
		for (let round = 0n; round < 4n; round++) {
			const key = right + seed * 0x9e3779b97f4a7c15n + round * 0xbf58476d1ce4e5b9n;
			[left, right] = [right, left ^ (mix(key & MASK_64) & mask)];
		}
		x = (left << half) | right;
	} while (x >= 1n << BigInt(bits));
	return x;
}

/** The finaliser of splitmix64. */
function mix(z: bigint): bigint {
	let x = z;
	x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
	x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
	return x ^ (x >> 31n);
}
