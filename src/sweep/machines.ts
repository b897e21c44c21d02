import type { MachineConfig } from "../../bindings/config.ts";
import type { Profile } from "../index.ts";
import { resolve } from "../profiles/resolve.ts";

/** What a machine is made of does not depend on them. */
const NO_PART: readonly string[] = ["id", "basedOn", "title", "costs", "memory", "frequency"];

/** Machines of profiles that were made by changer(); of those that differ only in what things cost the same one. */
export class Machines {
	#last: { profile: Profile; cpus: number; seed: number; machine: MachineConfig } | undefined;
	readonly #numbers = new Map<string, number>();
	readonly #known = new WeakMap<MachineConfig, number>();

	of(profile: Profile, cpus: number, seed: number): MachineConfig {
		const last = this.#last;
		if (last && last.cpus === cpus && last.seed === seed && sameParts(last.profile, profile)) return last.machine;
		const machine = resolve(profile, { cpus, seed: BigInt(seed), checked: true });
		this.#last = { profile, cpus, seed, machine };
		return machine;
	}

	/** Tells machines apart. A seed that nothing draws by does not. */
	number(machine: MachineConfig): number {
		let number = this.#known.get(machine);
		if (number === undefined) {
			const { seed, ...rest } = machine;
			const drawn =
				machine.translation.policy === "random" ||
				[...machine.caches, ...machine.tlbs].some(({ replacement }) => replacement === "random");
			const name = JSON.stringify([rest, drawn ? String(seed) : ""]);
			number = this.#numbers.get(name) ?? this.#numbers.size;
			this.#numbers.set(name, number);
			this.#known.set(machine, number);
		}
		return number;
	}
}

/** Of profiles that were made by changer(): whether they differ in no more than what things cost. */
export function sameParts(one: Profile, other: Profile): boolean {
	return same(one, other, (key) => {
		return NO_PART.includes(key) || (key === "caches" && same(one.caches, other.caches, sameCaches));
	});

	function sameCaches(name: string): boolean {
		const [a, b] = [one.caches[name], other.caches[name]];
		return a !== undefined && b !== undefined && same(a, b, (key) => key === "latency");
	}
}

/** Whether objects have the same under every key, but for those where it does not matter. */
function same(one: object, other: object, excused: (key: string) => boolean): boolean {
	for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
		const [a, b] = [(one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]];
		if (a !== b && !excused(key)) return false;
	}
	return true;
}
