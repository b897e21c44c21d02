import type { PassExports } from "../../bindings/exports.ts";
import { coded } from "../../bindings/operations.ts";
import { roomForPacking } from "../../bindings/packer.ts";
import { Writer } from "../../bindings/writer.ts";
import { StalemateError } from "../errors.ts";
import { badOption } from "../input/options.ts";
import { quote } from "../input/words.ts";
import { openSink, writing } from "./convert.ts";
import { checkOperation, kindOf, type TraceItem } from "./items.ts";

/**
 * Writes accesses and operations as a packed trace, to a stream or, in Node, a file ("-": standard output). `core` is an
 * instance nothing else uses. Returns the bytes written.
 */
export async function writeTrace(
	core: PassExports,
	items: Iterable<TraceItem> | AsyncIterable<TraceItem>,
	sink: WritableStream<Uint8Array> | string,
): Promise<number> {
	const room = roomForPacking(core);
	if (room === 0)
		throw new StalemateError("OUT_OF_MEMORY", "There is no memory left for packing: it takes about 12 MB");
	const writer = new Writer(core, room);
	const { name, out } = await openSink(sink);
	let packed = 0;
	const flush = async () => {
		for (const part of writer.output.made()) {
			packed += part.length;
			await writing(name, () => out.write(part));
		}
	};
	try {
		for await (const item of items) {
			if (typeof item !== "object" || item === null)
				throw badOption("item", `must be an access or operation, found ${quote(item)}`);
			if ("operation" in item) {
				checkOperation(item);
				writer.operate(coded(item));
			} else {
				const { address, size = 1, cpu = 0, asid = 0 } = item;
				writer.access({ kind: kindOf(item), address, size, cpu, asid });
			}
			await flush();
		}
		writer.finish();
		await flush();
		if (out.patch) await writing(name, async () => out.patch?.(writer.output.header(), 0));
		await writing(name, () => out.close());
		return packed;
	} catch (cause) {
		await out.abort().catch(() => {});
		throw cause;
	}
}
