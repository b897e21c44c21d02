import type { TranslationConfig } from "../../../bindings/config.ts";
import { amount } from "../quantity.ts";
import { formatBytes, parseNumber } from "../size.ts";
import type { TranslationProfile } from "../types.ts";
import { isPowerOfTwo } from "./geometry.ts";
import type { Problem } from "./problem.ts";

const FRAMES = 2 ** 24;
/** Memory, as many huge frames again and the page tables behind them must fit in 64-bit addresses with room to spare. */
const MOST_MEMORY_BITS = 56;
/** Page sizes that the core tells apart. */
const MOST_PAGE_SIZES = 8;

const RANGE = /^(0x[0-9a-f]+|\d+)-(0x[0-9a-f]+|\d+):(\w+)$/i;
const EXAMPLE = '"0x7f0000000000-0x7f0040000000:2M"';

export function resolveTranslation(translation: TranslationProfile, problem: Problem): TranslationConfig {
	const pageBytes = amount(translation.page ?? 4096);
	const frames = amount(translation.frames ?? FRAMES);
	const colours = amount(translation.colours ?? 1);
	if (!isPowerOfTwo(pageBytes)) problem("translation.page", `is ${pageBytes}: a power of two from 4K is valid`);
	if (!isPowerOfTwo(frames)) problem("translation.frames", `is ${frames}: a power of two is valid`);
	const page = Math.log2(pageBytes);
	const frameBits = Math.log2(frames);
	if (page + frameBits > MOST_MEMORY_BITS) {
		const most = formatBytes(2 ** Math.max(0, MOST_MEMORY_BITS - page));
		problem(
			"translation.frames",
			`is ${formatBytes(frames)}: at most ${most} pages of ${formatBytes(pageBytes)} are valid`,
		);
	}
	if (colours > frames) problem("translation.colours", `is ${colours}, more than the ${frames} frames there are`);
	const huge = (translation.huge ?? []).map((range) => parseRange(range, page, problem));
	huge.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
	for (const [i, range] of huge.entries()) {
		const next = huge[i + 1];
		if (next && next.start < range.end) {
			const both = `${hex(range.start)}-${hex(range.end)} and ${hex(next.start)}-${hex(next.end)}`;
			problem("translation.huge", `has ranges that overlap: ${both}`);
		}
	}
	if (new Set([page, ...huge.map((range) => range.page)]).size > MOST_PAGE_SIZES) {
		problem("translation.huge", `has more than ${MOST_PAGE_SIZES - 1} page sizes`);
	}
	return { policy: translation.policy, page, colours, frames: frameBits, huge };
}

function hex(address: bigint): string {
	return `0x${address.toString(16)}`;
}

function parseRange(text: string, base: number, problem: Problem): TranslationConfig["huge"][number] {
	const parts = RANGE.exec(text);
	const bytes = parts ? parseNumber(parts[3]!) : undefined;
	if (!parts || bytes === undefined) {
		return problem("translation.huge", `has ${JSON.stringify(text)}: start-end:page is valid, such as ${EXAMPLE}`);
	}
	if (!isPowerOfTwo(bytes) || bytes <= 2 ** base || bytes > 2 ** 40) {
		problem("translation.huge", `has pages of ${parts[3]}: a power of two above the base page, at most 1T, is valid`);
	}
	const start = BigInt(parts[1]!);
	const end = BigInt(parts[2]!);
	if (start >= end) problem("translation.huge", `has a range that ends before it begins: ${text}`);
	if (end >> 64n) problem("translation.huge", `has a range beyond 64 bits: ${text}`);
	const size = BigInt(bytes);
	if (start % size || end % size) {
		const aligned = `${hex((start / size) * size)}-${hex(((end + size - 1n) / size) * size)}:${parts[3]}`;
		problem("translation.huge", `has ${text}, which is not aligned to its pages: ${aligned} is`);
	}
	return { start, end, page: Math.log2(bytes) };
}
