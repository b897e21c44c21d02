// What is known of the numbers of a profile.

import { type ProvenanceRow, provenance } from "../profiles/show.ts";
import { formatBytes } from "../profiles/size.ts";
import type { Profile } from "../profiles/types.ts";
import { whole } from "./numbers.ts";
import { left, right, type Sheet } from "./table.ts";

/** Every value with its range, how it is known, and its source. */
export function profileSheet(profile: Profile): Sheet {
	const columns = [left("value of"), ...right("value"), left(""), ...right("range"), left("known as"), left("source")];
	const rows = provenance(profile)
		.filter(isOfMachine)
		.map((row) => [row.path, valueText(row), unitText(row), rangeText(row), row.basis ?? "", row.source ?? ""]);
	return { columns, rows };
}

/** What the machine has, and not what it is called. */
export function isOfMachine({ path }: ProvenanceRow): boolean {
	return !/^(id|title|notes)\b/.test(path);
}

export function valueText(row: ProvenanceRow): string {
	return typeof row.value === "number" ? number(row, row.value) : String(row.value);
}

export function rangeText(row: ProvenanceRow): string {
	return (row.range ?? []).map((end) => number(row, end)).join(" to ");
}

function number({ unit }: ProvenanceRow, value: number): string {
	if (unit === "bytes") return formatBytes(value);
	return Number.isInteger(value) ? whole(value) : String(value);
}

export function unitText({ unit }: ProvenanceRow): string {
	return unit === "bytes" ? "B" : unit;
}
