import { borrowed, estimated, known } from "../quantity.ts";
import type { CacheProfile, Profile, TlbProfile } from "../types.ts";
import { K, M, vipt, writeBack } from "./common.ts";
import { pa8800 } from "./pa8800.ts";
import { pa2Pages, pariscOrder, softwareWalk, unifiedTlb } from "./parisc.ts";

// Processors before the PA-8800: one level of cache, no clean-alias fault. They are here for their line sizes.

const HP = "HP's descriptions of the processor, not checked again";

interface Older {
	id: string;
	title: string;
	/** Bytes of the instruction and the data cache. */
	sizes: [instructions: number, data: number];
	ways: number;
	line: number;
	/** Cycles from load to use. */
	latency: number;
	tlb: TlbProfile;
	ghz: number;
	ns: number;
	outOfOrder: boolean;
}

function older(machine: Older): Profile {
	const cache = (size: number): CacheProfile => ({
		size: known(size, HP),
		ways: known(machine.ways, HP),
		line: known(machine.line, HP),
		...vipt,
		...writeBack,
		replacement: "fifo",
		latency: estimated(machine.latency, "the pipeline's length"),
		sharedBy: 1,
	});
	return {
		id: machine.id,
		title: machine.title,
		version: 1,
		notes: ["Operation costs are those of the pa8800 profile: nobody measured them here."],
		caches: { L1I: cache(machine.sizes[0]), L1D: cache(machine.sizes[1]) },
		tlbs: { TLB: machine.tlb },
		walk: { ...softwareWalk(), latency: estimated(110, "the miss handler's length on the PA-8800", [60, 250]) },
		...pariscOrder(),
		// Only the out-of-order cores run ahead far enough to move lines in unasked: an estimate.
		speculativeMoveIn: machine.outOfOrder,
		frequency: known(machine.ghz, HP),
		cpus: { sockets: 1, cores: 1, threads: 1 },
		memory: { ns: estimated(machine.ns, "memory of the workstations of its time", [100, 500]) },
		alias: pa8800().alias!,
		costs: borrowed(pa8800().costs, "pa8800"),
	};
}

export const pa7100 = (): Profile =>
	older({
		id: "pa7100",
		title: "HP PA-7100, off-chip L1 of 1 + 2 MB, 32-byte lines",
		sizes: [M, 2 * M],
		ways: 1,
		line: 32,
		latency: 2,
		tlb: unifiedTlb(known(120, HP), [4 * K]),
		ghz: 0.1,
		ns: 250,
		outOfOrder: false,
	});

export const pa7300lc = (): Profile =>
	older({
		id: "pa7300lc",
		title: "HP PA-7300LC, L1 of 64 + 64 KB, 32-byte lines",
		sizes: [64 * K, 64 * K],
		ways: 2,
		line: 32,
		latency: 2,
		tlb: unifiedTlb(known(96, HP), [4 * K]),
		ghz: 0.16,
		ns: 200,
		outOfOrder: false,
	});

export const pa8500 = (): Profile =>
	older({
		id: "pa8500",
		title: "HP PA-8500, L1 of 0.5 + 1 MB, 64-byte lines",
		sizes: [512 * K, M],
		ways: 4,
		line: 64,
		latency: 3,
		tlb: unifiedTlb(known(160, HP), pa2Pages()),
		ghz: 0.44,
		ns: 200,
		outOfOrder: true,
	});

export const pa8700 = (): Profile =>
	older({
		id: "pa8700",
		title: "HP PA-8700, L1 of 0.75 + 1.5 MB, 64-byte lines",
		sizes: [768 * K, 1536 * K],
		ways: 4,
		line: 64,
		latency: 3,
		tlb: unifiedTlb(known(240, HP), pa2Pages()),
		ghz: 0.75,
		ns: 180,
		outOfOrder: true,
	});
