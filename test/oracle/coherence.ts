import type { MachineConfig } from "../../bindings/config.ts";

/** Modified, owned, exclusive, shared, forwarding. Without coherence a line is modified or exclusive. */
export type State = "M" | "O" | "E" | "S" | "F";
export type Protocol = MachineConfig["coherence"]["protocol"];

/** What another CPU's read makes of a copy. */
export function afterOthersRead(protocol: Protocol, state: State): State {
	if (protocol === "moesi" && (state === "M" || state === "O")) return "O";
	return "S";
}

/** Which copies give their line to who asks. */
export function supplies(protocol: Protocol, state: State): boolean {
	if (isDirty(state) || state === "F") return true;
	return protocol === "mesif" && state === "E";
}

/** The state in which a line is read that others have. */
export function whenShared(protocol: Protocol): State {
	return protocol === "mesif" ? "F" : "S";
}

export function isDirty(state: State): boolean {
	return state === "M" || state === "O";
}

/** May be written without telling anybody. */
export function isAlone(state: State): boolean {
	return state === "M" || state === "E";
}

/** How a copy above one in this state may be held. */
export function above(state: State): State {
	return isAlone(state) ? "E" : "S";
}
