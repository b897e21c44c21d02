import type { MachineConfig } from "../../bindings/config.ts";
import { badOption, callable, seed, signal } from "../input/options.ts";
import { flag, list, number, object, text, word } from "../input/shape.ts";
import { quote, suggestion } from "../input/words.ts";
import type { RunOptions } from "../simulate.ts";

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
const top = () => number({ least: 1, most: 1_000_000 });
const from = (least: number) => number({ least, most: Number.MAX_SAFE_INTEGER });

/** Of SimulatorOptions. */
export const simulatorOptions = () =>
	object({
		sets: list(text(), 10_000),
		// How many there may be is for the profile to say.
		cpus: from(1),
		seed: seed(),
		classify: flag(),
		aliases: flag(),
		hot: object({ cache: text(), by: word(...KEYS), top: top() }, ["cache", "by"]),
		sharing: object({ top: top() }),
	});

/** Of RunOptions. */
export const runOptions = () =>
	object({
		onProgress: callable<NonNullable<RunOptions["onProgress"]>>(),
		signal: signal(),
		every: from(1),
		onInterval: callable<NonNullable<RunOptions["onInterval"]>>(),
		onError: word("stop", "skip"),
		warmup: from(0),
	});

export function checkSharing(sharing: SharingOptions, machine: MachineConfig): Required<SharingOptions> {
	if (machine.cpus === 1 || machine.coherence.protocol === "none") {
		const lacks = machine.cpus === 1 ? "has one CPU: raise cpus" : "is not coherent: set coherence.protocol";
		throw badOption("sharing", `asks what CPUs take from each other, and this machine ${lacks}`);
	}
	return { top: sharing.top ?? 10 };
}

export function checkHot({ cache, by, top = 10 }: HotOptions, machine: MachineConfig): Required<HotOptions> {
	const names = machine.caches.map(({ name }) => name);
	if (!names.includes(cache))
		throw badOption("hot.cache", `names no cache of this machine: ${quote(cache)}; ${suggestion(cache, names)}`);
	return { cache, by, top };
}
