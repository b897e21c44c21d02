import type { Replacement } from "../../bindings/config.ts";

/** The replacement state of one set. An invalid way is always used before `victim` is asked. */
export interface Policy {
	/** A line was put into this way. */
	filled(way: number): void;
	/** The line in this way was hit. */
	hit(way: number): void;
	/** The way to replace; all ways are valid. */
	victim(): number;
}

const MASK_64 = (1n << 64n) - 1n;

/** The generator of one cache instance, shared by its sets. */
export class Random {
	private x: bigint;

	/** seeded with seed + instance number * 0x9E3779B97F4A7C15 */
	constructor(seed: bigint, instance: number) {
		this.x = (seed + BigInt(instance) * 0x9e3779b97f4a7c15n) & MASK_64;
	}

	/** x = x * 6364136223846793005 + 1442695040888963407 stepped before each use; (x >> 33) mod ways */
	way(ways: number): number {
		this.x = (this.x * 6364136223846793005n + 1442695040888963407n) & MASK_64;
		return Number((this.x >> 33n) % BigInt(ways));
	}
}

export function policyOf(name: Replacement, ways: number, random: Random): Policy {
	switch (name) {
		case "lru":
			return new Lru();
		case "fifo":
			return new Fifo();
		case "plru":
			return new Plru(ways);
		case "srrip":
			return new Srrip(ways);
		case "random":
			return { filled() {}, hit() {}, victim: () => random.way(ways) };
	}
}

/** The least recently touched line; a fill is a touch. */
class Lru implements Policy {
	/** Least recently touched first. */
	private readonly order: number[] = [];

	hit(way: number): void {
		const at = this.order.indexOf(way);
		if (at >= 0) this.order.splice(at, 1);
		this.order.push(way);
	}

	filled(way: number): void {
		this.hit(way);
	}

	victim(): number {
		return this.order[0]!;
	}
}

/** The line allocated longest ago; hits do not matter. */
class Fifo implements Policy {
	/** Allocated longest ago first. */
	private readonly order: number[] = [];

	hit(): void {}

	filled(way: number): void {
		const at = this.order.indexOf(way);
		if (at >= 0) this.order.splice(at, 1);
		this.order.push(way);
	}

	victim(): number {
		return this.order[0]!;
	}
}

interface Node {
	/** Ways [first, end) are below this node. */
	first: number;
	middle: number;
	end: number;
	left?: Node;
	right?: Node;
	points: "left" | "right";
}

/** A binary tree over the ways rounded up to a power of two; a node's pointer starts at left. */
class Plru implements Policy {
	private readonly root: Node | undefined;
	private readonly ways: number;

	constructor(ways: number) {
		this.ways = ways;
		let rounded = 1;
		while (rounded < ways) rounded *= 2;
		this.root = tree(0, rounded);
	}

	/** A touch makes every node on the way's path point away from it. */
	hit(way: number): void {
		for (let node = this.root; node; ) {
			const below: "left" | "right" = way < node.middle ? "left" : "right";
			node.points = below === "left" ? "right" : "left";
			node = node[below];
		}
	}

	filled(way: number): void {
		this.hit(way);
	}

	/** Follows the pointers from the root, taking the left branch where the right subtree has no way. */
	victim(): number {
		let way = 0;
		for (let node = this.root; node; ) {
			const branch: "left" | "right" = node.middle >= this.ways ? "left" : node.points;
			way = branch === "left" ? node.first : node.middle;
			node = node[branch];
		}
		return way;
	}
}

function tree(first: number, end: number): Node | undefined {
	if (end - first === 1) return undefined;
	const middle = (first + end) / 2;
	const left = tree(first, middle);
	const right = tree(middle, end);
	return { first, middle, end, points: "left", ...(left && { left }), ...(right && { right }) };
}

/** 2-bit re-reference prediction, hit priority. */
class Srrip implements Policy {
	private readonly predictions: number[];

	constructor(ways: number) {
		this.predictions = Array.from({ length: ways }, () => 3);
	}

	/** a hit sets 0 */
	hit(way: number): void {
		this.predictions[way] = 0;
	}

	/** a fill sets 2 */
	filled(way: number): void {
		this.predictions[way] = 2;
	}

	/** the victim is the lowest way with 3; while none has 3, all are incremented */
	victim(): number {
		while (!this.predictions.includes(3)) {
			for (let way = 0; way < this.predictions.length; way++) this.predictions[way]!++;
		}
		return this.predictions.indexOf(3);
	}
}
