// The same machine in plain JavaScript: typed arrays only, nothing allocated while it runs, the first way compared in line.
// JavaScript has no 64-bit integers to compare quickly, so an address is two 32-bit words, a line two neighbours in an
// Int32Array: [ address bits 31..6 | state ], [ address bits 63..32 ]. state 0 is dirty, 1 clean; -1, -1 is empty. (As
// doubles in a Float64Array, one word a line, it was slower, and so were two arrays.)

const READ = 0;
const WRITE = 1;
const FETCH = 2;
const WRITE_BACK = 3;

class Level {
	constructor(sets, ways, below) {
		this.tags = new Int32Array(sets * ways * 2).fill(-1);
		this.mask = sets - 1;
		this.stride = ways * 2;
		this.below = below;
		this.reads = 0;
		this.readMisses = 0;
		this.writes = 0;
		this.writeMisses = 0;
		this.writebacks = 0;
	}
}

function reference(level, low, high, kind) {
	const tags = level.tags;
	const set = ((low >>> 6) & level.mask) * level.stride;
	const first = tags[set];
	if ((first ^ low) >>> 0 < 2 && tags[set + 1] === high) {
		if (kind & 1) tags[set] = low;
	} else {
		search(level, set, low, high, kind);
	}
}

function search(level, set, low, high, kind) {
	const tags = level.tags;
	const end = set + level.stride;
	let beforeLow = tags[set];
	let beforeHigh = tags[set + 1];
	for (let i = set + 2; i < end; i += 2) {
		const entryLow = tags[i];
		const entryHigh = tags[i + 1];
		tags[i] = beforeLow;
		tags[i + 1] = beforeHigh;
		if ((entryLow ^ low) >>> 0 < 2 && entryHigh === high) {
			tags[set] = kind & 1 ? low : entryLow;
			tags[set + 1] = high;
			return;
		}
		beforeLow = entryLow;
		beforeHigh = entryHigh;
	}
	missed(level, set, beforeLow, beforeHigh, low, high, kind);
}

function missed(level, set, outLow, outHigh, low, high, kind) {
	const below = level.below;
	if (kind & 1) level.writeMisses++;
	else level.readMisses++;
	if (kind !== WRITE_BACK && below !== null) {
		below.reads++;
		reference(below, low, high, READ);
	}
	level.tags[set] = low | (~kind & 1);
	level.tags[set + 1] = high;
	if ((outLow & 63) === 0) {
		level.writebacks++;
		if (below !== null) {
			below.writes++;
			reference(below, outLow, outHigh, WRITE_BACK);
		}
	}
}

/** @param {BigUint64Array} records */
export function plain(records) {
	const l3 = new Level(2048, 16, null);
	const l2 = new Level(512, 8, l3);
	const l1i = new Level(64, 8, l2);
	const l1d = new Level(64, 8, l2);
	return {
		run() {
			const words = new Int32Array(records.buffer, records.byteOffset, records.length * 2);
			simulate(words, l1i, l1d);
		},
		counts() {
			const caches = [l1i, l1d, l2, l3].map(({ reads, readMisses, writes, writeMisses, writebacks }) => {
				return { fetches: 0, fetchMisses: 0, fills: 0, reads, readMisses, writes, writeMisses, writebacks };
			});
			return { caches, tlbs: [] };
		},
	};
}

function simulate(words, l1i, l1d) {
	const fetchTags = l1i.tags;
	const dataTags = l1d.tags;
	const n = words.length;
	let fetches = 0;
	let writes = 0;
	for (let i = 0; i < n; i += 2) {
		const word = words[i];
		const high = words[i + 1];
		const kind = word & 3;
		const low = word & ~63;
		const set = (low & 0xfc0) >>> 2;
		if (kind === FETCH) {
			fetches++;
			if ((fetchTags[set] ^ low) >>> 0 < 2 && fetchTags[set + 1] === high) continue;
			search(l1i, set, low, high, READ);
		} else {
			writes += kind;
			if ((dataTags[set] ^ low) >>> 0 < 2 && dataTags[set + 1] === high) {
				if (kind === WRITE) dataTags[set] = low;
				continue;
			}
			search(l1d, set, low, high, kind);
		}
	}
	l1i.reads = fetches;
	l1d.writes = writes;
	l1d.reads = n / 2 - fetches - writes;
}
