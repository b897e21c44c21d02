/** Numbers from 0 to 1 that look random and are the same for the same seed (xorshift32). */
export function randomFrom(seed: number): () => number {
	let state = Math.imul(seed + 1, 0x9e3779b1) | 0 || 1;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) / 4294967296;
	};
}
