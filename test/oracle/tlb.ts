import type { TlbConfig } from "../../bindings/config.ts";
import type { TlbCounts } from "../../bindings/counts.ts";
import { type Policy, policyOf, type Random } from "./replacement.ts";
import type { Page } from "./translation.ts";

interface Entry {
	asid: number;
	page: Page;
}

/** One instance of a TLB. */
export class Tlb {
	readonly config: TlbConfig;
	private readonly sets: { entries: (Entry | undefined)[]; policy: Policy }[];

	constructor(config: TlbConfig, random: Random) {
		this.config = config;
		this.sets = Array.from({ length: config.sets }, () => ({
			entries: Array.from({ length: config.ways }, () => undefined),
			policy: policyOf(config.replacement, config.ways, random),
		}));
	}

	/** An entry matches on page number, page size and ASID. */
	lookUp(asid: number, page: Page, counts: TlbCounts): boolean {
		counts.accesses++;
		const { entries, policy } = this.setOf(page);
		const way = entries.findIndex(
			(entry) => entry?.asid === asid && entry.page.number === page.number && entry.page.bits === page.bits,
		);
		if (way >= 0) policy.hit(way);
		else counts.misses++;
		return way >= 0;
	}

	fill(asid: number, page: Page, counts: TlbCounts): void {
		counts.fills++;
		const { entries, policy } = this.setOf(page);
		let way = entries.indexOf(undefined);
		if (way < 0) {
			way = policy.victim();
			counts.evictions++;
		}
		entries[way] = { asid, page };
		policy.filled(way);
	}

	/** set = page number mod sets */
	private setOf(page: Page) {
		return this.sets[Number(page.number % BigInt(this.config.sets))]!;
	}
}
