// Prices of mechanisms, off the page's own thread.

import { loadProgramCore, type ProgramCore } from "../../bindings/program-core.ts";
import { openCost } from "../../src/cost/load.ts";
import { machineNamed } from "../../src/cost/mechanisms.ts";
import { StalemateError } from "../../src/errors.ts";
import { costs } from "../../src/profiles/costs.ts";
import { amount } from "../../src/profiles/quantity.ts";
import type { CostName } from "../../src/profiles/types.ts";
import type { Section } from "../../src/reproduce/cells.ts";
import { reproduce, SECTION_IDS, type SectionId } from "../../src/reproduce/reproduce.ts";
import type { Asked, CostMethods, Dial } from "../cost/types.ts";
import { answer, type Context, type Methods } from "./port.ts";

/** What each table is about, and the machine that it was measured on. */
const SECTIONS: Record<SectionId, { title: string; profile: string; mechanism: string }> = {
	S0: { title: "flushing a page whose lines are absent, clean or dirty", profile: "pa8800", mechanism: "flush-page" },
	S1: { title: "is this page frame memory? KVM's question", profile: "e500v2", mechanism: "classifier" },
	S2: { title: "TLB shootdown", profile: "haswell-ep", mechanism: "shootdown" },
	S3: { title: "vhost packets, metadata by three ways", profile: "broadwell", mechanism: "vhost-packet" },
	S4: { title: "vhost: synchronisation with a notifier", profile: "broadwell", mechanism: "vhost-sync" },
};

let core: Promise<ProgramCore> | undefined;

function loaded(): Promise<ProgramCore> {
	core ??= loadProgramCore();
	core.catch(() => {
		core = undefined;
	});
	return core;
}

async function dials({ section, profile }: Parameters<CostMethods["dials"]>[0]) {
	const id = profile ?? SECTIONS[section].profile;
	const used = await usedBy(SECTIONS[section].mechanism, id);
	const found = Object.entries(machineNamed(id).costs).flatMap(([name, quantity]): Dial[] => {
		if (quantity === undefined) return [];
		const value = amount(quantity);
		const { range, basis } = typeof quantity === "number" ? { basis: "given" } : quantity;
		const { unit, what } = costs[name as CostName];
		// What nobody gave a range for may be off by as much as it is.
		const [least, most] = range ?? [0, Math.max(1, value * 2)];
		return [{ path: `costs.${name}`, what, unit, value, least, most, basis, used: used.includes(name) }];
	});
	return { profile: id, dials: found };
}

/** Constants that a mechanism is made of, in its usual form. */
async function usedBy(mechanism: string, profile: string): Promise<string[]> {
	try {
		const { module } = await loaded();
		const found = await openCost(module, mechanism, { profile, iterations: 20, warmUp: 5 });
		return Object.keys(Array.isArray(found) ? {} : found.constants);
	} catch (error) {
		// A machine that lacks one of them says so where it is priced.
		if (error instanceof StalemateError) return [];
		throw error;
	}
}

async function price({ section, profile, sets, pti, swap, samples }: Asked, _: Context): Promise<Section> {
	const what = {
		...(profile !== null && { profile }),
		...(sets.length > 0 && { sets }),
		...(pti && { pti }),
		...(swap !== "hdd" && { swap }),
		samples,
	};
	return reproduce(await loaded(), [section], what).sections[0]!;
}

const methods: { [K in keyof CostMethods]: (argument: Parameters<CostMethods[K]>[0], context: Context) => unknown } = {
	sections: () => SECTION_IDS.map((id) => ({ id, title: SECTIONS[id].title })),
	dials,
	price,
};

answer(methods as Methods);
