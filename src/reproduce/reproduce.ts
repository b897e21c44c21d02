import type { ProgramCore } from "../../bindings/program-core.ts";
import { Inapplicable } from "../cost/constants.ts";
import { whatIfOptions } from "../cost/options.ts";
import { optionsOf } from "../input/options.ts";
import { list, word } from "../input/shape.ts";
import { VERSION } from "../simulate/version.ts";
import type { Cell, Section } from "./cells.ts";
import { Context, type WhatIf } from "./context.ts";
import { s0 } from "./s0.ts";
import { s1 } from "./s1.ts";
import { s2 } from "./s2.ts";
import { s3 } from "./s3.ts";
import { s4 } from "./s4.ts";

const makers = { S0: s0, S1: s1, S2: s2, S3: s3, S4: s4 };

/** Id of a thread whose tables are reproduced. */
export type SectionId = keyof typeof makers;

/** Ids of the threads whose tables are reproduced, in their order. */
export const SECTION_IDS = Object.keys(makers) as SectionId[];

/** Published tables beside simulated ones, as `reproduce --json` prints them. */
export interface Reproduction {
	version: string;
	/** What was asked for beside what was published. */
	whatIf: WhatIf;
	sections: Section[];
}

/** The threads' tables, published beside simulated. */
export function reproduce(
	core: ProgramCore,
	which: readonly SectionId[] = SECTION_IDS,
	given: WhatIf = {},
): Reproduction {
	optionsOf(list(word(...SECTION_IDS), 1000), which, "which");
	const what = optionsOf(whatIfOptions(), given);
	const context = new Context(core, what);
	let refused: Inapplicable | undefined;
	const sections = SECTION_IDS.filter((id) => which.includes(id)).map((id): Section => {
		if (context.home === context) return made(id, context);
		const home = makers[id](context.home);
		try {
			const section = made(id, context);
			const none = section.tables.find(({ notApplicable }) => notApplicable !== undefined);
			if (none && section.tables.every(({ notApplicable }) => notApplicable !== undefined))
				throw new Inapplicable(none.notApplicable!, "profile");
			return beside(section, home);
		} catch (error) {
			if (!(error instanceof Inapplicable)) throw error;
			refused ??= error;
			const profile = typeof what.profile === "object" ? what.profile.id : (what.profile ?? home.profile);
			return { id, title: home.title, profile, tables: [], notApplicable: error.message };
		}
	});
	// Nothing is left of what was asked for.
	if (refused && sections.every(({ notApplicable }) => notApplicable !== undefined)) throw refused;
	return { version: VERSION, whatIf: what, sections };
}

/** A section, and what stands in there for what its machine does not say. */
function made(id: SectionId, context: Context): Section {
	context.standsIn.clear();
	const section = makers[id](context);
	return context.standsIn.size > 0 ? { ...section, standsIn: [...context.standsIn] } : section;
}

/** A machine that nobody measured: its figures beside those of the one that was. */
function beside(section: Section, home: Section): Section {
	const known = new Map(home.tables.flatMap(({ cells }) => cells.map((cell) => [cell.id, cell])));
	const changed = (cell: Cell): Cell => {
		const as = known.get(cell.id);
		if (!as || as.simulated === cell.simulated) return cell;
		const { leaveOneOut, ...rest } = cell;
		const basis = cell.basis === "calibrated" ? "predicted" : cell.basis;
		return { ...rest, basis, published: null, error: null, asPublished: as.simulated };
	};
	return { ...section, tables: section.tables.map((table) => ({ ...table, cells: table.cells.map(changed) })) };
}
