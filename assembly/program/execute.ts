import { HAZARD_LOSTW, HAZARD_MEMTYPE } from "../../bindings/layout/explore";
import { EVENT_ALL, EVENT_SHOOTDOWN, EVENT_SWITCH } from "../../bindings/layout/hold";
import {
	CACHE_OP_CLEAN,
	CACHE_OP_PURGE,
	CODE_AT,
	CODE_FLAGS,
	CODE_KIND,
	CODE_OP,
	CODE_PLACE,
	CODE_VALUE,
	FLAG_BROADCAST,
	FLAG_KEEPS_GLOBAL,
	FLAG_OWN,
	FLAG_POSTED,
	HAS_DMA_SNOOP,
	HAS_POSTED,
	HAS_TLB,
	IN_PAGE,
	MASK_IRQ,
	MODEL_TSO,
	ON_NO_CPU,
	OP_AWAIT,
	OP_CACHE,
	OP_CACHE_ALL,
	OP_CLAIM,
	OP_DMA,
	OP_FETCH,
	OP_FETCH_FLUSH,
	OP_INTERRUPT,
	OP_LOAD,
	OP_LOCK,
	OP_MAP_AS,
	OP_MASK,
	OP_PAGE,
	OP_REF,
	OP_RMW,
	OP_STORE,
	OP_STRUCT_PAGE,
	OP_SWITCH,
	OP_TABLE_FREE,
	OP_TLB_FLUSH,
	OP_TLB_INSERT,
	OP_TLB_READ,
	OP_TLB_WRITE,
	RUNS_AS_IRQ,
	RUNS_AS_THREAD,
	SCOPE_ALL,
	SCOPE_PAGE,
	TABLE_FREED,
	TO_CPU,
	TO_OTHERS,
} from "../../bindings/layout/program";
import { atTables, block, cpuAt, inFlags, inMm, registersOf } from "../machine/block";
import { tell } from "../machine/events";
import { raise } from "../machine/hazard";
import {
	deviceReads,
	deviceWrites,
	dropTranslation,
	dropTranslations,
	fetchLine,
	flushAll,
	flushFetched,
	flushLine,
	frameFor,
	judge,
	lineOf,
	readTranslation,
	walk,
	writeTranslation,
} from "../machine/pages";
import { postAll, postOne } from "../machine/posted";
import { tallyLine } from "../machine/tally";
import {
	lineRead,
	lineWritten,
	loadNow,
	performLoad,
	performRmw,
	setRegister,
	THROUGH_CONDEMNED,
	write,
	writeLine,
} from "./access";
import { claim, clean, isRam, markDirty, needsStruct, refer } from "./frames";
import { IRQ_MASKED, IRQ_PENDING, MASKED_BY, NMI_PENDING, ordinalOf, PREEMPT_MASKED, request } from "./interrupt";
import { addressOf, kindOf, lineIn, p, targetOf, value } from "./operands";
import { fault } from "./outcome";
import { isEmpty, weak } from "./pending";
import { issue } from "./step";
import { pendingCount } from "./window";

// What each operation does, at once.

/** What an operation does, at once. */
export function execute(actor: u32, cpu: u32, i: usize, number: u32): void {
	const op: u32 = load<u8>(i, CODE_OP);
	const at: u32 = load<u8>(i, CODE_AT);
	const kind: u32 = load<u8>(i, CODE_KIND);
	const registers = registersOf(actor);
	switch (op) {
		case OP_LOAD:
		case OP_AWAIT:
			if (weak()) performLoad(actor, cpu, i, isEmpty(cpu) ? 0 : pendingCount(cpu));
			else loadNow(actor, cpu, i, isEmpty(cpu) ? 0 : pendingCount(cpu));
			break;
		case OP_STORE:
			// Where nobody else looks there, nobody can tell when a store is performed.
			if (p.model == <u32>MODEL_TSO && cpu != <u32>ON_NO_CPU && !(load<u8>(i, CODE_FLAGS) & FLAG_OWN)) {
				issue(actor, cpu, i, number);
			} else if (load<u8>(i, CODE_PLACE) == IN_PAGE) {
				const line = lineWritten(cpu, i, registers);
				const condemned = (line & THROUGH_CONDEMNED) != 0;
				if (line != ~0) writeLine(cpu, at, line & ~THROUGH_CONDEMNED, condemned, value(i, registers));
			} else write(addressOf(cpu, i), i, value(i, registers));
			break;
		case OP_RMW:
			performRmw(actor, cpu, i);
			break;
		case OP_LOCK:
			store<u8>(addressOf(cpu, i), <u8>(actor + 1));
			break;
		case OP_TLB_FLUSH:
			flushTranslations(cpu, i, kind, at);
			break;
		case OP_TLB_INSERT:
			if (p.flags & HAS_TLB && walk(cpu, at) == 0) fault(cpu, at);
			break;
		case OP_TLB_WRITE:
			writeTranslation(cpu, at, value(i, registers));
			break;
		case OP_TLB_READ:
			setRegister(i, registers, readTranslation(cpu, at));
			break;
		case OP_FETCH: {
			const line = lineRead(cpu, i, registers);
			if (line != ~0) setRegister(i, registers, fetchLine(cpu, at, line));
			break;
		}
		case OP_FETCH_FLUSH: {
			const frame = kind ? ~0 : frameFor(cpu, at);
			const line = frame == ~0 ? ~0 : lineOf(frame, lineIn(i, registers));
			if (line == ~0 && kind == 0) {
				fault(cpu, at);
				break;
			}
			tallyLine(line);
			for (let other: u32 = 0; other < p.cpus; other++) {
				if (other == cpu || load<u8>(i, CODE_FLAGS) & FLAG_BROADCAST) flushFetched(other, at, line);
			}
			break;
		}
		case OP_SWITCH:
			if (kind && p.flags & HAS_TLB) dropTranslations(cpu, at + 1, true);
			store<u8>(cpuAt(cpu) + inMm, <u8>(at + 1));
			tell(EVENT_SWITCH, cpu, at, 0);
			break;
		case OP_CACHE: {
			const frame = frameFor(cpu, at);
			const line = frame == ~0 ? ~0 : lineOf(frame, lineIn(i, registers));
			if (line == ~0) {
				fault(cpu, at);
				break;
			}
			tallyLine(line);
			const levels: u32 = load<u8>(i, CODE_VALUE);
			const lost = flushLine(cpu, at, line, kind != CACHE_OP_PURGE, kind != CACHE_OP_CLEAN, levels);
			if (lost) raise(HAZARD_LOSTW, line);
			break;
		}
		case OP_CACHE_ALL:
			flushAll(cpu);
			break;
		case OP_INTERRUPT: {
			const bit = kind == RUNS_AS_IRQ ? IRQ_PENDING : NMI_PENDING;
			const to: u32 = load<u8>(i, CODE_PLACE);
			if (to != TO_OTHERS) {
				request(to == TO_CPU ? at : targetOf(cpu, i), bit);
				break;
			}
			for (let other: u32 = 0; other < p.cpus; other++) if (other != cpu) request(other, bit);
			break;
		}
		case OP_MASK: {
			const flags = cpuAt(cpu) + inFlags;
			const bit = kind == MASK_IRQ ? IRQ_MASKED : PREEMPT_MASKED;
			const masked = (<u32>load<u8>(flags) & ~bit) | (load<u8>(i, CODE_VALUE) ? bit : 0);
			// Who masked is the one thread that may run meanwhile.
			const by = masked & (IRQ_MASKED | PREEMPT_MASKED) && kindOf(actor) == RUNS_AS_THREAD ? ordinalOf(actor) + 1 : 0;
			store<u8>(flags, <u8>((masked & 15) | (by << MASKED_BY)));
			break;
		}
		case OP_TABLE_FREE:
			store<u8>(block + atTables + at, load<u8>(block + atTables + at) | TABLE_FREED);
			break;
		case OP_PAGE:
			if (kind) clean(at);
			else markDirty(at);
			break;
		case OP_REF:
			refer(at, kind != 0);
			break;
		case OP_STRUCT_PAGE:
			needsStruct(at);
			break;
		case OP_MAP_AS:
			if (isRam(at) != (kind == 0)) raise(HAZARD_MEMTYPE, at);
			break;
		case OP_DMA: {
			const line = lineOf(at, lineIn(i, registers));
			const snoops = (p.flags & HAS_DMA_SNOOP) != 0;
			judge(at, false, kind != 0, 0);
			if (kind) deviceWrites(line, value(i, registers), snoops);
			else setRegister(i, registers, deviceReads(line, snoops));
			break;
		}
		case OP_CLAIM:
			claim(actor, cpu, i, kind, at);
			break;
	}
}

function flushTranslations(cpu: u32, i: usize, scope: u32, at: u32): void {
	if (!(p.flags & HAS_TLB)) return;
	const flags: u32 = load<u8>(i, CODE_FLAGS);
	const everywhere = (flags & FLAG_BROADCAST) != 0;
	const posted = (flags & FLAG_POSTED) != 0 && (p.flags & HAS_POSTED) != 0;
	const keeps = (flags & FLAG_KEEPS_GLOBAL) != 0;
	const mm = scope == SCOPE_ALL ? 0 : at + 1;
	const end = everywhere ? p.cpus : cpu + 1;
	for (let c: u32 = everywhere ? 0 : cpu; c < end; c++) {
		if (c != cpu) tell(EVENT_SHOOTDOWN, c, scope == SCOPE_PAGE ? at : EVENT_ALL, posted ? 1 : 0);
		if (scope == SCOPE_PAGE) {
			if (posted) postOne(c, at);
			else dropTranslation(c, at);
		} else if (posted) postAll(c, mm, keeps);
		else dropTranslations(c, mm, keeps);
	}
}
