import { amount } from "../quantity.ts";
import type { Profile, Quantity } from "../types.ts";
import type { Problem } from "./problem.ts";

/** Logical CPUs of a machine; undefined: as many as a trace uses. */
export function cpusOf(profile: Profile): number | undefined {
	const { cpus } = profile;
	if (!cpus) return undefined;
	return amount(cpus.sockets ?? 1) * amount(cpus.cores ?? 1) * amount(cpus.threads ?? 1);
}

interface Shared {
	name: string;
	sharedBy: Quantity | undefined;
	next: string[];
}

/**
 * CPUs per instance must divide the machine's, and an instance must lie within one of each level behind it. Returns the
 * number per level.
 */
export function checkSharing(levels: Shared[], cpus: number | undefined, group: string, problem: Problem) {
	const sharedBy = new Map(levels.map((level) => [level.name, amount(level.sharedBy ?? 1)]));
	for (const { name, next } of levels) {
		const own = sharedBy.get(name)!;
		const path = `${group}.${name}.sharedBy`;
		if (own && cpus !== undefined && cpus % own) {
			problem(
				path,
				`is ${own}, which does not divide the machine's ${cpus} CPUs: ${divisors(cpus)} are valid, 0 means all`,
			);
		}
		for (const outer of next) {
			const others = sharedBy.get(outer)!;
			if (others === 0 || (own !== 0 && others % own === 0)) continue;
			const shares = own === 0 ? "all" : String(own);
			problem(
				`${group}.${outer}.sharedBy`,
				`is ${others}, but ${name} above it is shared by ${shares}: a multiple of that, or 0 for all, is valid`,
			);
		}
	}
	return sharedBy;
}

function divisors(n: number): string {
	return Array.from({ length: n }, (_, i) => i + 1)
		.filter((d) => n % d === 0)
		.join(", ");
}
