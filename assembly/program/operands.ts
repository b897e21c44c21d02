import {
	ACTOR_CODE,
	ACTOR_CPU,
	ACTOR_KIND,
	ACTOR_LENGTH,
	ACTOR_SIZE,
	ALU_ADD,
	ALU_AND,
	ALU_CLAMP,
	ALU_OR,
	ALU_SUB,
	CODE_AT,
	CODE_EXPECTED,
	CODE_FLAGS,
	CODE_INDEX,
	CODE_KIND,
	CODE_LEFT,
	CODE_LINE,
	CODE_LOOP,
	CODE_PLACE,
	CODE_SIZE,
	CODE_VALUE,
	FLAG_EXPECTED_REGISTER,
	FLAG_LEFT_REGISTER,
	FLAG_VALUE_REGISTER,
	IN_OWN_VAR,
	IN_PTE,
	IN_TARGET_VAR,
	IN_VAR,
	RMW_ADD,
	RMW_AND,
	RMW_OR,
	RMW_SUB,
	RMW_SWAP,
	RMW_XOR,
	TEST_ABOVE,
	TEST_AT_LEAST,
	TEST_AT_MOST,
	TEST_BELOW,
	TEST_EQUAL,
	TEST_NOT_EQUAL,
	TEST_ODD,
} from "../../bindings/layout/program";
import { atTables, atVars, block, cpuAt, inVars, inVisits } from "../machine/block";
import { pteAt } from "../machine/pages";
import { Program } from "./code";

// What the fields of an instruction stand for.

export let p: Program = changetype<Program>(0);

// What everything asks of an actor, where it is found with one load: the address of its code u32, its length u16, CPU, kind.
const KNOWN: usize = memory.data(64 << 3);
const KNOWN_CODE = 0;
const KNOWN_LENGTH = 4;
const KNOWN_CPU = 6;
const KNOWN_KIND = 7;

/** Says which program the rules are about; again where its code has moved. */
export function setProgram(program: Program): void {
	p = program;
	for (let actor: u32 = 0; actor < p.actorCount; actor++) {
		const record = actorRecord(actor);
		const known = KNOWN + ((<usize>actor) << 3);
		store<u32>(known, <u32>(p.code + <usize>load<u16>(record, ACTOR_CODE) * CODE_SIZE), KNOWN_CODE);
		store<u16>(known, load<u16>(record, ACTOR_LENGTH), KNOWN_LENGTH);
		store<u8>(known, load<u8>(record, ACTOR_CPU), KNOWN_CPU);
		store<u8>(known, load<u8>(record, ACTOR_KIND), KNOWN_KIND);
	}
}

export function actorRecord(actor: u32): usize {
	return p.actors + <usize>actor * ACTOR_SIZE;
}

export function kindOf(actor: u32): u32 {
	return load<u8>(KNOWN + ((<usize>actor) << 3), KNOWN_KIND);
}

export function cpuOf(actor: u32): u32 {
	return load<u8>(KNOWN + ((<usize>actor) << 3), KNOWN_CPU);
}

export function lengthOf(actor: u32): u32 {
	return load<u16>(KNOWN + ((<usize>actor) << 3), KNOWN_LENGTH);
}

export function codeOf(actor: u32, number: u32): usize {
	return <usize>load<u32>(KNOWN + ((<usize>actor) << 3), KNOWN_CODE) + <usize>number * CODE_SIZE;
}

export function left(i: usize, registers: usize): u32 {
	const field: u32 = load<u8>(i, CODE_LEFT);
	return load<u8>(i, CODE_FLAGS) & FLAG_LEFT_REGISTER ? load<u8>(registers + field) : field;
}

export function value(i: usize, registers: usize): u32 {
	const field: u32 = load<u8>(i, CODE_VALUE);
	return load<u8>(i, CODE_FLAGS) & FLAG_VALUE_REGISTER ? load<u8>(registers + field) : field;
}

export function expected(i: usize, registers: usize): u32 {
	const field: u32 = load<u8>(i, CODE_EXPECTED);
	return load<u8>(i, CODE_FLAGS) & FLAG_EXPECTED_REGISTER ? load<u8>(registers + field) : field;
}

/** Line of its page that an access is to. */
export function lineIn(i: usize, registers: usize): u32 {
	const index: u32 = load<u8>(i, CODE_INDEX);
	return <u32>load<u8>(i, CODE_LINE) + (index ? <u32>load<u8>(registers + index - 1) : 0);
}

// An "each" loop keeps two bits in the block of every CPU that it goes over: it stands there, it was there.
const STANDS: u32 = 1;
const WAS: u32 = 2;

function visitAt(cpu: u32, loop: u32): usize {
	return cpuAt(cpu) + inVisits + (loop >> 2);
}

export function isVisited(cpu: u32, loop: u32): bool {
	return (load<u8>(visitAt(cpu, loop)) & ((STANDS | WAS) << ((loop & 3) << 1))) != 0;
}

export function stand(cpu: u32, loop: u32): void {
	const at = visitAt(cpu, loop);
	store<u8>(at, load<u8>(at) | <u8>(STANDS << ((loop & 3) << 1)));
	lately = cpu;
}

export function leaveBehind(cpu: u32, loop: u32): void {
	const at = visitAt(cpu, loop);
	const shift = (loop & 3) << 1;
	store<u8>(at, (load<u8>(at) & ~(<u8>(STANDS << shift))) | <u8>(WAS << shift));
}

export function forget(loop: u32): void {
	for (let cpu: u32 = 0; cpu < p.cpus; cpu++) {
		const at = visitAt(cpu, loop);
		store<u8>(at, load<u8>(at) & ~(<u8>((STANDS | WAS) << ((loop & 3) << 1))));
	}
}

/** CPU chosen for a step that begins with an "each", before it stands anywhere; ~0: none. */
export let chosen: u32 = ~0;

export function choose(cpu: u32): void {
	chosen = cpu;
}

/** Where a loop stood when somebody asked last: it often stands there still. */
let lately: u32 = 0;

/** The CPU at which the loop around an instruction stands; its own where it stands at none. */
export function targetOf(cpu: u32, i: usize): u32 {
	if (chosen != ~0) return chosen;
	const loop = <u32>load<u8>(i, CODE_LOOP) - 1;
	if (lately < p.cpus && standsAt(lately, loop)) return lately;
	for (let other: u32 = 0; other < p.cpus; other++) {
		if (!standsAt(other, loop)) continue;
		lately = other;
		return other;
	}
	return cpu;
}

function standsAt(cpu: u32, loop: u32): bool {
	return (load<u8>(visitAt(cpu, loop)) & (STANDS << ((loop & 3) << 1))) != 0;
}

/** Address of the variable, PTE or table that an instruction reaches. */
export function addressOf(cpu: u32, i: usize): usize {
	const at: u32 = load<u8>(i, CODE_AT);
	switch (<u32>load<u8>(i, CODE_PLACE)) {
		case IN_VAR:
			return block + atVars + at;
		case IN_OWN_VAR:
			return cpuAt(cpu) + inVars + at;
		case IN_TARGET_VAR:
			return cpuAt(targetOf(cpu, i)) + inVars + at;
		case IN_PTE:
			return pteAt(at);
	}
	return block + atTables + at;
}

export function compare(test: u32, a: u32, b: u32): bool {
	switch (test) {
		case TEST_EQUAL:
			return a == b;
		case TEST_NOT_EQUAL:
			return a != b;
		case TEST_BELOW:
			return a < b;
		case TEST_AT_MOST:
			return a <= b;
		case TEST_ABOVE:
			return a > b;
		case TEST_AT_LEAST:
			return a >= b;
	}
	return (a & 1) == <u32>(test == TEST_ODD);
}

export function compute(operator: u32, a: u32, b: u32): u32 {
	switch (operator) {
		case ALU_ADD:
			return a + b;
		case ALU_SUB:
			return a - b;
		case ALU_AND:
			return a & b;
		case ALU_OR:
			return a | b;
		// array_index_nospec: an index out of range becomes 0, speculatively too.
		case ALU_CLAMP:
			return a < b ? a : 0;
	}
	return a ^ b;
}

/** What a read-modify-write leaves. */
export function modified(i: usize, old: u32, registers: usize): u32 {
	const operand = value(i, registers);
	switch (<u32>load<u8>(i, CODE_KIND)) {
		case RMW_SWAP:
			return operand;
		case RMW_ADD:
			return old + operand;
		case RMW_SUB:
			return old - operand;
		case RMW_AND:
			return old & operand;
		case RMW_OR:
			return old | operand;
		case RMW_XOR:
			return old ^ operand;
	}
	return old == expected(i, registers) ? operand : old;
}
