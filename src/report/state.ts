// The state of a program's machine in lines of text, section by section.

import type { Program } from "../../bindings/program.ts";
import type { MachineState } from "../../bindings/unpack-state.ts";
import { lineName } from "../check/schedule.ts";

/** One thing of a state. */
export interface StateItem {
	section: "actors" | "variables" | "page tables" | "pages" | "memory" | "caches" | "TLBs" | "pending" | "CPUs";
	/** Which thing: the same in all states. */
	key: string;
	text: string;
	/** It is old, or should be gone. */
	stale: boolean;
}

/** A thing as it is, and whether the last step made it so; or a thing that is gone since. */
export interface StateChange extends StateItem {
	change: "same" | "new" | "gone";
}

/** What there is to see of a state. */
export function stateItems(program: Program, state: MachineState): StateItem[] {
	const items: StateItem[] = [];
	const add = (section: StateItem["section"], key: string | number, text: string, stale = false) => {
		items.push({ section, key: String(key), text, stale });
	};
	const frame = (number: number) => program.frames[number]?.name ?? "?";
	const va = (number: number) => program.vas[number]?.name ?? "?";
	const table = (number: number) => program.tables[number]?.name ?? "?";
	for (const { actor, at, registers } of state.actors) {
		const { name, code, kind, registers: names } = program.actors[actor]!;
		const next = at === null ? undefined : code[at];
		const idle = kind === "irq" || kind === "nmi" ? "waits for its interrupt" : "has ended";
		const where = next ? `next: ${next.text || next.op}${next.line > 0 ? ` (line ${next.line})` : ""}` : idle;
		const values = Object.entries(registers).map(([register, value]) => `${names[Number(register)]}=${value}`);
		add("actors", actor, [name, where, values.join(" ")].filter(Boolean).join("  "));
	}
	for (const { var: number, cpu, value } of state.vars) {
		const { name, lock } = program.vars[number]!;
		const shown = lock && value > 0 ? (program.actors[value - 1]?.name ?? value) : value;
		add("variables", `${number} ${cpu}`, `${name}${cpu === null ? "" : `[${cpu}]`} = ${shown}`);
	}
	for (const pte of state.ptes) {
		const bits = words([pte.writable && "writable", pte.accessed && "accessed", pte.dirty && "dirty"]);
		add("page tables", `pte ${pte.va}`, `${va(pte.va)} -> ${pte.present ? frame(pte.frame) + bits : "nothing"}`);
	}
	for (const { table: number, linked, freed } of state.tables)
		add(
			"page tables",
			`table ${number}`,
			`table ${table(number)}${words([linked ? "linked" : "not linked", freed && "FREED"])}`,
		);
	for (const one of state.frames) {
		const flags = words([
			one.released && "released",
			one.dirty && "dirty",
			one.written && "written",
			one.unmapped && "unmapped",
			one.references !== null && `references ${one.references}`,
		]);
		if (flags !== "") add("pages", one.frame, frame(one.frame) + flags);
	}
	for (const one of state.memory) {
		const text = `${lineName(program, { frame: one.frame, line: one.line })} = ${one.value}, version ${one.version}`;
		if (one.latest > 0 || one.value > 0 || state.lines.length > 0)
			add("memory", `${one.frame} ${one.line}`, one.stale ? `${text} (the latest is ${one.latest})` : text, one.stale);
	}
	for (const one of state.lines) {
		const where = `level ${one.level + 1}${one.cpu === null ? "" : ` of CPU${one.cpu}`}`;
		const { frame, line, colour, fetched } = one;
		const name = lineName(program, { frame, line, colour, fetched });
		const key = [one.level, one.cpu, one.colour, one.frame, one.line].join(" ");
		const text = `${where}: ${name} = ${one.value}, version ${one.version}${words([one.dirty && "dirty"])}`;
		add("caches", key, one.stale ? `${text} (stale)` : text, one.stale);
	}
	for (const one of state.tlb) {
		const bits = words([one.writable && "writable", one.dirty && "dirty"]);
		const old = one.condemned ? " (flushed, they say)" : one.posted ? " (to be dropped)" : one.stale ? " (stale)" : "";
		const text = `CPU${one.cpu}: ${va(one.va)} -> ${frame(one.frame)}${bits}${old}`;
		add("TLBs", `${one.cpu} ${one.va}`, text, one.stale || one.condemned);
	}
	for (const one of state.walkCaches) {
		const { freed = false, linked = true } = state.tables[one.table] ?? {};
		add(
			"TLBs",
			`walk ${one.cpu} ${one.table}`,
			`CPU${one.cpu}: the walker knows table ${table(one.table)}`,
			freed || !linked,
		);
	}
	for (const [i, one] of state.pending.entries()) {
		const { name, code } = program.actors[one.actor]!;
		add("pending", `${i} ${one.cpu}`, `CPU${one.cpu}: ${name}: ${code[one.instruction]?.text ?? "?"}`);
	}
	for (const [cpu, one] of state.cpus.entries()) {
		const flags = words([
			one.irqMasked && "interrupts off",
			one.preemptMasked && "preemption off",
			one.irqPending && "interrupt pending",
			one.nmiPending && "NMI pending",
			one.mm !== null && `address space ${program.mms[one.mm]?.name}`,
		]);
		if (flags !== "") add("CPUs", cpu, `CPU${cpu}:${flags.slice(1)}`);
	}
	return items;
}

/** What is different from the state before; without one, nothing is. */
export function stateChanges(program: Program, state: MachineState, before?: MachineState): StateChange[] {
	const old = before ? stateItems(program, before) : undefined;
	const id = ({ section, key }: StateItem) => `${section} ${key}`;
	const was = new Map(old?.map((item) => [id(item), item]));
	const items = stateItems(program, state).map((item): StateChange => {
		const same = old === undefined || was.get(id(item))?.text === item.text;
		return { ...item, change: same ? "same" : "new" };
	});
	const is = new Set(items.map(id));
	const gone = [...was.values()].filter((item) => !is.has(id(item)));
	return [...items, ...gone.map((item): StateChange => ({ ...item, change: "gone" }))];
}

function words(all: (string | false)[]): string {
	const said = all.filter((word) => word !== false);
	return said.length > 0 ? `, ${said.join(", ")}` : "";
}
