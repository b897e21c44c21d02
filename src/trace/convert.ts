import { Packer, type PackerExports } from "../../bindings/packer.ts";
import { StalemateError } from "../errors.ts";
import { type ByteSink, fileSink } from "./node.ts";
import { feed, type ReadReport } from "./read.ts";
import type { Trace } from "./trace.ts";

export interface ConvertOptions {
	/** Accesses left out at the beginning. */
	skip?: number;
	/** Most accesses written. */
	take?: number;
	/** Of every `every` accesses after those skipped, the first `keep` are written. */
	sample?: { keep: number; every: number };
	signal?: AbortSignal;
	progress?: (bytes: number) => void;
}

export interface ConvertReport extends ReadReport {
	/** Accesses written, by kind; a modify is one. */
	reads: number;
	writes: number;
	fetches: number;
	modifies: number;
	/** Size of the packed form. */
	packed: number;
}

/**
 * Writes `trace` in the packed form to a stream or, in Node, a file ("-": standard output), while it is read. Where the
 * sink can be sought in, the header tells the counts; they are always in the end marker. On an error the sink is aborted.
 */
export async function convertTrace(
	core: PackerExports,
	trace: Trace,
	sink: WritableStream<Uint8Array> | string,
	options: ConvertOptions = {},
): Promise<ConvertReport> {
	const { skip = 0, take = Number.MAX_SAFE_INTEGER, sample = { keep: 1, every: 1 } } = options;
	whole("skip", skip, 0);
	whole("take", take, 0);
	whole("sample.every", sample.every, 1);
	whole("sample.keep", sample.keep, 1);
	if (sample.keep > sample.every) throw badOption("sample.keep", `${sample.keep} of every ${sample.every} cannot be kept`);
	const format = await trace.format();
	const packer = new Packer(core, format, { onError: trace.onError, skip, take, sample });
	const out = await wrap(typeof sink === "string" ? () => fileSink(sink) : async () => streamSink(sink), sink);
	let packed = 0;
	const write = async () => {
		for (const part of packer.made()) {
			packed += part.length;
			await wrap(() => out.write(part), sink);
		}
	};
	try {
		await write();
		const report = await feed(
			{
				write: (bytes) => packer.reader.write(bytes),
				end: () => packer.reader.end(),
			},
			trace,
			write,
		);
		await wrap(() => out.close(), sink);
		return report;
	} catch (cause) {
		await out.abort().catch(() => {});
		throw cause;
	}
}
