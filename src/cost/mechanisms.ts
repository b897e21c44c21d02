import { StalemateError } from "../errors.ts";
import { isPlain } from "../input/plain.ts";
import { near, quote } from "../input/words.ts";
import { applySets } from "../profiles/sets.ts";
import { profileNames, profile as shipped } from "../profiles/shipped.ts";
import type { Profile } from "../profiles/types.ts";
import { programs } from "../reproduce/generated/programs.ts";
import type { Params, ResolvedParams } from "../scenario/params.ts";
import { type Constant, type Constants, constantsOf, frequencyOf, lacking } from "./constants.ts";

/** Devices that pages come back from. */
export type SwapDevice = "hdd" | "sata" | "nvme";

export interface MechanismOptions {
	swap?: SwapDevice;
	/** Constants that hold instead of the profile's. */
	given?: Constants;
}

/** A program that ships with what its figures need beside a profile. */
export interface Mechanism {
	what: string;
	text: string;
	/** The machine that it was measured on. */
	profile: string;
	/** Parameters that hold unless others are given. */
	params: Params;
	/** The published figure that constants were fitted to and that this is, if it is one. */
	cell?(params: ResolvedParams, profile: Profile): string | undefined;
	/** Constants that the profile does not have. */
	constants(profile: Profile, options: MechanismOptions): Constants;
}

/** What the nine published timings of TLB shootdowns say, ns (reproduce S2 fits them again; a test compares). */
export const SHOOTDOWN = {
	iteration: 483.5,
	localFlush: 63.6,
	stackCsd: 61,
	ipiSend: 86.6,
	ipiDeliver: 515.3,
	remoteFlush: 12.6,
	csdLine: 11,
};
/** Of those, what cores work on. Interrupts, and a line between two caches, keep a time of their own. */
const CORE_WORK = ["iteration", "localFlush", "stackCsd", "remoteFlush"];
const S2_CELLS = ["before", "concurrent", "async"].flatMap((flavour) => [1, 2, 4].map((n) => `S2/${flavour}/${n}`));

/** Cycles of a packet apart from what its methods differ in, from the published rates (reproduce S3). */
export const PACKET = 343.3;
const S3_CELLS = ["before/smap", "before/nosmap", "vmap/smap", "vmap/nosmap", "dependency/nosmap"].map(
	(cell) => `S3/${cell}`,
);

/** The same where packets go round in batches, whose loop is no part of it (reproduce S4). */
export const SYNC_PACKET = 335.3;
const S4_CELLS = ["copy/smap", "copy/nosmap", "none/smap", "none/nosmap"].map((cell) => `S4/${cell}`);

/** Sections per packet that open and close user access: the payload's (one packet copied in three pieces) and the metadata's. */
export const SECTIONS = { payload: 3, metadata: 2 };

/** How often the notifier asks, ns. */
const ASKED = 20_000;

/** What a target adds is known from one and three targets alone: parts of the value that it may be with many. */
const PER_TARGET: Readonly<Record<string, [number, number]>> = { ipiSend: [0.7, 1.5], csdLine: [0, 3] };

/**
 * The handshake's lines are inside the fitted constants; what a line from another socket costs more is not. `values` are ns of
 * the machine that was measured.
 */
export function shootdownConstants(
	profile: Profile,
	values: Readonly<Record<string, number>> = SHOOTDOWN,
	own: Constants = constantsOf(profile),
): Constants {
	const measuredAt = frequencyOf(shipped("haswell-ep"));
	const fitted = Object.entries(values).map(([name, ns]): [string, Constant] => {
		const unit = CORE_WORK.includes(name) ? "cycles" : "ns";
		const value = unit === "cycles" ? ns * measuredAt : ns;
		const [low, high] = PER_TARGET[name] ?? [0.9, 1.1];
		const range: [number, number] = [value * low, value * high];
		return [name, { value, unit, basis: "calibrated", range, cells: S2_CELLS }];
	});
	const { atomicRemoteCore: core, atomicRemoteSocket: socket } = own;
	const more = core && socket ? Math.max(0, socket.value - core.value) : 0;
	return {
		...Object.fromEntries(fitted),
		kernelEntry: { value: 0, unit: "cycles", basis: "calibrated", cells: S2_CELLS },
		lineCore: { value: 0, unit: "cycles", basis: "calibrated", cells: S2_CELLS },
		// Compare-and-swap under contention, which this is not: half of it. Without both a line is priced as anywhere else.
		...(core &&
			socket && {
				lineSocket: {
					value: more / 2,
					unit: "cycles",
					basis: "estimated",
					range: [0, more],
					of: ["atomicRemoteSocket", "atomicRemoteCore"],
				},
			}),
	};
}

export function packetConstants(cycles: number = PACKET, cells: readonly string[] = S3_CELLS): Constants {
	return { packet: { value: cycles, unit: "cycles", basis: "calibrated", range: [cycles - 4, cycles + 4], cells } };
}

/** What is another time each time: somewhere in a grace period, a time slice, a turn of the disk. */
const varies = (constant: Constant | undefined): Constant | undefined =>
	constant?.range ? { ...constant, varies: true } : constant;

const between = (value: number, range: [number, number]): Constant => ({
	value,
	unit: "ns",
	basis: "estimated",
	range,
});

const SWAPS = { hdd: "swapInHdd", sata: "swapInSata", nvme: "swapInNvme" } as const;

/** The wait for a page that comes back from a device. */
export function swapConstant(own: Constants, swap: SwapDevice): Constant {
	const name = SWAPS[swap];
	return own[name] ? { ...own[name], of: [name] } : lacking(name);
}

/**
 * `pause`: ns from one request of the notifier to the next, as long as twice that: so that it asks at any phase of what the
 * worker does. A period of its own would lock onto the worker's.
 */
export function syncConstants(
	profile: Profile,
	cycles: number = SYNC_PACKET,
	pause: number = ASKED,
	swap: SwapDevice = "hdd",
	own: Constants = constantsOf(profile),
): Constants {
	const of = (name: string) => own[name]?.value ?? 0;
	const rest = (name: string, without: number): Constant => {
		const found = own[name];
		if (!found) return lacking(name);
		const left = (value: number) => Math.max(0, value - without);
		const { basis, range } = found;
		const ends = range && { range: [left(range[0]), left(range[1])] as [number, number] };
		return { value: left(found.value), unit: "cycles", basis, ...ends, of: [name] };
	};
	const waits = {
		synchronizeRcu: varies(own.synchronizeRcu),
		synchronizeRcuExpedited: varies(own.synchronizeRcuExpedited),
		swapIn: varies(swapConstant(own, swap)),
		srcuGrace: varies(between(100_000, [10_000, 1_000_000])),
		timeSlice: varies(between(4e6, [1e6, 10e6])),
	};
	return {
		...packetConstants(cycles, S4_CELLS),
		pause: { value: pause, unit: "ns", basis: "given", range: [0, 2 * pause], varies: true },
		lockRest: rest("spinlockPair", of("atomic") + 2 * of("level1") + 1),
		mutexRest: rest("mutexPair", of("atomic") + 2 * of("level1") + 1),
		srcuLock: rest("srcuPair", 2 * of("atomic")),
		...Object.fromEntries(Object.entries(waits).filter((entry): entry is [string, Constant] => entry[1] !== undefined)),
	};
}

/** What two profiles are, whatever they are called. */
function contentOf({ id, title, basedOn, ...rest }: Profile): string {
	const sorted = (_: string, part: unknown) =>
		isPlain(part)
			? Object.fromEntries(
					Object.keys(part)
						.sort()
						.map((key) => [key, part[key]]),
				)
			: part;
	return JSON.stringify(rest, sorted);
}

/** A machine as it ships, but for its SMAP, which published rates are with and without. */
function asShipped(id: string, profile: Profile): boolean {
	const set = [`smap=${profile.smap}`];
	return contentOf(applySets(profile, set)) === contentOf(applySets(shipped(id), set));
}

/** Programs that ship with prices, by name: what `stalemate cost NAME` takes. */
export const mechanisms: Readonly<Record<string, Mechanism>> = {
	"flush-page": {
		what: "lines of a page are absent, clean or dirty, and are flushed",
		text: programs["flush-page"]!,
		profile: "pa8800",
		params: {},
		constants: () => ({}),
	},
	classifier: {
		what: "is this page frame memory? The question as KVM asks it",
		text: programs.classifier!,
		profile: "e500v2",
		params: {},
		constants: () => ({}),
	},
	shootdown: {
		what: "one thread gives a page back and touches it again, the others hold its translation",
		text: programs.shootdown!,
		profile: "haswell-ep",
		params: {},
		cell({ flavour, cpus, local, pages }, profile) {
			const id = `S2/${flavour}/${cpus}`;
			const fitted = S2_CELLS.includes(id) && local === "yes" && pages === 1 && !profile.smap;
			return fitted && asShipped("haswell-ep", profile) ? id : undefined;
		},
		constants: (profile, { given }) => shootdownConstants(profile, SHOOTDOWN, { ...constantsOf(profile), ...given }),
	},
	"vhost-packet": {
		what: "a packet of a vhost transmit queue: payload by copy_user, metadata by one of three ways",
		text: programs["vhost-packet"]!,
		profile: "broadwell",
		params: SECTIONS,
		cell({ method, payload, metadata }, profile) {
			const id = `S3/${method}/${profile.smap ? "smap" : "nosmap"}`;
			const fitted = S3_CELLS.includes(id) && payload === SECTIONS.payload && metadata === SECTIONS.metadata;
			return fitted && asShipped("broadwell", profile) ? id : undefined;
		},
		constants: () => packetConstants(),
	},
	"vhost-sync": {
		what: "640 packets (64 where the worker waits after each batch) through a mapping that a notifier may take away, by the way the two are synchronised",
		text: programs["vhost-sync"]!,
		profile: "broadwell",
		params: { sections: 2 },
		constants: (profile, { swap, given }) =>
			syncConstants(profile, SYNC_PACKET, ASKED, swap, { ...constantsOf(profile), ...given }),
	},
};

/** Profiles that are derived for pricing, beside the shipped ones. */
const derived: Readonly<Record<string, () => Profile>> = {
	"haswell-ep-64": () => ({
		...applySets(shipped("haswell-ep"), [
			"cpus.cores=16",
			"cpus.threads=2",
			"caches.L3.size=40M",
			"caches.L3.sharedBy=32",
		]),
		id: "haswell-ep-64",
		title: "Haswell-EP with 2 x 16 cores of two threads: 64 CPUs, derived",
	}),
};

/** Ids of the profiles that are derived for pricing. */
export function derivedNames(): string[] {
	return Object.keys(derived);
}

/** A profile by its id: a shipped one, or one that is derived from a shipped one to be priced. `path`: where it was written. */
export function machineNamed(id: string, path = "profile"): Profile {
	if (Object.hasOwn(derived, id)) return derived[id]!();
	// The shipped ones' own message does not know of these.
	const meant = typeof id === "string" && !(profileNames() as string[]).includes(id) && near(id, derivedNames());
	if (meant)
		throw new StalemateError("UNKNOWN_PROFILE", `unknown profile ${quote(id)}: did you mean "${meant}"?`, { path });
	return shipped(id, path);
}
