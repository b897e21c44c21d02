import { Inapplicable } from "../cost/constants.ts";
import type { FigureBasis, Share } from "../cost/cost.ts";

/** One figure, published and simulated. */
export interface Cell {
	id: string;
	/** What it is, for people. */
	label: string;
	unit: string;
	/** null: nobody measured it. */
	published: number | null;
	simulated: number;
	/** What the thread prints, where its own numbers (`published`) contradict it. */
	printed?: number;
	/** Simulated on the machine that was measured, where another one was asked for. */
	asPublished?: number;
	/** Simulated less published. */
	error: number | null;
	basis: FigureBasis;
	/** Ids of the cells that constants of this one were fitted to. */
	calibratedOn: string[];
	interval?: [number, number];
	/** Decimals that mean something, less than none: tens, hundreds; default: by the unit. */
	decimals?: number;
	/** What the thread says of it that its own numbers contradict, or what to know. */
	note?: string;
	/** Error of a fit that had not seen this cell. */
	leaveOneOut?: number | null;
}

/** Cells side by side, for people. */
export interface Grid {
	columns: string[];
	/** `ids`: of cells, in the order of columns; what there is no cell of stays empty. */
	rows: { label: string; ids: string[]; note?: string }[];
}

/** Figures that belong together, published beside simulated. */
export interface Table {
	title: string;
	cells: Cell[];
	grid?: Grid;
	/** Sentences under the table: what was fitted, what is seen. */
	notes: string[];
	breakdown?: { of: string; shares: Share[] };
	/** Series over x, for a plot. */
	series?: { name: string; points: [x: number, y: number][] }[];
	axes?: [x: string, y: string];
	/** Why there are no cells: what the machine that was asked for lacks. */
	notApplicable?: string;
}

/** The tables of one mailing-list thread. */
export interface Section {
	id: "S0" | "S1" | "S2" | "S3" | "S4";
	title: string;
	profile: string;
	tables: Table[];
	/** Why there are no tables: what the machine that was asked for lacks. */
	notApplicable?: string;
	/** What stands in for what the machine's profile does not say. */
	standsIn?: string[];
}

/** A table, or why this machine has none. */
export function tableOr(title: string, make: () => Table): Table {
	try {
		return make();
	} catch (error) {
		if (error instanceof Inapplicable) return { title, cells: [], notes: [], notApplicable: error.message };
		throw error;
	}
}

interface Given {
	label: string;
	unit: string;
	published?: number | null;
	printed?: number | undefined;
	simulated: number;
	basis: FigureBasis;
	calibratedOn?: string[];
	interval?: [number, number] | undefined;
	decimals?: number;
	note?: string | undefined;
	leaveOneOut?: number | null;
}

export function cell(id: string, given: Given): Cell {
	const { published = null, printed, simulated, calibratedOn = [], interval, note, ...rest } = given;
	return {
		id,
		...rest,
		published,
		...(printed !== undefined && { printed }),
		simulated,
		error: published === null ? null : simulated - published,
		calibratedOn,
		...(interval && { interval }),
		...(note !== undefined && { note }),
	};
}

/** Decimals of a figure that is known to an interval: a tenth of that means something. */
export function decimalsWithin(interval: readonly [number, number] | undefined): number {
	const width = interval ? interval[1] - interval[0] : 0;
	return width > 0 ? Math.min(1, -Math.floor(Math.log10(width / 10))) : 0;
}
