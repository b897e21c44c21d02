import type { MachineConfig } from "../../bindings/config.ts";
import type { Profile } from "../profiles/types.ts";
import type { CacheRow, SimulationResult } from "../simulate/result.ts";
import type { Bytes } from "../simulate/sharing.ts";
import { decimal, many, percent, short, whole } from "./numbers.ts";
import { cacheShape, tlbShape } from "./rows.ts";
import type { Style } from "./style.ts";
import { type Column, fitting, PAGE, table, wrap } from "./table.ts";

/** What is printed of one simulation. */
export interface Printed {
	profile: Profile;
	machine: MachineConfig;
	result: SimulationResult;
}

/** One machine: its caches, its TLBs, where the time goes. */
export function single({ profile, machine, result }: Printed, style: Style): string[] {
	const lines = [
		...wrap(`${profile.id}: ${profile.title}`, PAGE).map(style.bold),
		...changesOf(result).map((line) => style.dim(line)),
		...traceLines(result, style),
		"",
		...caches(machine, result, style),
	];
	const classes = classTable(result, style);
	if (classes.length > 0) lines.push("", ...classes);
	const coherence = coherenceTable(result, style);
	if (coherence.length > 0) lines.push("", ...coherence);
	const tlbs = tlbTable(machine, result, style);
	if (tlbs.length > 0) lines.push("", ...tlbs);
	const hottest = hotTable(result, style);
	if (hottest.length > 0) lines.push("", ...hottest);
	const sharing = sharingTable(result, style);
	if (sharing.length > 0) lines.push("", ...sharing);
	lines.push("", ...cycleLines(result, style));
	return lines;
}

/** What was changed of the profile. */
function changesOf({ parameters: { sets, cpus, seed, warmup } }: SimulationResult): string[] {
	const words = [
		...sets,
		...(cpus > 1 ? [`${cpus} CPUs`] : []),
		...(seed > 0n ? [`seed ${seed}`] : []),
		...(warmup ? [`counted after ${many(warmup, "reference")}`] : []),
	];
	return words.length > 0 ? wrap(`with ${words.join(", ")}`, PAGE) : [];
}

/** The trace, and how many references it had. */
export function traceLines(
	{ trace, references, operations, skipped, complete }: SimulationResult,
	style: Style,
): string[] {
	const { total, fetches, reads, writes } = references;
	const kind = trace && [trace.format, ...(trace.compression === "none" ? [] : [trace.compression])].join(", ");
	const lines = trace ? [`${trace.name} (${kind})`] : [];
	lines.push(
		`${many(total, "reference")}: ${many(fetches, "fetch", "fetches")}, ${many(reads, "read")}, ${many(writes, "write")}`,
	);
	if (operations) {
		const { maps, unmaps, flushes, shootdowns, switches } = operations;
		const words = [
			...(maps > 0 ? [many(maps, "mapping")] : []),
			...(unmaps > 0 ? [many(unmaps, "unmapping")] : []),
			...(flushes > 0 ? [many(flushes, "flush", "flushes")] : []),
			...(shootdowns > 0 ? [many(shootdowns, "TLB shootdown")] : []),
			...(switches > 0 ? [many(switches, "context switch", "context switches")] : []),
		];
		lines.push(`with ${words.join(", ")}`);
	}
	if (skipped) lines.push(style.yellow(`${many(skipped, "bad item was", "bad items were")} skipped`));
	for (const text of trace?.notes ?? []) lines.push(...wrap(`note: ${text}`, PAGE).map(style.dim));
	if (!complete) lines.push(style.yellow("NOT THE WHOLE TRACE: the counts so far"));
	return lines;
}

function left(title: string): Column {
	return { title, align: "left" };
}

function right(...titles: string[]): Column[] {
	return titles.map((title) => ({ title }));
}

/** Zeros that say nothing are not printed. */
function orBlank(value: number, number: (value: number) => string): string {
	return value === 0 ? "" : number(value);
}

function severalCpus(result: SimulationResult): boolean {
	return new Set([...result.caches, ...result.tlbs].map(({ cpu }) => cpu)).size > 1;
}

/** Titles and names are set off from numbers. */
function painted(style: Style) {
	return (text: string, row: number, column: number) => {
		if (row < 0) return style.dim(text);
		return column === 0 ? style.bold(text) : text;
	};
}

function caches(machine: MachineConfig, result: SimulationResult, style: Style): string[] {
	if (result.caches.length === 0) return ["this profile has no caches"];
	const cpus = severalCpus(result);
	const columns = [
		left("cache"),
		left("cpu"),
		left("shape"),
		...right("accesses", "ratio", "misses", "= fetch", "+ read", "+ write", "+ walk", "write-backs"),
	];
	const rowsIn = (number: (value: number) => string, shapes: boolean) => {
		return result.caches.map((row) => [
			row.name,
			cpus ? String(row.cpu) : "",
			shapes ? cacheShape(machine, row.name) : "",
			number(row.accesses),
			percent(row.missRatio),
			number(row.misses),
			...[row.fetchMisses, row.readMisses, row.writeMisses, row.walkReadMisses, row.writebacks].map((value) => {
				return orBlank(value, number);
			}),
		]);
	};
	const paint = painted(style);
	const lines = fitting(
		() => table(columns, rowsIn(whole, true), paint),
		() => table(columns, rowsIn(whole, false), paint),
		() => table(columns, rowsIn(short, true), paint),
		() => table(columns, rowsIn(short, false), paint),
	);
	return [...lines, ...rareLines(result.caches)];
}

/** What most machines do not have: victims of exclusive levels, invalidations by inclusive ones. */
function rareLines(rows: CacheRow[]): string[] {
	const sum = (of: (row: CacheRow) => number) => rows.reduce((total, row) => total + of(row), 0);
	const invalidations = sum((row) => row.invalidations);
	const lines: string[] = [];
	if (invalidations > 0)
		lines.push(`${many(invalidations, "line was", "lines were")} removed because an inclusive level lost theirs`);
	const flushed = sum((row) => row.flushed ?? 0);
	if (flushed > 0) lines.push(`flushes wrote back or removed ${many(flushed, "line")}`);
	for (const row of rows) {
		if ((row.synonyms ?? 0) + (row.homonyms ?? 0) > 0) {
			const cpu = new Set(rows.map((other) => other.cpu)).size > 1 ? ` of CPU ${row.cpu}` : "";
			const missed = `${row.name}${cpu} missed ${many(row.synonyms ?? 0, "line")} that it held under another address`;
			lines.push(`${missed} and ${many(row.homonyms ?? 0, "address", "addresses")} under which it held another line`);
		}
		const held = row.victims - row.victimMisses;
		if (row.victims > 0)
			lines.push(`${row.name} was offered ${many(row.victims, "clean line")} and held ${whole(held)} of them`);
	}
	return lines;
}

/** What CPUs did to each other's caches. */
function coherenceTable(result: SimulationResult, style: Style): string[] {
	const rows = result.caches.filter((row) => {
		return (row.coherenceMisses ?? 0) + (row.lost ?? 0) + (row.interventions ?? 0) + (row.upgrades ?? 0) > 0;
	});
	if (rows.length === 0) return [];
	const columns = [
		left("coherence"),
		left("cpu"),
		...right("misses", "of all", "lines lost", "lines supplied", "upgrades"),
	];
	const cells = rows.map((row) => [
		row.name,
		String(row.cpu),
		whole(row.coherenceMisses ?? 0),
		row.misses > 0 ? percent((row.coherenceMisses ?? 0) / row.misses) : "",
		...[row.lost, row.interventions, row.upgrades].map((value) => orBlank(value ?? 0, whole)),
	]);
	return table(columns, cells, painted(style));
}

/** Lines that CPUs took from each other: a row for the line, and one for each CPU. */
function sharingTable({ sharing }: SimulationResult, style: Style): string[] {
	if (!sharing) return [];
	if (sharing.length === 0) return ["no line was taken from one CPU by another"];
	const columns = [left("shared line"), left("sharing"), ...right("misses", "false"), left("reads"), left("writes")];
	const bytes = (parts: Bytes[]) => parts.map(({ from, to }) => `${from}-${to - 1}`).join(" ");
	const rows = sharing.flatMap((line) => [
		[`0x${line.address.toString(16)}`, line.kind, whole(line.misses), whole(line.falseMisses), "", ""],
		...line.cpus.map((cpu) => {
			const counts = [orBlank(cpu.misses, whole), orBlank(cpu.falseMisses, whole)];
			return ["", `CPU ${cpu.cpu}`, ...counts, bytes(cpu.reads), bytes(cpu.writes)];
		}),
	]);
	return table(columns, rows, painted(style));
}

function classTable(result: SimulationResult, style: Style): string[] {
	if (!result.caches.some(({ compulsory }) => compulsory !== undefined)) return [];
	const cpus = severalCpus(result);
	const columns = [left("misses"), left("cpu"), ...right("compulsory", "", "capacity", "", "conflict", "")];
	const rows = result.caches.map((row) => {
		const parts = [row.compulsory ?? 0, row.capacity ?? 0, row.conflict ?? 0];
		const cells = parts.flatMap((part) => [whole(part), row.misses > 0 ? percent(part / row.misses) : ""]);
		return [row.name, cpus ? String(row.cpu) : "", ...cells];
	});
	return table(columns, rows, painted(style));
}

function tlbTable(machine: MachineConfig, result: SimulationResult, style: Style): string[] {
	if (result.tlbs.length === 0) return [];
	const cpus = severalCpus(result);
	const columns = [left("TLB"), left("cpu"), left("entries"), ...right("accesses", "ratio", "misses")];
	const rows = result.tlbs.map((row) => [
		row.name,
		cpus ? String(row.cpu) : "",
		tlbShape(machine, row.name),
		whole(row.accesses),
		percent(row.missRatio),
		whole(row.misses),
	]);
	const walks = result.walks.reduce((sum, row) => sum + row.walks, 0);
	const reads = result.walks.reduce((sum, row) => sum + row.reads, 0);
	const walked = machine.walk.enabled
		? `${many(walks, "page walk")} read ${many(reads, "page-table entry", "page-table entries")}`
		: `${many(walks, "access", "accesses")} missed every TLB (this profile does not walk)`;
	const shot = result.tlbs.reduce((sum, row) => sum + (row.shot ?? 0), 0);
	const refills = result.tlbs.reduce((sum, row) => sum + (row.refills ?? 0), 0);
	const removed = `shootdowns and context switches removed ${many(shot, "entry", "entries")}: ${many(refills, "miss", "misses")}`;
	return [...table(columns, rows, painted(style)), walked, ...(shot > 0 ? [removed] : [])];
}

function hotTable({ hottest }: SimulationResult, style: Style): string[] {
	const first = hottest?.[0];
	if (!hottest || !first) return [];
	const columns = [left(`hottest ${first.by}s of ${first.cache}`), ...right("misses")];
	const rows = hottest.map(({ by, key, misses }) => [
		by === "set" ? String(key) : `0x${key.toString(16)}`,
		whole(misses),
	]);
	return table(columns, rows, painted(style));
}

/** Average memory access time and what it is made of. */
function cycleLines({ cycles, references }: SimulationResult, style: Style): string[] {
	if (!cycles) {
		return references.total > 0 ? [style.dim("no cycles: the profile has no latencies for them")] : [];
	}
	const { total, perReference, byLevel, basis } = cycles;
	const columns = [left("answered by"), ...right("references", "walk reads", "cycles", "")];
	const rows = byLevel
		.filter((level) => level.cycles > 0)
		.map((level) => [
			level.level,
			orBlank(level.references, whole),
			orBlank(level.walkReads ?? 0, whole),
			whole(level.cycles),
			percent(level.cycles / total),
		]);
	return [
		...table(columns, rows, painted(style)),
		`${style.bold(`${decimal(perReference)} cycles per reference`)}, one after the other (latencies: ${basis})`,
	];
}
