// Which bits of an address choose the line, the set and the tag: of virtual and physical addresses side by side. Where a cache
// is indexed by virtual bits above the page, one physical line can be in several of its sets.

import { h } from "../dom.ts";
import type { Described } from "./types.ts";

/** Bits that are drawn. */
const BITS = 36;

interface Field {
	name: "tag" | "index" | "offset" | "page" | "frame" | "alias";
	/** From and to, the lowest bit 0, the end not included. */
	from: number;
	to: number;
}

type Cache = Described["machine"]["caches"][number];

export function ruler({ id, machine }: Described): HTMLElement {
	const { page } = machine.translation;
	const address = (fields: Field[], label: string) =>
		h(
			"div",
			{ class: "bits", role: "img", "aria-label": label },
			fields
				.filter(({ from, to }) => to > from)
				.sort((a, b) => b.from - a.from)
				.map(({ name, from, to }) =>
					h(
						"span",
						{
							class: `bit-field ${name}`,
							// The highest bit stands in the first column.
							vars: { "--column": BITS - Math.min(to, BITS) + 1, "--bits": Math.min(to, BITS) - from },
						},
						h("b", {}, name),
						h("small", {}, to - from === 1 ? String(from) : `${to > BITS ? "…" : to - 1}–${from}`),
					),
				),
		);
	const rows: HTMLElement[] = [
		row("page", [
			address(split("page", page), `virtual address: page above bit ${page}`),
			address(split("frame", page), `physical address: frame above bit ${page}`),
		]),
	];
	for (const cache of machine.caches) {
		const { virtual, physical, aliases, shape } = fieldsOf(cache, page);
		const label = (kind: string, fields: Field[]) =>
			`${cache.name}, ${kind} address: ${fields.map(({ name, from, to }) => `${name} bits ${to - 1} to ${from}`).join(", ") || "not looked at"}`;
		rows.push(
			row(
				cache.name,
				[address(virtual, label("virtual", virtual)), address(physical, label("physical", physical))],
				aliases > 0
					? `${shape}. ${aliases === 1 ? "One index bit lies" : `${aliases} index bits lie`} above the page: one physical line can be in ${2 ** aliases} sets (colours).`
					: shape,
				aliases > 0,
			),
		);
	}
	return h(
		"section",
		{ class: "ruler" },
		h("h3", {}, id),
		h(
			"div",
			{ class: "ruler-row ruler-head" },
			h("span"),
			h("span", {}, "virtual address"),
			h("span", {}, "physical address"),
		),
		rows,
	);
}

function row(name: string, addresses: HTMLElement[], note = "", warn = false): HTMLElement {
	return h(
		"div",
		{ class: "ruler-row" },
		h("span", { class: "ruler-name" }, name),
		addresses,
		note && h("p", { class: warn ? "warn" : "" }, note),
	);
}

function split(name: "page" | "frame", page: number): Field[] {
	return [
		{ name, from: page, to: 64 },
		{ name: "offset", from: 0, to: page },
	];
}

/** What a cache takes from which address. */
export function fieldsOf(cache: Pick<Cache, "sets" | "ways" | "line" | "index" | "tag">, page: number) {
	const { sets, ways, line, index, tag } = cache;
	const offset = Math.log2(line);
	const whole = Number.isInteger(Math.log2(sets));
	const top = offset + (whole ? Math.log2(sets) : 0);
	const fields: Record<"virtual" | "physical", Field[]> = { virtual: [], physical: [] };
	const aliases = index === "virtual" && tag === "physical" ? Math.max(0, top - page) : 0;
	fields[index].push(
		{ name: "index", from: offset, to: top - aliases },
		{ name: "alias", from: top - aliases, to: top },
	);
	fields[index].push({ name: "offset", from: 0, to: offset });
	// A physical tag begins at the page where the index has virtual bits above it, or else the line would not be known.
	const tagFrom = index === tag ? top : Math.min(top, page);
	fields[tag].push({ name: "tag", from: whole ? tagFrom : offset, to: 64 });
	const used = (list: Field[]) => list.filter(({ from, to }) => to > from);
	const shape = `${sets} ${sets === 1 ? "set" : "sets"} of ${ways} ${ways === 1 ? "way" : "ways"}, ${line} B lines${whole ? "" : "; the set is the line's number modulo the sets"}`;
	return { virtual: used(fields.virtual), physical: used(fields.physical), aliases, shape };
}
