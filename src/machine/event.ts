import { HAZARD_CODES, type HazardCode } from "../../bindings/hazards.ts";
import * as H from "../../bindings/layout/hold.ts";
import type { RawEvent } from "../../bindings/machine.ts";
import type { Program } from "../../bindings/program.ts";
import { lineNamed } from "./encode.ts";
import type { Names } from "./options.ts";

interface Told {
	/** Number of the action in its batch. */
	action: number;
}

/** Something that happened while an action was applied. */
export type MachineEvent = Told &
	(
		| {
				/**
				 * A line was found | came in | went down to the next level | left | was offered by the level above, clean | was
				 * asked for by a device or another CPU | was given to that CPU.
				 */
				event: "hit" | "fill" | "write-back" | "remove" | "victim" | "snoop" | "supply";
				cpu: number;
				level: number;
				colour: number;
				frame: string;
				line: number;
		  }
		| { event: "memory-read" | "memory-write"; frame: string; line: number }
		/** A translation was found | entered | left by itself | was removed. */
		| { event: "tlb-hit" | "tlb-fill" | "tlb-evict" | "tlb-drop"; cpu: number; page: string }
		| { event: "walk" | "fault"; cpu: number; page: string }
		/** An interrupt is on its way to that CPU | its handler begins. */
		| { event: "interrupt" | "deliver"; cpu: number; nmi: boolean }
		/** A CPU has loaded an address space. */
		| { event: "switch"; cpu: number; space: string }
		/** By broadcast a CPU is told to drop its translations of a page, or (null) more. `posted`: when it comes to it. */
		| { event: "shootdown"; cpu: number; page: string | null; posted: boolean }
		| { event: "hazard"; code: HazardCode; about: string }
		/** More happened than is kept of one batch. */
		| { event: "lost"; count: number }
	);

const LINES = ["hit", "fill", "write-back", "remove", "victim", "snoop", "supply"] as const;
const MEMORY = ["memory-read", "memory-write"] as const;
const TRANSLATIONS = ["tlb-hit", "tlb-fill", "tlb-evict", "tlb-drop", "walk", "fault"] as const;

export function eventOf(raw: RawEvent, program: Program, names: Names): MachineEvent {
	const { kind, where, what, about, command: action } = raw;
	if (kind <= H.EVENT_SUPPLY) {
		const at = { cpu: where & 15, level: where >> 4, colour: what };
		return { event: LINES[kind]!, action, ...at, ...lineNamed(about, program) };
	}
	if (kind <= H.EVENT_MEMORY_WRITE) {
		return { event: MEMORY[kind - H.EVENT_MEMORY_READ]!, action, ...lineNamed(about, program) };
	}
	if (kind <= H.EVENT_FAULT) {
		return { event: TRANSLATIONS[kind - H.EVENT_TLB_HIT]!, action, cpu: where, page: names.pages[what]! };
	}
	switch (kind) {
		case H.EVENT_INTERRUPT:
		case H.EVENT_DELIVER:
			return { event: kind === H.EVENT_INTERRUPT ? "interrupt" : "deliver", action, cpu: where, nmi: what === 1 };
		case H.EVENT_SWITCH:
			return { event: "switch", action, cpu: where, space: names.spaces[what]! };
		case H.EVENT_SHOOTDOWN:
			return { event: "shootdown", action, cpu: where, page: names.pages[what] ?? null, posted: about === 1 };
	}
	return {
		event: "hazard",
		action,
		code: HAZARD_CODES[what]!,
		about: aboutOf(HAZARD_CODES[what]!, about, program, names),
	};
}

/** What a hazard is about, in words. */
export function aboutOf(code: HazardCode, about: number, program: Program, names: Names): string {
	switch (code) {
		case "STALE":
		case "LOSTW": {
			const { frame, line } = lineNamed(about, program);
			return `line ${line} of frame ${frame}`;
		}
		case "TLB":
		case "MISS":
		case "OVERMAP":
		case "SPEC":
			return `page ${names.pages[about]}`;
		case "WALK":
			return `table ${names.tables[about]}`;
		case "ABBA":
		case "SELF":
		case "SWAPDEP":
		case "LIVE":
			return program.actors[about]?.name ?? "";
		default:
			return `frame ${names.frames[about]}`;
	}
}
