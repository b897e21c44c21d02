import { PENDING_ACTOR, PENDING_AT } from "../../bindings/layout/block";
import { ACT_DEFER, ACT_DELIVER, ACT_EVICT, ACT_STEP, ACT_WRITE_BACK } from "../../bindings/layout/explore";
import { CODE_OP, LEVEL_SHARED, LEVEL_SIZE, OP_EACH, WHOSE_PENDING } from "../../bindings/layout/program";
import { blockSize, counterOf, cpuSize, sharedSize } from "../machine/block";
import { allocate } from "../machine/heap";
import { ordinalOf } from "../program/interrupt";
import { NONE } from "../program/machine";
import { codeOf, cpuOf, p } from "../program/operands";
import { ON_MAPPING, ON_PAGE, pendingAt, pendingCount } from "../program/window";

// CPUs that run the same program are interchangeable: of all the states that differ in who is who, one is kept, that whose
// blocks stand in order.

/** Whether there is anything to permute. */
export let permutes: bool = false;

let scratch: usize = 0;
/** For each place the CPU whose block comes there, and the other way round, u8 each. */
const from = memory.data(8);
const to = memory.data(8);
/** For each CPU and ordinal the actor. */
let actorsOf: usize = 0;

export function setUpSymmetry(on: bool): void {
	permutes = on && p.groupCount > 0;
	if (!permutes) return;
	scratch = allocate(blockSize);
	actorsOf = allocate(8 * 32);
	memory.fill(actorsOf, <u8>NONE, 8 * 32);
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const cpu = cpuOf(actor);
		if (cpu < p.cpus) store<u8>(actorsOf + cpu * 32 + ordinalOf(actor), <u8>actor);
	}
}

function isBefore(a: usize, b: usize): bool {
	for (const end = a + cpuSize; a < end; a += 4, b += 4) {
		const x = load<u32>(a);
		const y = load<u32>(b);
		if (x != y) return x < y;
	}
	return false;
}

/** Brings the state at `state` (= block) into its canonical form. */
export function canonize(state: usize): void {
	const blocks = state + sharedSize;
	let moved = false;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) store<u8>(from + cpu, <u8>cpu);
	for (let g: u32 = 0; g < p.groupCount; g++) {
		const members: u32 = load<u8>(p.groups + g);
		// Insertion sort over the places of the group.
		for (let cpu: u32 = 1; cpu < p.cpus; cpu++) {
			if (!((members >> cpu) & 1)) continue;
			const mine: u32 = load<u8>(from + cpu);
			let place = cpu;
			for (let other = cpu; other-- > 0; ) {
				if (!((members >> other) & 1)) continue;
				const theirs: u32 = load<u8>(from + other);
				if (!isBefore(blocks + <usize>mine * cpuSize, blocks + <usize>theirs * cpuSize)) break;
				store<u8>(from + place, <u8>theirs);
				place = other;
				moved = true;
			}
			store<u8>(from + place, <u8>mine);
		}
	}
	if (moved) rearrange(state);
}

function rearrange(state: usize): void {
	const blocks = state + sharedSize;
	memory.copy(scratch, blocks, <usize>p.cpus * cpuSize);
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		const was: u32 = load<u8>(from + cpu);
		store<u8>(to + was, <u8>cpu);
		if (was != cpu) memory.copy(blocks + <usize>cpu * cpuSize, scratch + <usize>was * cpuSize, cpuSize);
	}
	if (p.window == 0) return;
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		for (let j: u32 = 0, count = pendingCount(cpu); j < count; j++) rename(cpu, pendingAt(cpu, j));
	}
}

/** A pending operation names its actor, and maybe a variable of some CPU. */
function rename(cpu: u32, entry: usize): void {
	const by: u32 = load<u8>(entry, PENDING_ACTOR);
	const actor: u32 = load<u8>(actorsOf + cpu * 32 + ordinalOf(by & WHOSE_PENDING));
	store<u8>(entry, <u8>((by & ~WHOSE_PENDING) | actor), PENDING_ACTOR);
	const at: u32 = load<u16>(entry, PENDING_AT);
	if (at & (ON_PAGE | ON_MAPPING) || at < <u32>sharedSize) return;
	const within = at - <u32>sharedSize;
	const now: u32 = load<u8>(to + within / <u32>cpuSize);
	store<u16>(entry, <u16>(<u32>sharedSize + now * <u32>cpuSize + (within % <u32>cpuSize)), PENDING_AT);
}

// An execution through canonical states, told as of real ones: for each place, the CPU whose block stands there really.

const real = memory.data(8);

export function beginRenaming(): void {
	for (let cpu: u32 = 0; cpu < 8; cpu++) store<u8>(real + cpu, <u8>cpu);
}

/** After canonize(): blocks have changed places once more. */
export function changePlaces(): void {
	const was = load<u64>(real);
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		store<u8>(real + cpu, <u8>(was >> ((<u64>load<u8>(from + cpu)) << 3)));
	}
}

function realActor(actor: u32): u32 {
	const cpu = cpuOf(actor);
	return cpu < p.cpus ? load<u8>(actorsOf + <u32>load<u8>(real + cpu) * 32 + ordinalOf(actor)) : actor;
}

/** An action of the state in `block`, by the real names of who takes part. */
export function renamed(action: u32): u32 {
	const kind = action >> 24;
	const who = (action >> 16) & 255;
	let x = (action >> 8) & 255;
	if (kind == ACT_STEP || kind == ACT_DEFER) {
		const visits = load<u8>(codeOf(who, <u32>load<u8>(counterOf(who)) - 1), CODE_OP) == OP_EACH;
		if (kind == ACT_STEP && x && visits) x = <u32>load<u8>(real + x - 1) + 1;
		return (kind << 24) | (realActor(who) << 16) | (x << 8) | (action & 255);
	}
	const shared = kind == ACT_EVICT || kind == ACT_WRITE_BACK ? p.levels + <usize>x * LEVEL_SIZE : 0;
	if (shared && load<u8>(shared, LEVEL_SHARED)) return action;
	if (kind == ACT_DELIVER) x = realActor(x);
	return (kind << 24) | ((<u32>load<u8>(real + who)) << 16) | (x << 8) | (action & 255);
}
