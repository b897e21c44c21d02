import type { TlbConfig } from "../../../bindings/config.ts";
import { suggestion } from "../../input/words.ts";
import { defaultTlbServes, nextOfTlb, WALK } from "../links.ts";
import { formatBytes } from "../size.ts";
import type { Profile, Serves } from "../types.ts";
import { isPowerOfTwo, tlbGeometry } from "./geometry.ts";
import { inOrder } from "./order.ts";
import type { Problem } from "./problem.ts";
import { checkSharing } from "./sharing.ts";

/**
 * First-level TLBs first, `next` as numbers per page size. Only the page sizes that a run can meet are kept, and only the TLBs
 * that hold one: the core knows eight sizes, and is faster the fewer a TLB may hold.
 *
 * @param inUse log2 of the base page and of the sizes of huge ranges
 */
export function resolveTlbs(
	profile: Profile,
	cpus: number | undefined,
	inUse: number[],
	problem: Problem,
): TlbConfig[] {
	const { tlbs } = profile;
	const names = Object.keys(tlbs);
	if (names.length === 0) return [];
	const pagesOf = new Map(names.map((name) => [name, checkPages(tlbs[name]!.pages, `tlbs.${name}.pages`, problem)]));
	checkNext(profile, pagesOf, problem);
	const nextOf = (name: string) => {
		const own = pagesOf.get(name)!;
		return nextOfTlb(name, tlbs).filter((next) => pagesOf.get(next)?.some((page) => own.includes(page)));
	};
	const { order, cycle } = inOrder(names, nextOf);
	if (cycle !== undefined) problem(`tlbs.${cycle}.next`, `leads back to ${cycle}: the last TLB's next is "walk"`);
	const sharedBy = checkSharing(
		names.map((name) => ({ name, sharedBy: tlbs[name]!.sharedBy, next: nextOf(name) })),
		cpus,
		"tlbs",
		problem,
	);
	const asked = new Set(names.flatMap(nextOf));
	const serves = new Map(names.map((name) => [name, tlbs[name]!.serves ?? defaultTlbServes(name, asked.has(name))]));
	for (const name of names) {
		if (serves.get(name) === "none" && !asked.has(name)) {
			problem(`tlbs.${name}.serves`, "is none and no TLB asks this one: it would never be used");
		}
	}
	checkFirstLevels(pagesOf, serves, inUse, problem);
	const geometry = new Map(names.map((name) => [name, tlbGeometry(tlbs[name]!, `tlbs.${name}`, problem)]));
	const kept = order.filter((name) => pagesOf.get(name)!.some((page) => inUse.includes(page)));
	return kept.map((name): TlbConfig => {
		const pages = pagesOf.get(name)!.filter((page) => inUse.includes(page));
		return {
			name,
			...geometry.get(name)!,
			replacement: tlbs[name]!.replacement ?? "lru",
			pages,
			serves: serves.get(name)!,
			next: pages.map((page) =>
				kept.findIndex((next) => nextOf(name).includes(next) && pagesOf.get(next)!.includes(page)),
			),
			sharedBy: sharedBy.get(name)!,
		};
	});
}

/** log2 of page sizes in bytes. */
function checkPages(pages: number[], path: string, problem: Problem): number[] {
	for (const page of pages) {
		if (!isPowerOfTwo(page)) problem(path, `has a page of ${page} bytes: powers of two from 4K are valid`);
	}
	if (new Set(pages).size < pages.length) problem(path, "names a page size twice");
	return pages.map((page) => Math.log2(page));
}

/** Each TLB named next exists and holds a page size of the one that names it; no size has two. */
function checkNext(profile: Profile, pagesOf: Map<string, number[]>, problem: Problem): void {
	const { tlbs } = profile;
	for (const [name, own] of pagesOf) {
		const path = `tlbs.${name}.next`;
		const taken = new Set<number>();
		const stated = tlbs[name]!.next !== undefined;
		for (const next of nextOfTlb(name, tlbs)) {
			const pages = pagesOf.get(next);
			if (!pages) {
				const others = [...pagesOf.keys()].filter((other) => other !== name);
				problem(path, `names no TLB: ${next}; ${suggestion(next, [...others, WALK])}`);
				continue;
			}
			const common = pages.filter((page) => own.includes(page));
			if (stated && common.length === 0) problem(path, `names ${next}, which holds none of ${name}'s page sizes`);
			for (const page of common) {
				if (taken.has(page)) problem(path, `leads to two TLBs for pages of ${formatBytes(2 ** page)}: one is valid`);
				taken.add(page);
			}
		}
	}
}

/** Each side has at most one first-level TLB per page size, and one for each size in use. */
function checkFirstLevels(
	pagesOf: Map<string, number[]>,
	serves: Map<string, Serves>,
	inUse: number[],
	problem: Problem,
): void {
	const sizes = new Set([...inUse, ...[...pagesOf.values()].flat()]);
	for (const side of ["fetch", "data"] as const) {
		const first = [...pagesOf.keys()].filter((name) => [side, "both"].includes(serves.get(name)!));
		for (const page of sizes) {
			const holders = first.filter((name) => pagesOf.get(name)!.includes(page));
			const size = formatBytes(2 ** page);
			const what = side === "fetch" ? "fetches" : "reads and writes";
			if (holders.length > 1) {
				const all = holders.join(" and ");
				problem(`tlbs.${holders[1]}.pages`, `make ${all} the first TLBs for ${what} of pages of ${size}: one is valid`);
			}
			if (holders.length === 0 && inUse.includes(page)) {
				const near = first[0];
				const path = near === undefined ? `tlbs.${[...pagesOf.keys()][0]}.serves` : `tlbs.${near}.pages`;
				problem(path, `leaves ${what} of pages of ${size} without a first TLB: add ${size} to one, or set tlbs=none`);
			}
		}
	}
}
