import { StalemateError, type TraceSource } from "../../index.ts";
import type { Common, Host, Pool } from "../host.ts";
import { badSweep } from "../problem.ts";
import { sha256, sha256Of } from "./sha256.ts";

/** What a specification's inputs stand for, by the names that it gives them. */
export type Inputs = Record<string, string | Uint8Array | Blob>;

/** Makes a thread that runs sweeps: `new Worker(url, { type: "module" })`. */
export type MakeWorker = () => Worker;

export function browserHost(inputs: Inputs, worker: MakeWorker): Host {
	const at = (name: string) => {
		if (Object.hasOwn(inputs, name)) return inputs[name]!;
		const names = Object.keys(inputs).join(", ") || "none";
		throw badSweep("inputs", `there is no input ${JSON.stringify(name)}: given are ${names}`);
	};
	const bytesOf = async (name: string): Promise<Uint8Array> => {
		const input = at(name);
		if (typeof input === "string") return new TextEncoder().encode(input);
		if (input instanceof Uint8Array) return input;
		try {
			return new Uint8Array(await input.arrayBuffer());
		} catch (cause) {
			throw new StalemateError("IO", `${name}: ${(cause as Error).message}`, { file: name }, { cause });
		}
	};
	return {
		cpus: globalThis.navigator?.hardwareConcurrency ?? 2,
		digest: sha256,
		place: (name) => name,
		digestOf: async (place) => sha256Of(await bytesOf(place)),
		textOf: async (place) => new TextDecoder().decode(await bytesOf(place)),
		sourceOf: (place): TraceSource => {
			const input = at(place);
			return typeof input === "string" ? new TextEncoder().encode(input) : input;
		},
		async pool(threads: number, common: Common): Promise<Pool> {
			const { openPool } = await import("./pool.ts");
			return openPool(threads, common, worker);
		},
	};
}
