/** Numbers in [0, 1), the same for a seed everywhere: xoshiro128**, seeded by splitmix32. */
export function randomOf(seed: number): () => number {
	let mixed = seed >>> 0;
	// The upper part of a large seed counts, too.
	mixed ^= Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b9);
	const next = () => {
		mixed = (mixed + 0x9e3779b9) | 0;
		let z = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
		z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
		return z ^ (z >>> 15);
	};
	let [a, b, c, d] = [next(), next(), next(), next()];
	const word = () => {
		const five = Math.imul(b, 5);
		const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
		const shifted = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= shifted;
		d = (d << 11) | (d >>> 21);
		return result;
	};
	return () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53;
}

/** The numbers below `count` in a random order. */
export function shuffled(count: number, random: () => number): number[] {
	const order = Array.from({ length: count }, (_, i) => i);
	for (let i = count - 1; i > 0; i--) {
		const other = Math.floor(random() * (i + 1));
		[order[i], order[other]] = [order[other]!, order[i]!];
	}
	return order;
}
