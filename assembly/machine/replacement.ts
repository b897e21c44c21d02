// Replacement policies that keep entries in place. Each is the few verbs that ways.ts needs; LRU and FIFO are the order of
// the entries themselves and have none.

/** Jaleel et al. 2010: a line with this re-reference prediction value may go. */
const SRRIP_DISTANT: u8 = 3;

/** Depth of the tree over `ways` leaves, rounded up to a power of two. */
function plruDepth(ways: u32): u32 {
	return 32 - clz<u32>(ways - 1);
}

/**
 * Tree-PLRU: node n (root 1, children 2n and 2n + 1) is bit n of the tree; 0 points left, 1 right. The tree after a touch of
 * `way`: every node on the way to it points away from it.
 */
export function plruTouched(tree: u64, ways: u32, way: u32): u64 {
	let node: u32 = 1;
	for (let level = <i32>plruDepth(ways) - 1; level >= 0; level--) {
		const right = (way >> level) & 1;
		const bit = (<u64>1) << node;
		tree = right ? tree & ~bit : tree | bit;
		node = (node << 1) | right;
	}
	return tree;
}

/** Follows the pointers; where the right subtree holds no way (a number of ways that is no power of two) it goes left. */
export function plruVictim(tree: usize, ways: u32): u32 {
	const bits = load<u64>(tree);
	let node: u32 = 1;
	let way: u32 = 0;
	for (let level = <i32>plruDepth(ways) - 1; level >= 0; level--) {
		const right = <u32>(bits >> node) & 1 && (way | (1 << level)) < ways ? 1 : 0;
		way |= right << level;
		node = (node << 1) | right;
	}
	return way;
}

/** Ages all predictions (a byte each) until one is distant, and takes the first that is. */
export function srripVictim(predictions: usize, ways: u32): u32 {
	let oldest: u8 = 0;
	for (let i: u32 = 0; i < ways; i++) oldest = max(oldest, load<u8>(predictions + i));
	const years = SRRIP_DISTANT - oldest;
	let way = ways;
	for (let i = ways; i-- > 0; ) {
		const value = load<u8>(predictions + i) + years;
		store<u8>(predictions + i, value);
		if (value == SRRIP_DISTANT) way = i;
	}
	return way;
}

export function randomVictim(random: u64, ways: u32): u32 {
	return <u32>((random >> 33) % ways);
}
