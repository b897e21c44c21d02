// The records that JavaScript and the core both touch, as classes: what lies in each, in order, and of which type. The
// core reads and writes them by the constants of bindings/layout/; layout.ts holds those to the shapes drawn here.

/** A machine as bindings/pack.ts describes it. */
@unmanaged
export class Machine {
	cpus: u32;
	caches: u32;
	tlbs: u32;
	ranges: u32;
	seed: u64;
	policy: u32;
	page: u32;
	colours: u32;
	frames: u32;
	walk: u32;
	walkEntry: u32;
	walkEnters: u32;
	walkDepth: u32;
	walkBits: u32;
	walkBits1: u32;
	walkBits2: u32;
	walkBits3: u32;
	walkBits4: u32;
	walkBits5: u32;
	walkBits6: u32;
	walkBits7: u32;
	walkCaches: u32;
	walkCaches1: u32;
	walkCaches2: u32;
	walkCaches3: u32;
	walkCaches4: u32;
	walkCaches5: u32;
	walkCaches6: u32;
	walkCaches7: u32;
	classify: u32;
	hot: u32;
	hotBy: u32;
	coherence: u32;
	coherentFetches: u32;
	aliases: u32;
	sharing: u32;
	tagged: u32;
	recorded: u32;
}

@unmanaged
export class CacheSpec {
	sets: u32;
	ways: u32;
	line: u32;
	replacement: u32;
	flags: u32;
	serves: u32;
	next: u32;
	sharedBy: u32;
}

/** Begins like a CacheSpec. */
@unmanaged
export class TlbSpec {
	sets: u32;
	ways: u32;
	line: u32;
	replacement: u32;
	serves: u32;
	sharedBy: u32;
	pages: u8;
	pages1: u8;
	pages2: u8;
	pages3: u8;
	pages4: u8;
	pages5: u8;
	pages6: u8;
	pages7: u8;
	next: u8;
	next1: u8;
	next2: u8;
	next3: u8;
	next4: u8;
	next5: u8;
	next6: u8;
	next7: u8;
}

@unmanaged
export class Range {
	start: u64;
	last: u64;
	page: u32;
}

@unmanaged
export class Totals {
	reads: u64;
	writes: u64;
	fetches: u64;
	switches: u64;
	maps: u64;
	unmaps: u64;
	flushes: u64;
	shootdowns: u64;
}

@unmanaged
export class CacheCounts {
	accesses: u64;
	accesses1: u64;
	accesses2: u64;
	accesses3: u64;
	accesses4: u64;
	accesses5: u64;
	accesses6: u64;
	accesses7: u64;
	accesses8: u64;
	misses: u64;
	misses1: u64;
	misses2: u64;
	misses3: u64;
	misses4: u64;
	misses5: u64;
	misses6: u64;
	misses7: u64;
	misses8: u64;
	fills: u64;
	evictions: u64;
	writebacks: u64;
	invalidations: u64;
	compulsory: u64;
	capacity: u64;
	conflict: u64;
	coherenceMisses: u64;
	lost: u64;
	interventions: u64;
	upgrades: u64;
	synonyms: u64;
	homonyms: u64;
	flushed: u64;
}

@unmanaged
export class TlbCounts {
	accesses: u64;
	misses: u64;
	fills: u64;
	evictions: u64;
	shot: u64;
	refills: u64;
}

@unmanaged
export class WalkCounts {
	walks: u64;
	reads: u64;
	cacheHits: u64;
}

@unmanaged
export class Slot {
	first: u64;
	second: u64;
	value: u64;
}

/** An access as a trace has it. */
@unmanaged
export class Access {
	address: u64;
	bytes: u32;
	kind: u8;
	cpu: u8;
	asid: u16;
}

/** The readers' state. */
@unmanaged
export class Trace {
	input: u32;
	records: u32;
	runs: u32;
	accesses: u32;
	recordCount: u32;
	runCount: u32;
	accessCount: u32;
	status: u32;
	errorAt: u32;
	skip: u32;
	lines: u64;
	skipped: u64;
	operations: u32;
	operationCount: u32;
	threads: u32;
}

/** All geometries of one line size (assembly/stack/family.ts). */
@unmanaged
export class Family {
	line: u32;
	ways: u32;
	sets: u32;
	counts: u32;
	reads: u64;
	writes: u64;
	fetches: u64;
}

@unmanaged
export class Geometry {
	readMisses: u64;
	writeMisses: u64;
	fetchMisses: u64;
	evictions: u64;
	writebacks: u64;
}

/** Stack distances (assembly/stack/curve.ts). */
@unmanaged
export class Curve {
	line: u32;
	streams: u32;
	mostLines: u32;
	threshold: u64;
	seed: u64;
	reads: u64;
	writes: u64;
	fetches: u64;
	live: u64;
	halvings: u32;
	distances: u32;
	distanceCount: u32;
	groups: u32;
	cold: u64;
	cold1: u64;
	cold2: u64;
}

@unmanaged
export class Distance {
	reads: u64;
	writes: u64;
	fetches: u64;
}

@unmanaged
export class Maintain {
	address: u64;
	length: u64;
	at: u32;
	code: u8;
	what: u8;
	cpu: u8;
	pad: u8;
	asid: u16;
	pad2: u16;
	object: u32;
	offset: u64;
}

@unmanaged
export class Sharer {
	reads: u64;
	writes: u64;
	changed: u64;
	misses: u64;
	wrong: u64;
	virtual: u64;
	cpu: u32;
	next: u32;
}

@unmanaged
export class ProgramHeader {
	cpus: u32;
	model: u32;
	flags: u32;
	window: u32;
	colours: u32;
	lines: u32;
	loops: u32;
	mms: u32;
	registers: u32;
	vars: u32;
	cpuVars: u32;
	frames: u32;
	tables: u32;
	vas: u32;
	levels: u32;
	actors: u32;
	groups: u32;
	instructions: u32;
}

@unmanaged
export class Frame {
	kind: u8;
	lines: u8;
	first: u8;
	references: u8;
	flags: u8;
	pad0: u8;
	pad1: u8;
	pad2: u8;
}

@unmanaged
export class Mapping {
	pte: u8;
	shares: u8;
	mm: u8;
	colour: u8;
	table: u8;
	flags: u8;
	bound: u8;
	large: u8;
	held: u8;
	pad0: u8;
	pad1: u8;
	pad2: u8;
	part: u8;
	pad3: u8;
	pad4: u16;
}

@unmanaged
export class Level {
	flags: u32;
	shared: u8;
	next: u8;
	fetches: u8;
	pad0: u8;
}

@unmanaged
export class Actor {
	cpu: u8;
	kind: u8;
	spontaneous: u8;
	registers: u8;
	initial: u16;
	code: u16;
	length: u16;
	mm: u8;
	pad0: u8;
}

@unmanaged
export class Instruction {
	op: u8;
	flags: u8;
	kind: u8;
	order: u8;
	place: u8;
	at: u8;
	line: u8;
	index: u8;
	to: u8;
	left: u8;
	value: u8;
	expected: u8;
	target: u16;
	loop: u8;
	pad0: u8;
}

@unmanaged
export class Places {
	vars: u32;
	ptes: u32;
	tables: u32;
	frames: u32;
	references: u32;
	memory: u32;
	latest: u32;
	cpuFlags: u32;
	cpuMm: u32;
	cpuVisits: u32;
	cpuWalkCache: u32;
	cpuTlb: u32;
	cpuVars: u32;
	cpuWindow: u32;
	actorPlaces: u32;
	levelPlaces: u32;
	sharedBytes: u32;
	cpuBytes: u32;
	bytes: u32;
	cpuPurges: u32;
}

@unmanaged
export class Command {
	how: u8;
	actor: u8;
	pad0: u16;
	action: u32;
	code: u64;
	pad1: u64;
}

@unmanaged
export class Answer {
	reason: u32;
	hazards: u32;
	value: u32;
	abouts: u8;
	pad0: u8;
	pad1: u8;
	pad2: u8;
	pad3: u32;
	pad4: u32;
	pad5: u32;
	pad6: u32;
}

@unmanaged
export class Told {
	kind: u8;
	where: u8;
	what: u8;
	about: u8;
	command: u32;
}
