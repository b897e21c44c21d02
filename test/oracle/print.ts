import type { MachineConfig } from "../../bindings/config.ts";
import type { Counts } from "../../bindings/counts.ts";
import { cache, machine, tlb } from "./machines.ts";

/** A configuration as the shortest call of `machine` (machines.ts) that makes it, ready to paste into a test. */
export function printMachine(config: MachineConfig): string {
	const plain = machine();
	const caches = config.caches.map((each) => `cache(${literal(unlike(each, cache()))})`);
	const tlbs = config.tlbs.map((each) => `tlb(${literal(unlike(each, tlb({ pages: each.pages })))})`);
	const { caches: _, tlbs: __, walk, translation, ...rest } = config;
	const parts = Object.entries(unlike(rest, plain)).map(([key, value]) => `${key}: ${literal(value)}`);
	parts.push(`caches: [${caches.join(", ")}]`);
	if (tlbs.length > 0) parts.push(`tlbs: [${tlbs.join(", ")}]`);
	for (const [key, value] of Object.entries({
		walk: unlike(walk, plain.walk),
		translation: unlike(translation, plain.translation),
	})) {
		if (Object.keys(value).length > 0) parts.push(`${key}: ${literal(value)}`);
	}
	return `machine({ ${parts.join(", ")} })`;
}

/** What differs between two counts, one line for each field. */
export function differences(expected: Counts, actual: Counts, config: MachineConfig): string[] {
	const found: string[] = [];
	const compare = (where: string, left: object, right: object | undefined) => {
		for (const [key, value] of Object.entries(left)) {
			const other = (right as Record<string, unknown> | undefined)?.[key];
			if (value !== other) found.push(`${where} ${key}: oracle ${value}, core ${other}`);
		}
	};
	compare("references", expected.references, actual.references);
	compare("operations", expected.operations, actual.operations);
	for (const row of expected.caches) {
		const other = actual.caches.find((each) => each.cache === row.cache && each.cpu === row.cpu);
		compare(`${config.caches[row.cache]!.name} cpu ${row.cpu}`, row, other);
	}
	for (const row of expected.tlbs) {
		const other = actual.tlbs.find((each) => each.tlb === row.tlb && each.cpu === row.cpu);
		compare(`TLB ${config.tlbs[row.tlb]!.name} cpu ${row.cpu}`, row, other);
	}
	for (const row of expected.walks) {
		compare(
			`walks cpu ${row.cpu}`,
			row,
			actual.walks.find((each) => each.cpu === row.cpu),
		);
	}
	for (const part of ["caches", "tlbs", "walks"] as const) {
		if (expected[part].length !== actual[part].length) {
			found.push(`${part}: oracle ${expected[part].length} rows, core ${actual[part].length}`);
		}
	}
	return found;
}

/** The properties of `some` that `plain` does not have with the same value. */
function unlike(some: object, plain: object): Record<string, unknown> {
	const usual = plain as Record<string, unknown>;
	return Object.fromEntries(Object.entries(some).filter(([key, value]) => literal(value) !== literal(usual[key])));
}

function literal(value: unknown): string {
	if (typeof value === "bigint") return `${value < 0x10000n ? value : `0x${value.toString(16)}`}n`;
	if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
	if (typeof value === "object" && value !== null) {
		const entries = Object.entries(value).map(([key, each]) => `${key}: ${literal(each)}`);
		return entries.length > 0 ? `{ ${entries.join(", ")} }` : "{}";
	}
	return JSON.stringify(value) ?? "undefined";
}
