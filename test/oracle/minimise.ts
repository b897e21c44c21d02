import type { CacheConfig, MachineConfig, TlbConfig } from "../../bindings/config.ts";
import { fitted } from "./arbitrary.ts";
import { printMachine } from "./print.ts";
import type { Access } from "./trace.ts";

export interface Case {
	config: MachineConfig;
	trace: Access[];
}

/** Makes a failing case smaller, in its trace and its machine by turns, for as long as it fails and time allows. */
export function minimise(start: Case, fails: (smaller: Case) => boolean, milliseconds = 10_000): Case {
	const end = Date.now() + milliseconds;
	let best = start;
	const better = (smaller: Case) => {
		if (!fails(smaller)) return false;
		best = smaller;
		return true;
	};
	for (let again = true; again && Date.now() < end; ) {
		again = false;
		for (let length = best.trace.length; length >= 1; length = Math.floor(length / 2)) {
			for (let at = 0; at < best.trace.length && Date.now() < end; ) {
				const trace = best.trace.toSpliced(at, length);
				const smaller = { ...best, trace };
				if (isWellPaired(smaller) && better(smaller)) again = true;
				else at += length;
			}
		}
		for (let progress = true; progress && Date.now() < end; ) {
			progress = false;
			for (const smaller of simpler(best)) {
				if (!isWellPaired(smaller) || !isPossible(smaller) || !better(smaller)) continue;
				again = progress = true;
				break;
			}
		}
	}
	return best;
}

/** Pairs are what a reader makes of one access: two neighbouring lines of the smallest size. */
function isWellPaired({ config, trace }: Case): boolean {
	const line = BigInt(Math.min(...config.caches.map((cache) => cache.line)));
	return trace.every((first, i) => {
		if (!first.part) return true;
		const second = trace[i + 1];
		if (second === undefined || second.part) return false;
		if (second.kind !== first.kind || second.cpu !== first.cpu || second.asid !== first.asid) return false;
		return second.address === BigInt.asUintN(64, (first.address / line + 1n) * line);
	});
}

function isPossible({ config }: Case): boolean {
	const again = { ...config, caches: fitted(config.caches, config.straddle === "once") };
	return printMachine(again) === printMachine(config);
}

/** Cases that are a little simpler than this one. */
function* simpler({ config, trace }: Case): Generator<Case> {
	const same = <T extends object>(parts: T[], i: number, change: Partial<T>): T[] | undefined =>
		Object.entries(change).every(([key, value]) => parts[i]![key as keyof T] === value)
			? undefined
			: parts.with(i, { ...parts[i]!, ...change });

	if (config.cpus > 1) {
		yield { config: { ...config, cpus: 1 }, trace: trace.map((access) => ({ ...access, cpu: 0 })) };
		if (trace.every(({ cpu }) => cpu < config.cpus - 1)) yield { config: { ...config, cpus: config.cpus - 1 }, trace };
	}
	if (trace.some(({ asid }) => asid > 0)) yield { config, trace: trace.map((access) => ({ ...access, asid: 0 })) };
	if (config.tlbs.length > 0) yield { config: { ...config, tlbs: [] }, trace };
	for (const i of config.tlbs.keys()) yield { config: { ...config, tlbs: without(config.tlbs, i) }, trace };
	const { walk, translation } = config;
	if (walk.enabled) {
		yield { config: { ...config, walk: { ...walk, enabled: false } }, trace };
		if (walk.enters !== -1) yield { config: { ...config, walk: { ...walk, enters: -1 } }, trace };
		for (const [i, entries] of walk.caches.entries()) {
			if (entries > 0) yield { config: { ...config, walk: { ...walk, caches: walk.caches.with(i, 0) } }, trace };
		}
	}
	if (translation.huge.length > 0) {
		for (const i of translation.huge.keys()) {
			yield { config: { ...config, translation: { ...translation, huge: translation.huge.toSpliced(i, 1) } }, trace };
		}
	}
	if (translation.policy !== "identity") {
		yield { config: { ...config, translation: { ...translation, policy: "identity" } }, trace };
		if (translation.policy !== "first-touch") {
			yield { config: { ...config, translation: { ...translation, policy: "first-touch" } }, trace };
		}
	}
	for (const i of config.caches.keys()) {
		const caches = withoutCache(config, i);
		if (caches) yield { config: caches, trace };
	}
	for (const [i, { sets, ways, line }] of config.caches.entries()) {
		const changes: Partial<CacheConfig>[] = [
			{ inclusion: "nine" },
			{ replacement: "lru" },
			{ index: "physical" },
			{ tag: "physical" },
			{ write: "back" },
			{ allocate: true },
			{ sharedBy: 1 },
			{ sharedBy: 0 },
			{ sets: 1 },
			{ sets: Math.ceil(sets / 2) },
			{ sets: Math.max(1, sets - 1) },
			{ ways: 1 },
			{ ways: Math.ceil(ways / 2) },
			{ ways: Math.max(1, ways - 1) },
		];
		if (line !== 64) changes.push({ line: 64 });
		for (const change of changes) {
			// sharedBy 0 is simpler than n, but not than 1
			if (change.sharedBy === 0 && config.caches[i]!.sharedBy === 1) continue;
			const caches = same(config.caches, i, change);
			if (caches) yield { config: { ...config, caches }, trace };
		}
	}
	if (config.caches.some(({ line }) => line !== 64)) {
		yield { config: { ...config, caches: config.caches.map((cache) => ({ ...cache, line: 64 })) }, trace };
	}
	for (const [i, { sets, ways }] of config.tlbs.entries()) {
		const changes: Partial<TlbConfig>[] = [
			{ replacement: "lru" },
			{ sharedBy: 1 },
			{ sets: 1 },
			{ sets: Math.ceil(sets / 2) },
			{ ways: 1 },
			{ ways: Math.ceil(ways / 2) },
		];
		for (const change of changes) {
			const tlbs = same(config.tlbs, i, change);
			if (tlbs) yield { config: { ...config, tlbs }, trace };
		}
	}
	if (config.seed !== 1n) yield { config: { ...config, seed: 1n }, trace };
	for (const bits of [12n, 16n, 24n, 32n, 48n]) {
		const short = trace.map((access) => ({ ...access, address: BigInt.asUintN(Number(bits), access.address) }));
		if (short.some(({ address }, i) => address !== trace[i]!.address)) yield { config, trace: short };
	}
	for (const [i, access] of trace.entries()) {
		if (access.kind !== "read" && !access.part && !trace[i - 1]?.part) {
			yield { config, trace: trace.with(i, { ...access, kind: "read" }) };
		}
		if (access.cpu > 0 && !access.part && !trace[i - 1]?.part) {
			yield { config, trace: trace.with(i, { ...access, cpu: 0 }) };
		}
		for (const address of [0n, access.address & ~0xfffn, access.address & ~0x3fn]) {
			if (address < access.address) yield { config, trace: trace.with(i, { ...access, address }) };
		}
	}
}

function without(tlbs: TlbConfig[], gone: number): TlbConfig[] {
	const next = tlbs[gone]!.next;
	return tlbs.toSpliced(gone, 1).map((tlb) => ({
		...tlb,
		next: tlb.next.map((each, p) => {
			const past = each === gone ? next[tlbs[gone]!.pages.indexOf(tlb.pages[p]!)]! : each;
			return past > gone ? past - 1 : past;
		}),
	}));
}

/** The machine without one of its outer levels, or without its instruction cache. */
function withoutCache(config: MachineConfig, gone: number): MachineConfig | undefined {
	const { caches, walk } = config;
	const { serves, next } = caches[gone]!;
	if (serves === "data" || serves === "both" || walk.enters === gone) return undefined;
	const past = (each: number) => (each > gone ? each - 1 : each);
	return {
		...config,
		walk: { ...walk, enters: past(walk.enters) },
		caches: caches.toSpliced(gone, 1).map((cache) => ({
			...cache,
			serves: serves === "fetch" && cache.serves === "data" ? "both" : cache.serves,
			next: past(cache.next === gone ? next : cache.next),
		})),
	};
}
