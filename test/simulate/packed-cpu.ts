import xxhash from "xxhash-wasm";
import { openTrace } from "../../src/index.ts";
import { core } from "./traces.ts";

const PLACE = 32;
const HEADER = 64;

/** A din trace in the packed form, as CPU `cpu` would have made it: one block, of which the CPU is written anew. */
export async function packedOnCpu(din: Uint8Array, cpu: number): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	const sink = new WritableStream<Uint8Array>({ write: (part) => void parts.push(part.slice()) });
	await core.convertTrace(openTrace(din), sink);
	const bytes = Buffer.concat(parts);
	const size = bytes.readUInt32LE(HEADER + 4);
	bytes.writeUInt32LE(cpu, HEADER + PLACE);
	const { h64Raw } = await xxhash();
	const end = HEADER + size - 8;
	bytes.writeBigUInt64LE(h64Raw(bytes.subarray(HEADER, end)), end);
	return bytes;
}
