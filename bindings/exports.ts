/** What readers need of a core: functions of assembly/trace/batch.ts. */
export interface TraceExports {
	readonly memory: WebAssembly.Memory;
	/** Places input, records and runs at `base`; returns the first free address. */
	placeBatch(base: number): number;
	traceState(): number;
	setStraddle(mode: number, fetch: number, data: number, smallest: number): void;
	setThreads(cpus: number): void;
	beginTrace(skip: number): void;
}

/** What the core that simulates traces exports: one line for each function in assembly/index.ts. u32 and usize are numbers, u64 are bigints. */
export interface CoreExports extends TraceExports {
	abiVersion(): number;
	/** Zeroed memory; 0 when there is none left. */
	allocate(bytes: bigint): number;
	describe(caches: number, tlbs: number, ranges: number): number;
	build(): number;
	machineStatus(): number;
	run(cpu: number, asid: number, records: number, count: number): number;
	runStraddling(cpu: number, asid: number, records: number, count: number): number;
	operate(
		code: number,
		cpu: number,
		asid: number,
		address: bigint,
		length: bigint,
		what: number,
		object: number,
		offset: bigint,
	): void;
	countsAt(): number;
	resetCounts(): void;
	hotSlots(): number;
	hotSlotCount(): number;
	recordedAt(): number;
	takeRecorded(): number;
	sharedSlots(): number;
	sharedSlotCount(): number;
	consume(format: number, at: number, end: number, last: number): number;
	setBudget(records: bigint): void;
	budgetLeft(): bigint;
}

/** What the core that goes through traces without a machine exports: one line for each function in assembly/passes.ts. */
export interface PassExports extends TraceExports {
	abiVersion(): number;
	/** Zeroed memory; 0 when there is none left. */
	allocate(bytes: bigint): number;
	passStatus(): number;
	placeAccesses(base: number): number;
	parse(format: number, at: number, end: number, last: number): number;
	parseAccesses(format: number, at: number, end: number, last: number): number;

	placePacker(base: number): number;
	beginPack(skip: bigint, take: bigint, keep: bigint, every: bigint): void;
	pack(): number;
	packRest(): number;
	packEnd(): number;
	packHeader(counted: number): number;
	packOutput(): number;
	packFull(): number;

	describeStacks(families: number): number;
	buildStacks(): number;
	openStacks(streams: number): number;
	runStacks(records: number, count: number): void;
	consumeStacks(format: number, at: number, end: number, last: number): number;
	consumeStacksOfAll(format: number, at: number, end: number, last: number): number;
	settleStacks(): void;
	describeCurve(): number;
	buildCurve(): number;
	runCurve(records: number, count: number): number;
	consumeCurve(format: number, at: number, end: number, last: number): number;
}

/** What the core that runs programs exports: one line for each function in assembly/programs.ts. */
export interface ProgramExports {
	readonly memory: WebAssembly.Memory;
	abiVersion(): number;
	/** Zeroed memory; 0 when there is none left. */
	allocate(bytes: bigint): number;
	exploreBuild(from: number, bytes: number): number;
	explore(stop: number, symmetric: number, compact: number, observed: number, observedCount: number): number;
	exploreRun(budget: number, mostStates: number, mostDepth: number): number;
	exploreTrace(hazard: number, to: number, most: number): number;
	exploreLayout(): number;
	/** Sets up a run of the program that exploreBuild built; whether there was memory for it. */
	costBegin(setup: number, logged: number): number;
	costReset(): void;
	costRun(until: number, most: number): number;
	exploreLive(mostEdges: number): number;
	walksBegin(seed: bigint, mostSteps: number): number;
	walksRun(walks: number, mostSteps: number, known: number): number;
	machineStart(): number;
	machineEnumerate(state: number): number;
	machineApply(state: number, action: number): number;
	hold(): number;
	holdCommand(from: number, count: number, to: number): number;
	holdRestore(from: number): number;
	holdWatch(at: number, most: number): void;
}
