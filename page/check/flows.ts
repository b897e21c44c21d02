// What goes from where to where in a step, told by what is different after it: interrupts, lines and translations.

import type { Program } from "../../bindings/program.ts";
import type { CachedLine, MachineState } from "../../bindings/unpack-state.ts";
import { lineName } from "../../src/check/schedule.ts";

/** A CPU with its caches and TLB, what all of them share, or memory. */
export type Place = number | "shared" | "memory";

export interface Flow {
	kind: "interrupt" | "fill" | "victim" | "write-back" | "write" | "invalidation" | "shootdown";
	from: Place;
	to: Place;
	what: string;
}

const isSame = (a: CachedLine, b: CachedLine) =>
	a.level === b.level && a.cpu === b.cpu && a.colour === b.colour && a.frame === b.frame && a.line === b.line;
const isOf = (line: { frame: number; line: number }) => (other: { frame: number; line: number }) =>
	other.frame === line.frame && other.line === line.line;
const placeOf = ({ cpu }: { cpu: number | null }): Place => cpu ?? "shared";

/** `cpu`: who acts; null: nobody in particular. */
export function flowsOf(program: Program, before: MachineState, after: MachineState, cpu: number | null): Flow[] {
	const flows: Flow[] = [];
	const page = (line: { frame: number; line: number }) => lineName(program, { frame: line.frame, line: line.line });
	for (const [to, { irqPending, nmiPending }] of after.cpus.entries()) {
		const was = before.cpus[to]!;
		const nmi = nmiPending && !was.nmiPending;
		if (cpu === null || cpu === to || !(nmi || (irqPending && !was.irqPending))) continue;
		flows.push({ kind: "interrupt", from: cpu, to, what: nmi ? "NMI" : "IPI" });
	}
	const gone = before.lines.filter((line) => !after.lines.some((other) => isSame(line, other)));
	const come = after.lines.filter((line) => !before.lines.some((other) => isSame(line, other)));
	for (const line of come) {
		const victim = gone.find((other) => isOf(line)(other) && other.level < line.level);
		if (victim) {
			const kind = victim.dirty ? "write-back" : "victim";
			flows.push({ kind, from: placeOf(victim), to: placeOf(line), what: page(line) });
			continue;
		}
		const outer = [...before.lines, ...come].find((other) => isOf(line)(other) && other.level > line.level);
		const peer = before.lines.find((other) => isOf(line)(other) && other.cpu !== line.cpu && other.dirty);
		const from = outer ?? peer;
		flows.push({ kind: "fill", from: from ? placeOf(from) : "memory", to: placeOf(line), what: page(line) });
	}
	for (const line of after.lines) {
		const was = before.lines.find((other) => isSame(line, other));
		const cleaned = before.lines.find(
			(other) => isOf(line)(other) && other.level < line.level && other.dirty && other.version === line.version,
		);
		const left = cleaned && !after.lines.some((other) => isSame(cleaned, other) && other.dirty);
		if (was && left && was.version !== line.version)
			flows.push({ kind: "write-back", from: placeOf(cleaned), to: placeOf(line), what: page(line) });
	}
	for (const line of gone) {
		if (typeof line.cpu === "number" && cpu !== null && line.cpu !== cpu)
			flows.push({ kind: "invalidation", from: cpu, to: line.cpu, what: page(line) });
	}
	for (const [i, line] of after.memory.entries()) {
		const was = before.memory[i];
		if (!was || (was.version === line.version && was.value === line.value)) continue;
		const from = before.lines.find(
			(other) => isOf(line)(other) && other.dirty && !after.lines.some((still) => isSame(other, still) && still.dirty),
		);
		if (from) flows.push({ kind: "write-back", from: placeOf(from), to: "memory", what: page(line) });
		else if (cpu !== null) flows.push({ kind: "write", from: cpu, to: "memory", what: page(line) });
	}
	for (const entry of before.tlb) {
		const held = after.tlb.some(({ cpu: other, va }) => other === entry.cpu && va === entry.va);
		if (held || cpu === null || entry.cpu === cpu) continue;
		flows.push({ kind: "shootdown", from: cpu, to: entry.cpu, what: program.vas[entry.va]?.name ?? "" });
	}
	return flows;
}
