import { open, readFile, rename } from "node:fs/promises";
import { StalemateError } from "../../index.ts";
import { ioError } from "../problem.ts";
import { parseSpec } from "../read.ts";
import type { SweepSpec } from "../types.ts";

/** Reads a specification from a file: JSON, or YAML by the name's end. Throws BAD_SWEEP and IO. */
export async function readSpec(file: string): Promise<SweepSpec> {
	const text = await readFile(file, "utf8").catch((cause) => {
		throw ioError(file, cause);
	});
	try {
		return await parseSpec(text, /\.ya?ml$/i.test(file) ? "yaml" : "json");
	} catch (cause) {
		const { code, message, place } = cause as StalemateError;
		throw new StalemateError(code, `${file}: ${message}`, { ...place, file }, { cause });
	}
}

/** Writes a file so that it is there whole or not at all. */
export async function writeWhole(file: string, bytes: Uint8Array | string): Promise<void> {
	const beside = `${file}.new`;
	try {
		const handle = await open(beside, "w");
		try {
			await handle.writeFile(bytes);
			await handle.datasync();
		} finally {
			await handle.close();
		}
		await rename(beside, file);
	} catch (cause) {
		throw ioError(file, cause);
	}
}
