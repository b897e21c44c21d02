import * as L from "./layout/program.ts";
import type { Compare, Fence, Instruction, Location, Operation, Operator, Program, Value } from "./program.ts";

// An instruction as the core takes it: CODE_SIZE bytes (layout/program.ts).

export const ACTORS = {
	thread: L.RUNS_AS_THREAD,
	irq: L.RUNS_AS_IRQ,
	nmi: L.RUNS_AS_NMI,
	device: L.RUNS_AS_DEVICE,
};
const TESTS: Record<Compare, number> = {
	"==": L.TEST_EQUAL,
	"!=": L.TEST_NOT_EQUAL,
	"<": L.TEST_BELOW,
	"<=": L.TEST_AT_MOST,
	">": L.TEST_ABOVE,
	">=": L.TEST_AT_LEAST,
	odd: L.TEST_ODD,
	even: L.TEST_EVEN,
};
const OPERATORS: Record<Operator, number> = {
	"+": L.ALU_ADD,
	"-": L.ALU_SUB,
	"&": L.ALU_AND,
	"|": L.ALU_OR,
	"^": L.ALU_XOR,
	clamp: L.ALU_CLAMP,
};
const FENCES: Record<Fence, number> = {
	full: L.FENCE_FULL,
	store: L.FENCE_STORE,
	load: L.FENCE_LOAD,
	acquire: L.FENCE_ACQUIRE,
	release: L.FENCE_RELEASE,
	compiler: L.FENCE_COMPILER,
	speculation: L.FENCE_SPECULATION,
};
const MODIFICATIONS = {
	swap: L.RMW_SWAP,
	add: L.RMW_ADD,
	sub: L.RMW_SUB,
	and: L.RMW_AND,
	or: L.RMW_OR,
	xor: L.RMW_XOR,
	cas: L.RMW_CAS,
};
const ORDERS = {
	plain: L.ORDER_PLAIN,
	acquire: L.ORDER_ACQUIRE,
	release: L.ORDER_RELEASE,
	full: L.ORDER_FULL,
};
const CACHE_OPS = { flush: L.CACHE_OP_FLUSH, clean: L.CACHE_OP_CLEAN, purge: L.CACHE_OP_PURGE };
const CLAIMS = {
	released: L.CLAIM_RELEASED,
	recycled: L.CLAIM_RECYCLED,
	flushed: L.CLAIM_FLUSHED,
	"handed-over": L.CLAIM_HANDED_OVER,
	gained: L.CLAIM_GAINED,
	"up-to-date": L.CLAIM_UP_TO_DATE,
	unmapped: L.CLAIM_UNMAPPED,
	balanced: L.CLAIM_BALANCED,
};

export function place(at: Location): number {
	if (at.in === "var") return at.of === "self" ? L.IN_OWN_VAR : at.of === "target" ? L.IN_TARGET_VAR : L.IN_VAR;
	return at.in === "page" ? L.IN_PAGE : at.in === "pte" ? L.IN_PTE : L.IN_TABLE;
}

/** Variables by their places among the shared ones, and among those of a CPU. */
export function variablePlaces(program: Program): Map<number, number> {
	const places = new Map<number, number>();
	const next = { shared: 0, perCpu: 0 };
	program.vars.forEach((v, number) => {
		places.set(number, next[v.perCpu ? "perCpu" : "shared"]++);
	});
	return places;
}

/** Writes one operation of an actor all of whose registers are part of the state, into CODE_SIZE bytes. */
export function encode(operation: Operation, program: Program): Uint8Array {
	const out = new Bytes();
	const all = Array.from({ length: 16 }, (_, register) => register);
	const around = {
		vars: variablePlaces(program),
		own: new Set<number>(),
		works: [],
		endless: false,
		loop: undefined,
		unification: L.ALL_LEVELS,
	};
	writeInstruction(out, { ...operation, line: 0, text: "" }, all, around);
	return out.done();
}

export class Bytes {
	private readonly data: number[] = [];
	u8(...bytes: number[]): void {
		for (const byte of bytes) this.data.push(byte & 0xff);
	}
	u16(value: number): void {
		this.u8(value, value >> 8);
	}
	u32(...values: number[]): void {
		for (const value of values) this.u8(value, value >> 8, value >> 16, value >> 24);
	}
	done(): Uint8Array {
		return Uint8Array.from(this.data);
	}
}

/** Whether a jump back closes a loop that nothing leads out of. */
export function isEndless(code: Instruction[], from: number, to: number): boolean {
	if (to > from) return false;
	const leaves = (i: Instruction) => "target" in i && i.op !== "next" && (i.target > from || i.target < to);
	return !code.slice(to, from + 1).some(leaves);
}

interface Around {
	vars: Map<number, number>;
	own: Set<number>;
	works: string[];
	/** It is a jump that closes an endless loop. */
	endless: boolean;
	/** The "each" loop that it is in. */
	loop: number | undefined;
	/** Levels in front of where instructions and data meet. */
	unification: number;
}

export function writeInstruction(out: Bytes, i: Instruction, registers: number[], around: Around): void {
	const { vars, own, loop } = around;
	let op = 0;
	let flags = i.joined ? L.FLAG_JOINED : 0;
	let kind = 0;
	let order = L.ORDER_PLAIN;
	let where = L.IN_NOTHING;
	let at = 0;
	let line = 0;
	let index = 0;
	let to = 0;
	let left = 0;
	let value = 0;
	let expected = 0;
	let target = 0;
	const register = (number: number) => Math.max(registers.indexOf(number), 0);
	const operand = (v: Value, flag: number): number => {
		if ("constant" in v) return v.constant;
		flags |= flag;
		return register(v.reg);
	};
	const result = (number: number | undefined) =>
		number === undefined || !registers.includes(number) ? 0 : register(number) + 1;
	const reach = (l: Location) => {
		where = place(l);
		at = l.in === "var" ? (vars.get(l.var) ?? 0) : l.in === "table" ? l.table : l.va;
		if (l.in !== "page") return;
		line = l.line;
		if (l.index !== undefined) index = register(l.index) + 1;
	};
	switch (i.op) {
		case "load":
			op = L.OP_LOAD;
			order = ORDERS[i.order];
			reach(i.at);
			to = result(i.to);
			break;
		case "store":
			op = L.OP_STORE;
			if (i.at.in === "var" && own.has(i.at.var)) flags |= L.FLAG_OWN;
			order = ORDERS[i.order];
			reach(i.at);
			value = operand(i.value, L.FLAG_VALUE_REGISTER);
			break;
		case "rmw":
			op = L.OP_RMW;
			kind = MODIFICATIONS[i.kind];
			order = ORDERS[i.order];
			reach(i.at);
			to = result(i.to);
			value = operand(i.value, L.FLAG_VALUE_REGISTER);
			if (i.expected) expected = operand(i.expected, L.FLAG_EXPECTED_REGISTER);
			break;
		case "await":
			op = L.OP_AWAIT;
			kind = TESTS[i.test];
			order = ORDERS[i.order];
			reach(i.at);
			to = result(i.to);
			value = operand(i.value, L.FLAG_VALUE_REGISTER);
			break;
		case "lock":
			op = L.OP_LOCK;
			order = L.ORDER_ACQUIRE;
			reach(i.at);
			if (i.class === "reclaim") flags |= L.FLAG_RECLAIM;
			break;
		case "join":
			op = L.OP_JOIN;
			at = i.actor;
			if (i.class === "reclaim") flags |= L.FLAG_RECLAIM;
			break;
		case "fence":
			op = L.OP_FENCE;
			kind = FENCES[i.kind];
			break;
		case "set":
			op = L.OP_SET;
			kind = OPERATORS[i.operator];
			to = result(i.to);
			left = operand(i.left, L.FLAG_LEFT_REGISTER);
			value = operand(i.right, L.FLAG_VALUE_REGISTER);
			break;
		case "unless":
			op = L.OP_UNLESS;
			kind = TESTS[i.test];
			left = operand(i.left, L.FLAG_LEFT_REGISTER);
			value = operand(i.right, L.FLAG_VALUE_REGISTER);
			target = i.target;
			if (i.speculates) flags |= L.FLAG_SPECULATES;
			break;
		case "work":
			op = L.OP_WORK;
			at = around.works.indexOf(i.what);
			value = operand(i.times, L.FLAG_VALUE_REGISTER);
			break;
		case "jump":
			op = L.OP_JUMP;
			if (around.endless) flags |= L.FLAG_ITERATES;
			target = i.target;
			break;
		case "each":
			op = L.OP_EACH;
			target = i.target;
			break;
		case "next":
			op = L.OP_NEXT;
			target = i.target;
			break;
		case "tlb-flush":
			op = L.OP_TLB_FLUSH;
			kind = i.va !== undefined ? L.SCOPE_PAGE : i.mm !== undefined ? L.SCOPE_MM : L.SCOPE_ALL;
			at = i.va ?? i.mm ?? 0;
			if (i.keepGlobal) flags |= L.FLAG_KEEPS_GLOBAL;
			if (i.scope === "broadcast") flags |= L.FLAG_BROADCAST;
			if (i.posted) flags |= L.FLAG_POSTED;
			break;
		case "tlb-sync":
			op = L.OP_TLB_SYNC;
			break;
		case "tlb-read":
			op = L.OP_TLB_READ;
			at = i.va;
			to = result(i.to);
			break;
		case "tlb-insert":
			op = L.OP_TLB_INSERT;
			at = i.va;
			break;
		case "tlb-write":
			op = L.OP_TLB_WRITE;
			at = i.va;
			value = operand(i.entry, L.FLAG_VALUE_REGISTER);
			break;
		case "fetch":
			op = L.OP_FETCH;
			at = i.va;
			line = i.pageLine;
			to = result(i.to);
			break;
		case "fetch-flush":
			op = L.OP_FETCH_FLUSH;
			kind = i.va === undefined ? 1 : 0;
			at = i.va ?? 0;
			line = i.pageLine ?? 0;
			if (i.scope === "broadcast") flags |= L.FLAG_BROADCAST;
			break;
		case "switch":
			op = L.OP_SWITCH;
			at = i.mm;
			kind = i.flush ? 1 : 0;
			break;
		case "cache":
			op = L.OP_CACHE;
			kind = CACHE_OPS[i.kind];
			at = i.va;
			line = i.pageLine;
			value = i.levels === "unification" ? around.unification : (i.levels ?? L.ALL_LEVELS);
			break;
		case "cache-all":
			op = L.OP_CACHE_ALL;
			break;
		case "interrupt":
			op = L.OP_INTERRUPT;
			kind = ACTORS[i.handler];
			where = i.to === "target" ? L.TO_TARGET : i.to === "others" ? L.TO_OTHERS : L.TO_CPU;
			if (typeof i.to === "object") at = i.to.cpu;
			break;
		case "mask":
			op = L.OP_MASK;
			kind = i.what === "irq" ? L.MASK_IRQ : L.MASK_PREEMPT;
			value = i.on ? 1 : 0;
			break;
		case "table-free":
			op = L.OP_TABLE_FREE;
			at = i.table;
			break;
		case "page":
			op = L.OP_PAGE;
			kind = i.kind === "clean" ? 1 : 0;
			at = i.frame;
			break;
		case "ref":
			op = L.OP_REF;
			kind = i.kind === "put" ? 1 : 0;
			at = i.frame;
			break;
		case "struct-page":
			op = L.OP_STRUCT_PAGE;
			at = i.frame;
			break;
		case "map-as":
			op = L.OP_MAP_AS;
			kind = i.as === "device" ? 1 : 0;
			at = i.frame;
			break;
		case "dma":
			op = L.OP_DMA;
			kind = i.kind === "write" ? 1 : 0;
			at = i.frame;
			line = i.pageLine;
			to = result(i.to);
			if (i.value) value = operand(i.value, L.FLAG_VALUE_REGISTER);
			break;
		case "claim":
			op = L.OP_CLAIM;
			kind = CLAIMS[i.claim];
			at = "frame" in i ? i.frame : "va" in i ? i.va : i.mm;
			if (i.claim === "gained") value = i.writes ? 1 : 0;
			if (i.claim === "up-to-date") value = i.of === "target" ? 1 : 0;
			break;
	}
	out.u8(op, flags, kind, order, where, at, line, index, to, left, value, expected);
	out.u16(target);
	out.u8(loop === undefined ? 0 : loop + 1, 0);
}
