import type { CacheConfig, WalkConfig } from "../../../bindings/config.ts";
import { suggestion } from "../../input/words.ts";
import { amount } from "../quantity.ts";
import type { WalkProfile } from "../types.ts";
import type { Problem } from "./problem.ts";

const LEVELS = [9, 9, 9, 9];

/**
 * @param page log2 of the base page
 * @param tlbs whether there are TLBs: without them nothing ever walks
 */
export function resolveWalk(
	walk: WalkProfile,
	caches: CacheConfig[],
	tlbs: boolean,
	page: number,
	problem: Problem,
): WalkConfig {
	const levels = (walk.levels ?? LEVELS).map(amount);
	const bits = levels.reduce((sum, level) => sum + level, page);
	if (bits > 64) problem("walk.levels", `and the page make addresses of ${bits} bits: at most 64 are valid`);
	const entry = amount(walk.entry ?? 8);
	if (entry !== 4 && entry !== 8) problem("walk.entry", `is ${entry}: 4 and 8 are valid`);
	const held = (walk.caches ?? levels.slice(1).map(() => 0)).map(amount);
	if (held.length !== levels.length - 1) {
		const valid = `${levels.length - 1}, one for each level of walk.levels except the last`;
		problem("walk.caches", `has ${held.length} entries: ${valid}, are valid`);
	}
	const enabled = walk.enabled && tlbs;
	return { enabled, levels, entry, enters: enabled ? cacheEntered(walk, caches, problem) : -1, caches: held };
}

function cacheEntered(walk: WalkProfile, caches: CacheConfig[], problem: Problem): number {
	const { enters } = walk;
	if (enters === "none") return -1;
	if (enters === undefined) return caches.findIndex(({ serves }) => serves === "data" || serves === "both");
	const number = caches.findIndex(({ name }) => name === enters);
	if (number < 0) {
		const names = [...caches.map(({ name }) => name), "none"];
		problem("walk.enters", `names no cache: ${enters}; ${suggestion(enters, names)}`);
	}
	if (caches[number]!.inclusion === "exclusive") {
		problem(
			"walk.enters",
			`is ${enters}, an exclusive level, which holds only what left the levels above: name one of those`,
		);
	}
	return number;
}
