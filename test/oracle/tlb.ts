import type { TlbConfig } from "../../bindings/config.ts";
import type { TlbCounts } from "../../bindings/counts.ts";
import { type Policy, policyOf, type Random } from "./replacement.ts";
import type { Page } from "./translation.ts";

interface Entry {
	asid: number;
	page: Page;
	/** Where the page is: what was true when the entry was filled. */
	start: bigint;
}

/** One instance of a TLB. */
export class Tlb {
	readonly config: TlbConfig;
	/** Pages removed by an operation that have not been looked for since. */
	private readonly shot = new Set<string>();
	private readonly sets: { entries: (Entry | undefined)[]; policy: Policy }[];

	constructor(config: TlbConfig, random: Random) {
		this.config = config;
		this.sets = Array.from({ length: config.sets }, () => ({
			entries: Array.from({ length: config.ways }, () => undefined),
			policy: policyOf(config.replacement, config.ways, random),
		}));
	}

	/** An entry matches on page number, page size and ASID. */
	lookUp(asid: number, page: Page, counts: TlbCounts): bigint | undefined {
		counts.accesses++;
		const { entries, policy } = this.setOf(page);
		const way = entries.findIndex(
			(entry) => entry?.asid === asid && entry.page.number === page.number && entry.page.bits === page.bits,
		);
		if (way >= 0) policy.hit(way);
		else {
			counts.misses++;
			if (this.shot.delete(`${asid} ${page.bits} ${page.number}`)) counts.refills++;
		}
		return entries[way]?.start;
	}

	fill(asid: number, page: Page, start: bigint, counts: TlbCounts): void {
		counts.fills++;
		const { entries, policy } = this.setOf(page);
		let way = entries.indexOf(undefined);
		if (way < 0) {
			way = policy.victim();
			counts.evictions++;
		}
		entries[way] = { asid, page, start };
		policy.filled(way);
	}

	/** Removes what `goes` says; they are remembered. */
	shootDown(goes: (asid: number, page: Page) => boolean, counts: TlbCounts): void {
		for (const { entries } of this.sets) {
			for (const [way, entry] of entries.entries()) {
				if (!entry || !goes(entry.asid, entry.page)) continue;
				entries[way] = undefined;
				this.shot.add(`${entry.asid} ${entry.page.bits} ${entry.page.number}`);
				counts.shot++;
			}
		}
	}

	/** set = page number mod sets */
	private setOf(page: Page) {
		return this.sets[Number(page.number % BigInt(this.config.sets))]!;
	}
}
