// XXH64 (Yann Collet's xxHash, 64 bits, seed 0): four lanes of eight bytes, about 14 GB/s.

const P1: u64 = 0x9e3779b185ebca87;
const P2: u64 = 0xc2b2ae3d27d4eb4f;
const P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;
const P5: u64 = 0x27d4eb2f165667c5;

/** The hash of `length` bytes at `at`. */
export function xxh64(at: usize, length: usize): u64 {
	const end = at + length;
	let hash: u64;
	if (length >= 32) {
		let a: u64 = P1 + P2;
		let b: u64 = P2;
		let c: u64 = 0;
		let d: u64 = 0 - P1;
		for (const last = end - 32; at <= last; at += 32) {
			a = rotl(a + load<u64>(at) * P2, 31) * P1;
			b = rotl(b + load<u64>(at, 8) * P2, 31) * P1;
			c = rotl(c + load<u64>(at, 16) * P2, 31) * P1;
			d = rotl(d + load<u64>(at, 24) * P2, 31) * P1;
		}
		hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
		hash = merge(merge(merge(merge(hash, a), b), c), d);
	} else {
		hash = P5;
	}
	hash += length;
	for (; at + 8 <= end; at += 8) hash = rotl(hash ^ (rotl(load<u64>(at) * P2, 31) * P1), 27) * P1 + P4;
	if (at + 4 <= end) {
		hash = rotl(hash ^ (<u64>load<u32>(at) * P1), 23) * P2 + P3;
		at += 4;
	}
	for (; at < end; at++) hash = rotl(hash ^ (<u64>load<u8>(at) * P5), 11) * P1;
	hash = (hash ^ (hash >> 33)) * P2;
	hash = (hash ^ (hash >> 29)) * P3;
	return hash ^ (hash >> 32);
}

function merge(hash: u64, lane: u64): u64 {
	return (hash ^ (rotl(lane * P2, 31) * P1)) * P1 + P4;
}
