import { amount } from "../quantity.ts";
import { formatBytes } from "../size.ts";
import type { CacheProfile, Replacement, TlbProfile } from "../types.ts";
import type { Problem } from "./problem.ts";

/** Ways and sets are 16 and 32 bits wide in the core. */
const MOST_WAYS = 65535;
/** A plru tree is one 64-bit word. */
const MOST_PLRU_WAYS = 64;

export interface Geometry {
	sets: number;
	ways: number;
}

export function isPowerOfTwo(n: number): boolean {
	return n >= 1 && Number.isInteger(Math.log2(n)) && 2 ** Math.log2(n) === n;
}

function checkWays(ways: number, replacement: Replacement, path: string, problem: Problem): void {
	if (ways > MOST_WAYS) problem(`${path}.ways`, `is ${ways}: at most ${MOST_WAYS} are valid; give a number of ways`);
	if (replacement === "plru" && ways > MOST_PLRU_WAYS) {
		problem(`${path}.ways`, `is ${ways}: plru has at most ${MOST_PLRU_WAYS}; take fewer ways or replacement lru`);
	}
}

/** Whole things of size `unit` nearest to `size`, below and above. */
function neighbours(size: number, unit: number): number[] {
	const below = Math.floor(size / unit) * unit;
	return below ? [below, below + unit] : [unit];
}

/** Sets and ways of a cache; size = sets * ways * line. */
export function cacheGeometry(cache: CacheProfile, path: string, problem: Problem): Geometry & { line: number } {
	const line = amount(cache.line);
	if (!isPowerOfTwo(line)) problem(`${path}.line`, `is ${line}: a power of two from 8 to 4096 is valid`);
	const replacement = cache.replacement ?? "lru";
	const stated = cache.sets === undefined ? undefined : amount(cache.sets);
	const size = cache.size === undefined ? undefined : amount(cache.size);
	if (cache.ways === "full") {
		if (stated !== undefined && stated !== 1) problem(`${path}.sets`, `is ${stated}: a cache of ways "full" has 1 set`);
		if (size === undefined) problem(`${path}.size`, 'is missing: a cache of ways "full" needs its size');
		if (size! % line) {
			const valid = neighbours(size!, line).map(formatBytes).join(" and ");
			problem(`${path}.size`, `is ${formatBytes(size!)}, no multiple of the line of ${line}: ${valid} are valid`);
		}
		checkWays(size! / line, replacement, path, problem);
		return { sets: 1, ways: size! / line, line };
	}
	const ways = amount(cache.ways);
	checkWays(ways, replacement, path, problem);
	const unit = ways * line;
	if (size === undefined) return { sets: stated!, ways, line };
	if (size % unit) {
		const valid = neighbours(size, unit).map(formatBytes).join(" and ");
		const multiple = `no multiple of ways x line = ${ways} x ${line} = ${unit}`;
		problem(`${path}.size`, `is ${formatBytes(size)}, ${multiple}: ${valid} would be valid`);
	}
	if (stated !== undefined && stated * unit !== size) {
		const all = `sets x ways x line = ${stated} x ${ways} x ${line} = ${formatBytes(stated * unit)}`;
		problem(`${path}.size`, `is ${formatBytes(size)}, but ${all}: leave one of size and sets out`);
	}
	return { sets: size / unit, ways, line };
}

/** Sets and ways of a TLB. */
export function tlbGeometry(tlb: TlbProfile, path: string, problem: Problem): Geometry {
	const entries = amount(tlb.entries);
	const ways = tlb.ways === "full" ? entries : amount(tlb.ways);
	checkWays(ways, tlb.replacement ?? "lru", path, problem);
	if (entries % ways) {
		const valid = neighbours(entries, ways).join(" and ");
		problem(`${path}.entries`, `is ${entries}, no multiple of ways = ${ways}: ${valid} would be valid`);
	}
	return { sets: entries / ways, ways };
}
