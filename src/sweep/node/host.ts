import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Host } from "../host.ts";
import { ioError } from "../problem.ts";

export function digest(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

/** `folder`: what the paths of inputs start from; `worker`: the module that threads load. */
export function nodeHost(folder: string, worker?: URL): Host {
	return {
		cpus: availableParallelism(),
		digest,
		place: (name) => resolve(folder, name),
		async digestOf(place) {
			const hash = createHash("sha256");
			try {
				for await (const chunk of createReadStream(place)) hash.update(chunk);
			} catch (cause) {
				throw ioError(place, cause);
			}
			return hash.digest("hex");
		},
		textOf: (place) => {
			return readFile(place, "utf8").catch((cause) => {
				throw ioError(place, cause);
			});
		},
		sourceOf: (place) => place,
		async pool(threads, common) {
			const { openPool } = await import("./pool.ts");
			return openPool(threads, common, worker);
		},
	};
}
