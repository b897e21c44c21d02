// What the page and the worker that prices tell each other.

import type { SwapDevice } from "../../src/cost/mechanisms.ts";
import type { Section } from "../../src/reproduce/cells.ts";
import type { SectionId } from "../../src/reproduce/reproduce.ts";

export interface Asked {
	section: SectionId;
	/** null: the machine that was measured. */
	profile: string | null;
	/** Changes of it: `costs.atomic=30`. */
	sets: string[];
	pti: boolean;
	swap: SwapDevice;
	/** Machines drawn for intervals. */
	samples: number;
}

/** A number of a profile that can be another one. */
export interface Dial {
	/** `costs.atomic` */
	path: string;
	what: string;
	unit: string;
	value: number;
	/** What its slider goes over. */
	least: number;
	most: number;
	basis: string;
	/** The mechanism of the table is made of it, in its usual form. */
	used: boolean;
}

export type CostMethods = {
	sections(argument: null): { id: SectionId; title: string }[];
	/** What the machine of a table says about costs. */
	dials(argument: { section: SectionId; profile: string | null }): { profile: string; dials: Dial[] };
	price(argument: Asked): Section;
};
