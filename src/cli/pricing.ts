// What `cost` and `reproduce` have in common: what is asked for beside the machine as it is, and pictures.

import type { ArgsDef } from "citty";
import type { Profile, SwapDevice } from "../cost/index.ts";
import { applySets } from "../index.ts";
import { count, flag, type Given, list, one, word, wrongCall } from "./arguments.ts";

export const whatIfOptions = {
	profile: { type: "string", alias: "p", valueHint: "NAME", description: "another machine" },
	set: { type: "string", valueHint: "PATH=VALUE", description: "change the machine; may be repeated: costs.atomic=30" },
	"no-smap": { type: "boolean", description: "supervisor access to user pages needs no opening" },
	pti: { type: "boolean", description: "page-table isolation: kernel entries and exits switch page tables" },
	threads: { type: "string", valueHint: "N[,N…]", description: "CPUs" },
	swap: { type: "string", valueHint: "hdd|sata|nvme", description: "device that pages come back from (default hdd)" },
	samples: {
		type: "string",
		valueHint: "N",
		description: "machines drawn from the constants' ranges for intervals; 0: none",
	},
	seed: { type: "string", valueHint: "N", description: "seed of what is drawn (default 1)" },
} as const satisfies ArgsDef;

const SWAPS = ["hdd", "sata", "nvme"] as const;

/** The module that prices: loaded by the commands that need it. */
export function pricing() {
	return import("../cost/index.ts");
}

export function setsOf(given: Given): string[] {
	return [...(given.get("set") ?? []), ...(flag(given, "no-smap") ? ["smap=false"] : [])];
}

/** The machine that was asked for, changed as it was asked for; undefined: the program's own. */
export async function machineOf(given: Given, own: string | undefined): Promise<Profile | undefined> {
	const { machineNamed } = await pricing();
	const name = one(given, "profile") ?? own;
	const sets = setsOf(given);
	if (name === undefined && sets.length === 0) return undefined;
	return applySets(machineNamed(name ?? "broadwell"), sets);
}

export function wholes(given: Given, name: string, least: number, most: number): number[] | undefined {
	if (!given.has(name)) return undefined;
	return list(given, name).map((text) => {
		const value = Number(text);
		if (Number.isInteger(value) && value >= least && value <= most) return value;
		throw wrongCall(`--${name} is ${JSON.stringify(text)}: whole numbers from ${least} to ${most} are valid`, name);
	});
}

export function sharedOf(given: Given): { pti?: boolean; swap?: SwapDevice; samples?: number; seed?: number } {
	const swap = word(given, "swap", SWAPS);
	const samples = count(given, "samples", 0, 10_000);
	const seed = count(given, "seed", 0, 0xffff_ffff);
	return {
		...(flag(given, "pti") && { pti: true }),
		...(swap !== undefined && { swap }),
		...(samples !== undefined && { samples }),
		...(seed !== undefined && { seed }),
	};
}
