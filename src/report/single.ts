import type { MachineConfig } from "../../bindings/config.ts";
import type { Profile } from "../profiles/types.ts";
import type { CacheRow, SimulationResult, TraceInfo } from "../simulate/result.ts";
import type { Bytes } from "../simulate/sharing.ts";
import { decimal, many, percent, short, whole } from "./numbers.ts";
import { cacheShape, tlbShape } from "./rows.ts";
import type { Style } from "./style.ts";
import { fitting, left, PAGE, right, type Sheet, table, wrap } from "./table.ts";

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
		...wrap(changesOf(result) ?? "", PAGE).map((line) => style.dim(line)),
		...traceLines(result, style),
		"",
		...caches(machine, result, style),
	];
	const add = (sheet: Sheet | undefined, ...after: string[]) => {
		if (sheet) lines.push("", ...table(sheet.columns, sheet.rows, painted(style)), ...after);
	};
	add(classSheet(result));
	add(coherenceSheet(result));
	add(tlbSheet(machine, result), ...walkLines(machine, result));
	add(hotSheet(result));
	add(sharingSheet(result));
	if (result.sharing?.length === 0) lines.push("", NOTHING_SHARED);
	const { number, about } = cyclesText(result);
	if (number === "") return [...lines, "", ...(about === "" ? [] : [style.dim(about)])];
	add(cycleSheet(result), style.bold(number) + about);
	return lines;
}

/** What was changed of the profile, and how it was run. */
export function changesOf({ parameters: { sets, cpus, seed, warmup } }: SimulationResult): string | undefined {
	const words = [
		...sets,
		...(cpus > 1 ? [`${cpus} CPUs`] : []),
		...(seed > 0n ? [`seed ${seed}`] : []),
		...(warmup ? [`counted after ${many(warmup, "reference")}`] : []),
	];
	return words.length > 0 ? `with ${words.join(", ")}` : undefined;
}

export const NOT_ALL = "NOT THE WHOLE TRACE: the counts so far";

/** "app.packed.gz (packed, gzip)" */
export function traceText({ name, format, compression }: Pick<TraceInfo, "name" | "format" | "compression">): string {
	return `${name} (${[format, ...(compression === "none" ? [] : [compression])].join(", ")})`;
}

/** The trace, and how many references it had. */
export function traceLines(result: SimulationResult, style: Style): string[] {
	return traceFacts(result).flatMap(({ text, tone }) => {
		if (tone === "note") return wrap(text, PAGE).map(style.dim);
		return tone === "warning" ? style.yellow(text) : text;
	});
}

/** The same, sentence by sentence. */
export function traceFacts(result: SimulationResult): { text: string; tone: "fact" | "note" | "warning" }[] {
	const { trace, references, operations, skipped, complete } = result;
	const { total, fetches, reads, writes } = references;
	const facts = trace ? [traceText(trace)] : [];
	facts.push(
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
		facts.push(`with ${words.join(", ")}`);
	}
	const warnings = skipped ? [`${many(skipped, "bad item was", "bad items were")} skipped`] : [];
	const ends = complete ? [] : [NOT_ALL];
	return [
		...facts.map((text) => ({ text, tone: "fact" as const })),
		...warnings.map((text) => ({ text, tone: "warning" as const })),
		...(trace?.notes ?? []).map((text) => ({ text: `note: ${text}`, tone: "note" as const })),
		...ends.map((text) => ({ text, tone: "warning" as const })),
	];
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
	if (result.caches.length === 0) return [NO_CACHES];
	const paint = painted(style);
	const way = (number: (value: number) => string, shapes: boolean) => () => {
		const { columns, rows } = cacheSheet(shapes ? machine : undefined, result, number);
		return table(columns, rows, paint);
	};
	return [
		...fitting(way(whole, true), way(whole, false), way(short, true), way(short, false)),
		...rareLines(result.caches),
	];
}

export const NO_CACHES = "this profile has no caches";

/** Without a machine, without shapes. */
export function cacheSheet(
	machine: MachineConfig | undefined,
	result: SimulationResult,
	number: (value: number) => string = whole,
): Sheet {
	const cpus = severalCpus(result);
	const columns = [
		left("cache"),
		left("cpu"),
		left("shape"),
		...right("accesses", "ratio", "misses", "= fetch", "+ read", "+ write", "+ walk", "write-backs"),
	];
	const rows = result.caches.map((row) => [
		row.name,
		cpus ? String(row.cpu) : "",
		machine ? cacheShape(machine, row.name) : "",
		number(row.accesses),
		percent(row.missRatio),
		number(row.misses),
		...[row.fetchMisses, row.readMisses, row.writeMisses, row.walkReadMisses, row.writebacks].map((value) => {
			return orBlank(value, number);
		}),
	]);
	return { columns, rows };
}

/** What most machines do not have: victims of exclusive levels, invalidations by inclusive ones. */
export function rareLines(rows: CacheRow[]): string[] {
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
export function coherenceSheet(result: SimulationResult): Sheet | undefined {
	const rows = result.caches.filter((row) => {
		return (row.coherenceMisses ?? 0) + (row.lost ?? 0) + (row.interventions ?? 0) + (row.upgrades ?? 0) > 0;
	});
	if (rows.length === 0) return undefined;
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
	return { columns, rows: cells };
}

export const NOTHING_SHARED = "no line was taken from one CPU by another";

/** Lines that CPUs took from each other: a row for the line, and one for each CPU. */
export function sharingSheet({ sharing }: SimulationResult): Sheet | undefined {
	if (!sharing || sharing.length === 0) return undefined;
	const columns = [left("shared line"), left("sharing"), ...right("misses", "false"), left("reads"), left("writes")];
	const bytes = (parts: Bytes[]) => parts.map(({ from, to }) => `${from}-${to - 1}`).join(" ");
	const rows = sharing.flatMap((line) => [
		[`0x${line.address.toString(16)}`, line.kind, whole(line.misses), whole(line.falseMisses), "", ""],
		...line.cpus.map((cpu) => {
			const counts = [orBlank(cpu.misses, whole), orBlank(cpu.falseMisses, whole)];
			return ["", `CPU ${cpu.cpu}`, ...counts, bytes(cpu.reads), bytes(cpu.writes)];
		}),
	]);
	return { columns, rows };
}

export function classSheet(result: SimulationResult): Sheet | undefined {
	if (!result.caches.some(({ compulsory }) => compulsory !== undefined)) return undefined;
	const cpus = severalCpus(result);
	const columns = [left("misses"), left("cpu"), ...right("compulsory", "", "capacity", "", "conflict", "")];
	const rows = result.caches.map((row) => {
		const parts = [row.compulsory ?? 0, row.capacity ?? 0, row.conflict ?? 0];
		const cells = parts.flatMap((part) => [whole(part), row.misses > 0 ? percent(part / row.misses) : ""]);
		return [row.name, cpus ? String(row.cpu) : "", ...cells];
	});
	return { columns, rows };
}

export function tlbSheet(machine: MachineConfig | undefined, result: SimulationResult): Sheet | undefined {
	if (result.tlbs.length === 0) return undefined;
	const cpus = severalCpus(result);
	const columns = [left("TLB"), left("cpu"), left("entries"), ...right("accesses", "ratio", "misses")];
	const rows = result.tlbs.map((row) => [
		row.name,
		cpus ? String(row.cpu) : "",
		machine ? tlbShape(machine, row.name) : "",
		whole(row.accesses),
		percent(row.missRatio),
		whole(row.misses),
	]);
	return { columns, rows };
}

/** What misses of TLBs came to. */
export function walkLines(machine: MachineConfig, result: SimulationResult): string[] {
	const walks = result.walks.reduce((sum, row) => sum + row.walks, 0);
	const reads = result.walks.reduce((sum, row) => sum + row.reads, 0);
	const walked = machine.walk.enabled
		? `${many(walks, "page walk")} read ${many(reads, "page-table entry", "page-table entries")}`
		: `${many(walks, "access", "accesses")} missed every TLB (this profile does not walk)`;
	const shot = result.tlbs.reduce((sum, row) => sum + (row.shot ?? 0), 0);
	const refills = result.tlbs.reduce((sum, row) => sum + (row.refills ?? 0), 0);
	const removed = `shootdowns and context switches removed ${many(shot, "entry", "entries")}: ${many(refills, "miss", "misses")}`;
	return [walked, ...(shot > 0 ? [removed] : [])];
}

export function hotSheet({ hottest }: SimulationResult): Sheet | undefined {
	const first = hottest?.[0];
	if (!hottest || !first) return undefined;
	const columns = [left(`hottest ${first.by}s of ${first.cache}`), ...right("misses")];
	const rows = hottest.map(({ by, key, misses }) => [
		by === "set" ? String(key) : `0x${key.toString(16)}`,
		whole(misses),
	]);
	return { columns, rows };
}

/** What the average memory access time is made of. */
export function cycleSheet({ cycles }: SimulationResult): Sheet | undefined {
	if (!cycles) return undefined;
	const columns = [left("answered by"), ...right("references", "walk reads", "cycles", "")];
	const rows = cycles.byLevel
		.filter((level) => level.cycles > 0)
		.map((level) => [
			level.level,
			orBlank(level.references, whole),
			orBlank(level.walkReads ?? 0, whole),
			whole(level.cycles),
			percent(level.cycles / cycles.total),
		]);
	return { columns, rows };
}

/** Average memory access time: the number, and what to know of it. */
export function cyclesText({ cycles, references }: SimulationResult): { number: string; about: string } {
	if (cycles)
		return {
			number: `${decimal(cycles.perReference)} cycles per reference`,
			about: `, one after the other (latencies: ${cycles.basis})`,
		};
	return { number: "", about: references.total > 0 ? "no cycles: the profile has no latencies for them" : "" };
}
