import * as H from "../../bindings/layout/hold.ts";
import { type ErrorCode, StalemateError } from "../errors.ts";
import type { Action } from "./action.ts";

/** An action that names what is not there, or cannot be. */
export function impossible(path: string, what: string): StalemateError {
	return new StalemateError("BAD_ACTION", `${path} ${what}`, { path });
}

const CODES: Record<number, ErrorCode> = {
	[H.REFUSED_UNSOUND]: "BAD_ACTION",
	[H.REFUSED_NO_LINE]: "BAD_ACTION",
	[H.REFUSED_UNMAPPED]: "UNMAPPED",
	[H.REFUSED_READ_ONLY]: "UNMAPPED",
	[H.REFUSED_LIVE]: "ALREADY_MAPPED",
	[H.REFUSED_FREED_FRAME]: "FREED",
	[H.REFUSED_FREED_TABLE]: "FREED",
};

/** What the core said of an action that it refused. `only`: the one frame there is; `buffers`: stores are seen late. */
export function refusal(
	action: Action,
	path: string,
	reason: number,
	value: number,
	only: string,
	buffers: boolean,
): StalemateError {
	const of = action as { do: string; cpu?: number; page?: string; frame?: string; line?: number; variable?: string };
	const cpu = `CPU ${of.cpu ?? 0}`;
	// Functions, since only those fields of an action were read that it has.
	const late = buffers ? `, unless it is among what ${cpu} has pending ("drain")` : "";
	const texts: Record<number, () => string> = {
		[H.REFUSED_UNSOUND]: () => "is not an operation that this machine has",
		[H.REFUSED_INTERRUPTED]: () => `cannot run: an interrupt handler has ${cpu}; let it go on first ("handle")`,
		[H.REFUSED_FULL]: () =>
			`cannot run: ${cpu} has as many operations pending as it can have; perform one first ("drain")`,
		[H.REFUSED_WAITS]: () =>
			of.do.startsWith("tlb-")
				? `cannot run: it waits for stores of ${cpu} ("drain"), or for invalidations that were posted ("tlb-drop")`
				: `cannot run: it waits for what ${cpu} has pending; perform that first ("drain")`,
		[H.REFUSED_LOCKED]: () => `cannot run: ${of.variable} is locked, it holds ${value}${late}`,
		[H.REFUSED_IN_ORDER]: () => "cannot be left pending: the memory model keeps no such operation pending",
		[H.REFUSED_UNMAPPED]: () =>
			`faults: ${cpu} has no translation of page ${of.page}, which is not mapped there${late}`,
		[H.REFUSED_READ_ONLY]: () => `faults: page ${of.page} is mapped read-only`,
		[H.REFUSED_NO_LINE]: () => `names line ${of.line ?? 0} of page ${of.page}, and its frame has fewer`,
		[H.REFUSED_LIVE]: () => `would map page ${of.page} over a mapping that is there: unmap it first${late}`,
		[H.REFUSED_FREED_FRAME]: () => `would map frame ${of.frame ?? only}, which was released`,
		[H.REFUSED_FREED_TABLE]: () => `would map page ${of.page}, whose table page was freed`,
		[H.REFUSED_NOT_ENABLED]: () => "cannot happen now: it is none of enabled()",
		[H.REFUSED_INFEASIBLE]: () => "cannot happen: a branch was guessed the other way",
	};
	return new StalemateError(
		CODES[reason] ?? "REFUSED",
		`${path} (${of.do}) ${texts[reason]?.() ?? `is refused for reason ${reason}`}`,
		{ path },
	);
}
