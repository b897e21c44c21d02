import { PENDING_AT } from "../../bindings/layout/block";
import {
	COST_ATOMIC,
	COST_FLUSH_ABSENT,
	COST_FLUSH_CLEAN,
	COST_FLUSH_DIRTY,
	COST_LEVEL1,
	COST_LINE_CORE,
	COST_LINE_SHARED,
	COST_LINE_SOCKET,
	COST_MEMORY,
	COST_STORE,
	COST_WAIT_LINE,
	RUN_SOCKET,
} from "../../bindings/layout/cost";
import { blockSize } from "../machine/block";
import { allocate } from "../machine/heap";
import { p } from "../program/operands";
import { ON_PAGE, pendingAt, pendingCount } from "../program/window";
import { DRAIN } from "./lanes";
import { Price } from "./prices";
import { Run } from "./run";

// Lines that CPUs share, where the program cannot tell the levels of caches apart: a location of the block is a line, and so
// is each line of a page, after those.
//
//   line    who wrote it last, who has read it since, until when it is on its way: [ readers u64 | busy f64 | writer + 1 u32 ]

const READERS = 0;
const BUSY = 8;
const WRITER = 16;
const LINE: usize = 24;

let lines: usize = 0;
/** CPUs of a socket. */
let socket: u32 = 1;
/** The lane that acts among a line's readers; a device is never there. */
let me: u64 = 0;
/** When the line that was reached last sets out. */
let reachedAt: f64 = 0;

export function beginLines(setup: usize): void {
	socket = load<u32>(setup, RUN_SOCKET);
	lines = allocate(<u64>(blockSize + p.lines) * LINE);
}

/** From now on it is this lane that reads and writes. */
export function setReader(n: u32): void {
	me = n < p.cpus ? (<u64>1) << n : 0;
}

function lineAt(location: u32): usize {
	return lines + <usize>location * LINE;
}

/**
 * The lane that acts gets a line, to read or to write it: what it is, and from when on it is on its way. What of it was
 * anybody's before comes from memory.
 */
function reach(location: u32, writes: bool, now: f64): u32 {
	reachedAt = now;
	if (me == 0) return COST_MEMORY;
	const at = lineAt(location);
	const readers = load<u64>(at, READERS);
	const writer = load<u32>(at, WRITER);
	let kind: u32 = COST_LINE_SHARED;
	if (writer || (writes && (readers & ~me) != 0)) {
		const holder = writer ? writer - 1 : <u32>ctz(readers & ~me);
		kind = holder / socket == Run.who / socket ? COST_LINE_CORE : COST_LINE_SOCKET;
		const busy = load<f64>(at, BUSY);
		if (busy > now) reachedAt = busy;
		store<f64>(at, reachedAt + Price.stated(kind), BUSY);
	} else if (readers == 0) kind = COST_MEMORY;
	else if (writes) kind = COST_LEVEL1;
	if (writes) {
		store<u32>(at, Run.who + 1, WRITER);
		store<u64>(at, me, READERS);
	} else {
		store<u64>(at, readers | me | (writer ? (<u64>1) << (writer - 1) : 0), READERS);
		store<u32>(at, 0, WRITER);
	}
	return kind;
}

function fetch(location: u32, writes: bool, held: u32): void {
	const kind = reach(location, writes, Run.t);
	Price.waitUntil(COST_WAIT_LINE, reachedAt);
	if (kind != COST_LEVEL1) Price.pay(kind);
	if (kind == COST_LEVEL1 || held == COST_ATOMIC) Price.pay(held);
}

// biome-ignore lint/complexity/noStaticOnlyClass: only methods can be written out where they are called.
export class Line {
	/** The lane that acts may do so without asking anybody. */
	@inline static isHeld(location: u32, writes: bool): bool {
		const at = lineAt(location);
		return load<u32>(at, WRITER) == Run.who + 1 || (!writes && (load<u64>(at, READERS) & me) != 0);
	}

	/** The lane that acts reads or writes a location: `held` is what it pays where it has the line. */
	@inline static access(location: u32, writes: bool, held: u32): void {
		if (Line.isHeld(location, writes)) Price.pay(held);
		else fetch(location, writes, held);
	}
}

/**
 * The lane that acts has looked there, and waits: until somebody writes it, it has the line, too, whose next writer has to ask
 * for it. Not if the line is on its way to a store, which will be seen when it is there.
 */
export function watch(location: u32): void {
	if (Line.isHeld(location, false)) return;
	const writer = load<u32>(lineAt(location), WRITER);
	if (writer && p.window && pendingCount(writer - 1) && oldestStore(writer - 1) == location) return;
	reach(location, false, Run.t);
}

/** Where the oldest pending store of a CPU goes to. */
function oldestStore(n: u32): u32 {
	const where: u32 = load<u16>(pendingAt(n, 0), PENDING_AT);
	return where & ON_PAGE ? <u32>blockSize + (where & ~ON_PAGE) : where;
}

/** The oldest store of the CPU that acts sets out. */
export function sendOff(now: f64): void {
	if (pendingCount(Run.who) == 0) {
		store<f64>(Run.at, Infinity, DRAIN);
		return;
	}
	const location = oldestStore(Run.who);
	let kind: u32 = COST_LEVEL1;
	reachedAt = now;
	if (!Line.isHeld(location, true)) kind = reach(location, true, now);
	store<f64>(Run.at, reachedAt + Price.of(kind == COST_LEVEL1 ? COST_STORE : kind), DRAIN);
}

/** A line leaves all caches: which kind of flush that is. */
export function flushed(location: u32): u32 {
	const at = lineAt(location);
	const kind = load<u32>(at, WRITER) ? COST_FLUSH_DIRTY : load<u64>(at, READERS) ? COST_FLUSH_CLEAN : COST_FLUSH_ABSENT;
	store<u32>(at, 0, WRITER);
	store<u64>(at, 0, READERS);
	return kind;
}
