import type { MachineConfig } from "../../bindings/config.ts";
import { StalemateError } from "../errors.ts";
import { quote, suggestion } from "../profiles/nearest.ts";

/** Which misses are counted by key. */
export interface HotOptions {
	/** Name of a cache of the machine. */
	cache: string;
	by: "line" | "page" | "set";
	/** How many of them are in the result (default 10). */
	top?: number;
}

/** Which lines are told that CPUs take from each other. */
export interface SharingOptions {
	/** How many (default 10). */
	top?: number;
}

const KEYS = ["line", "page", "set"] as const;
const MOST_TOP = 1_000_000;

export function badOption(path: string, what: string): StalemateError {
	return new StalemateError("BAD_OPTION", `${path} ${what}`, { path });
}

/** A whole number from `least` to `most`, else BAD_OPTION. */
export function whole(path: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
	if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
	const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
	throw badOption(path, `is ${quote(value)}: a whole number ${range} is valid`);
}

export function seedOf(seed: number | bigint): bigint {
	return typeof seed === "bigint" ? seed : BigInt(whole("seed", seed, 0));
}

export function checkSharing(sharing: SharingOptions, machine: MachineConfig): Required<SharingOptions> {
	if (machine.cpus === 1 || machine.coherence.protocol === "none") {
		const lacks = machine.cpus === 1 ? "has one CPU: raise cpus" : "is not coherent: set coherence.protocol";
		throw badOption("sharing", `asks what CPUs take from each other, and this machine ${lacks}`);
	}
	return { top: whole("sharing.top", sharing.top ?? 10, 1, MOST_TOP) };
}

export function checkHot(hot: HotOptions, machine: MachineConfig): Required<HotOptions> {
	const { cache, by, top = 10 } = hot;
	const names = machine.caches.map(({ name }) => name);
	if (!names.includes(cache)) {
		throw badOption(
			"hot.cache",
			`names no cache of this machine: ${quote(cache)}; ${suggestion(String(cache), names)}`,
		);
	}
	if (!KEYS.includes(by)) {
		throw badOption("hot.by", `is ${quote(by)}: ${KEYS.join(", ")} are valid; ${suggestion(String(by), KEYS)}`);
	}
	return { cache, by, top: whole("hot.top", top, 1, MOST_TOP) };
}
