import type { MachineConfig } from "../../bindings/config.ts";
import type { CacheCounts, Counts, OperationCounts, TlbCounts, WalkCounts } from "../../bindings/counts.ts";
import type { TraceFormat } from "../../bindings/reader.ts";
import type { Profile } from "../profiles/types.ts";
import type { Compression } from "../trace/compression.ts";
import type { Cycles } from "./cycles.ts";
import type { SharingRow } from "./sharing.ts";

/** References of a run: a modify is two, an access over several lines one per line (or as the profile's `straddle` says). */
export interface References {
	total: number;
	fetches: number;
	reads: number;
	writes: number;
}

/** What the references of one CPU, and all they caused, did at one cache. Numbers of events, exact up to 2^53. */
export interface CacheRow extends Omit<CacheCounts, "cache" | Conditional> {
	name: string;
	/** Look-ups: fetches, reads, writes and page-walk reads. Clean victims offered to an exclusive level are not among them. */
	accesses: number;
	/** Accesses found. */
	hits: number;
	/** Accesses not found. */
	misses: number;
	/** misses / accesses; 0 where nothing looked here. */
	missRatio: number;
	/** The part of writeFills that no CPU waited for (for write-throughs and write-backs), where there were any. */
	postedFills?: number;
	postedFillMisses?: number;
	/** Misses by class, where `classify` was asked for. */
	compulsory?: number;
	capacity?: number;
	conflict?: number;
	/** Misses of lines that another CPU's write took and that have not been here since. These four: in coherent machines. */
	coherenceMisses?: number;
	/** Lines that other CPUs' writes took. */
	lost?: number;
	/** Lines supplied to other CPUs. */
	interventions?: number;
	/** Writes for which others that might have the line had to be told. */
	upgrades?: number;
	/** Misses of lines that are here under another address, where `aliases` was asked for. */
	synonyms?: number;
	/** Misses of virtual addresses under which another line is here. */
	homonyms?: number;
	/** Lines that flushes wrote back or removed, where the trace had any. */
	flushed?: number;
}

type Conditional =
	| "postedFills"
	| "postedFillMisses"
	| "compulsory"
	| "capacity"
	| "conflict"
	| "coherenceMisses"
	| "lost"
	| "interventions"
	| "upgrades"
	| "synonyms"
	| "homonyms"
	| "flushed";

/** What one CPU's look-ups did at one TLB. Numbers of events, exact up to 2^53. */
export interface TlbRow extends Omit<TlbCounts, "tlb" | "shot" | "refills"> {
	/** Entries that shootdowns and context switches removed, and misses because of that, where the trace had any. */
	shot?: number;
	refills?: number;
	name: string;
	/** Accesses found. */
	hits: number;
	/** misses / accesses; 0 where nothing looked here. */
	missRatio: number;
}

/** Counts as rows: one for each cache (TLB) and CPU of which anything was counted. */
export interface Rows {
	references: References;
	/** What the trace said between references, where it did. */
	operations?: OperationCounts | undefined;
	caches: CacheRow[];
	tlbs: TlbRow[];
	walks: WalkCounts[];
}

/** The counts of a part of the run. All intervals together add up to the run. */
export interface Interval extends Rows {
	/** References before it. */
	start: number;
}

/** One of the worst: misses at a cache. */
export interface HotRow {
	cache: string;
	by: "line" | "page" | "set";
	/** Address of the line or page, or the number of the set. */
	key: bigint;
	misses: number;
}

/** Where the references came from. */
export interface TraceInfo {
	name: string;
	format: TraceFormat;
	compression: Compression;
	/** Decompressed bytes read. */
	bytes: number;
	/** What could not be verified. */
	warnings?: string[];
	/** What to know about the counts. */
	notes?: string[];
}

/** With what a run can be done again. */
export interface RunParameters {
	/** `path=value` changes of the profile, in order. */
	sets: string[];
	cpus: number;
	seed: bigint;
	/** References run before the counts began. */
	warmup?: number;
	/** References of an interval. */
	every?: number;
	/** What was done about bad lines or records. */
	onError?: "stop" | "skip";
}

interface Fields extends Rows {
	stalemate: string;
	profile: string;
	profileVersion: number;
	basedOn: string | undefined;
	definition: Profile | undefined;
	parameters: RunParameters;
	complete: boolean;
	trace: TraceInfo | undefined;
	skipped: number | undefined;
	cycles: Cycles | undefined;
	intervals: Interval[] | undefined;
	hottest: HotRow[] | undefined;
	sharing: SharingRow[] | undefined;
}

/** Everything counted, and with what. Survives structuredClone as data; `JSON.stringify` takes it as it is. */
export class SimulationResult implements Fields {
	/** Version of this package. */
	readonly stalemate: string;
	/** Id of the profile. */
	readonly profile: string;
	readonly profileVersion: number;
	/** Id of the profile it was made from by changes. */
	readonly basedOn: string | undefined;
	/** The whole profile, where it is not one that ships. */
	readonly definition: Profile | undefined;
	readonly parameters: RunParameters;
	/** false: the run was cancelled, failed or is not over; the counts are those so far. */
	readonly complete: boolean;
	/** The last trace run. */
	readonly trace: TraceInfo | undefined;
	/** Bad lines or records passed over, where there were any. */
	readonly skipped: number | undefined;
	readonly references: References;
	readonly operations: OperationCounts | undefined;
	readonly caches: CacheRow[];
	readonly tlbs: TlbRow[];
	readonly walks: WalkCounts[];
	/** undefined where the profile lacks a latency that the counts need. */
	readonly cycles: Cycles | undefined;
	/** Kept where `every` was given and `onInterval` was not. */
	readonly intervals: Interval[] | undefined;
	/** Most misses first, ties by smaller key, where `hot` was asked for. */
	readonly hottest: HotRow[] | undefined;
	/** The lines that CPUs took from each other most often, where `sharing` was asked for. */
	readonly sharing: SharingRow[] | undefined;

	constructor(fields: Fields) {
		this.stalemate = fields.stalemate;
		this.profile = fields.profile;
		this.profileVersion = fields.profileVersion;
		this.basedOn = fields.basedOn;
		this.definition = fields.definition;
		this.parameters = fields.parameters;
		this.complete = fields.complete;
		this.trace = fields.trace;
		this.skipped = fields.skipped;
		this.references = fields.references;
		this.operations = fields.operations;
		this.caches = fields.caches;
		this.tlbs = fields.tlbs;
		this.walks = fields.walks;
		this.cycles = fields.cycles;
		this.intervals = fields.intervals;
		this.hottest = fields.hottest;
		this.sharing = fields.sharing;
	}

	/** Plain data without bigints: the seed in decimal, keys in hexadecimal (numbers of sets stay numbers). */
	toJSON(): SimulationJson {
		const { stalemate, profile, profileVersion, basedOn, parameters, hottest, sharing, ...rest } = this;
		const json: SimulationJson = {
			stalemate,
			profile,
			profileVersion,
			basedOn,
			parameters: { ...parameters, seed: String(parameters.seed) },
			...rest,
		};
		if (hottest) {
			json.hottest = hottest.map(({ key, ...row }) => {
				return { ...row, key: row.by === "set" ? Number(key) : `0x${key.toString(16)}` };
			});
		}
		if (sharing) {
			json.sharing = sharing.map(({ address, physical, ...row }) => {
				return { address: `0x${address.toString(16)}`, physical: `0x${physical.toString(16)}`, ...row };
			});
		}
		return json;
	}
}

/** A result as it is written by JSON.stringify. */
export interface SimulationJson extends Omit<Fields, "parameters" | "hottest" | "sharing"> {
	parameters: Omit<RunParameters, "seed"> & { seed: string };
	hottest?: (Omit<HotRow, "key"> & { key: string | number })[];
	sharing?: (Omit<SharingRow, "address" | "physical"> & { address: string; physical: string })[];
}

export function ratio(part: number, whole: number): number {
	return whole === 0 ? 0 : part / whole;
}

/** What was asked about misses beyond their number. */
export interface Asked {
	classify: boolean;
	aliases: boolean;
}

/** Rows of the CPUs of which anything was counted, by whomever it was caused; of CPU 0 where nothing was. */
export function rowsOf(machine: MachineConfig, counts: Counts, asked: Asked): Rows {
	const seen = new Set<number>();
	for (const { cpu, cache: _, tlb: __, ...events } of [...counts.caches, ...counts.tlbs, ...counts.walks] as AnyRow[])
		if (some(events)) seen.add(cpu);
	if (seen.size === 0) seen.add(0);
	const { operations } = counts;
	const operates = some(operations);
	const flushes = operations.flushes > 0;
	// What a shootdown removed may be missed in a later interval.
	const shoots = operations.shootdowns + operations.switches > 0 || counts.tlbs.some(({ refills }) => refills > 0);
	return {
		references: counts.references,
		...(operates && { operations }),
		caches: counts.caches.filter(({ cpu }) => seen.has(cpu)).map((row) => cacheRow(machine, row, asked, flushes)),
		tlbs: counts.tlbs.filter(({ cpu }) => seen.has(cpu)).map((row) => tlbRow(machine, row, shoots)),
		walks: counts.walks.filter(({ cpu }) => seen.has(cpu)),
	};
}

type AnyRow = { cpu: number; cache?: number; tlb?: number };

function some(events: object): boolean {
	return Object.values(events).some((count) => count > 0);
}

/** Whether several CPUs have caches that are kept coherent. */
export function isCoherent({ cpus, coherence }: MachineConfig): boolean {
	return cpus > 1 && coherence.protocol !== "none";
}

function cacheRow(machine: MachineConfig, row: CacheCounts, asked: Asked, flushes: boolean): CacheRow {
	const { cache, postedFills, postedFillMisses, compulsory, capacity, conflict, ...more } = row;
	const { coherenceMisses, lost, interventions, upgrades, synonyms, homonyms, flushed, ...counted } = more;
	const accesses = row.fetches + row.reads + row.writes + row.walkReads;
	const misses = row.fetchMisses + row.readMisses + row.writeMisses + row.walkReadMisses;
	return {
		name: machine.caches[cache]!.name,
		...counted,
		accesses,
		hits: accesses - misses,
		misses,
		missRatio: ratio(misses, accesses),
		...(postedFills && { postedFills, postedFillMisses }),
		...(asked.classify && { compulsory, capacity, conflict }),
		...(isCoherent(machine) && { coherenceMisses, lost, interventions, upgrades }),
		...(asked.aliases && { synonyms, homonyms }),
		...(flushes && { flushed }),
	};
}

function tlbRow(machine: MachineConfig, { tlb, shot, refills, ...row }: TlbCounts, shoots: boolean): TlbRow {
	const { accesses, misses } = row;
	return {
		name: machine.tlbs[tlb]!.name,
		...row,
		hits: accesses - misses,
		missRatio: ratio(misses, accesses),
		...(shoots && { shot, refills }),
	};
}

/** What was counted between two readings of the same counters. */
export function difference(later: Counts, earlier: Counts): Counts {
	const minus = <T extends object>(a: T, b: T, keep: readonly string[]): T => {
		const entries = Object.entries(a).map(([key, value]) => {
			return [key, keep.includes(key) ? value : value - (b as Record<string, number>)[key]!];
		});
		return Object.fromEntries(entries) as T;
	};
	return {
		references: minus(later.references, earlier.references, []),
		operations: minus(later.operations, earlier.operations, []),
		caches: later.caches.map((row, i) => minus(row, earlier.caches[i]!, ["cache", "cpu"])),
		tlbs: later.tlbs.map((row, i) => minus(row, earlier.tlbs[i]!, ["tlb", "cpu"])),
		walks: later.walks.map((row, i) => minus(row, earlier.walks[i]!, ["cpu"])),
	};
}
