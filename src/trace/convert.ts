import type { PassExports } from "../../bindings/exports.ts";
import { Packer, roomForPacking } from "../../bindings/packer.ts";
import type { TraceCounts } from "../../bindings/reader.ts";
import { StalemateError } from "../errors.ts";
import { badOption, callable, optionsOf, signal } from "../input/options.ts";
import { number, object } from "../input/shape.ts";
import { type ByteSink, fileSink } from "./node.ts";
import { feed, type ReadReport } from "./read.ts";
import type { Trace } from "./trace.ts";

/** Which part of a trace is converted, and how. */
export interface ConvertOptions {
	/** Accesses left out at the beginning. An access is one item of the trace: a modify is one. */
	skip?: number;
	/** Most accesses written. */
	take?: number;
	/** Of every `every` accesses after those left out, the first `keep` are written. */
	sample?: { keep: number; every: number };
	/** CPUs that threads get in order of appearance, where the trace tells when they are switched (default 1). */
	cpus?: number;
	signal?: AbortSignal;
	/** Told after each chunk how many decompressed bytes were read. */
	progress?: (bytes: number) => void;
}

/** What was read, and the accesses written. */
export interface ConvertReport extends ReadReport, TraceCounts {
	/** Bytes of the packed form. */
	packed: number;
}

/**
 * Writes `trace` in the packed form to a stream or, in Node, a file ("-": standard output), while it is read. `core` is an
 * instance nothing else uses. Where the sink can be sought in, the header tells the counts; the end marker always does.
 * On an error the sink is aborted (a file is removed).
 */
export async function convertTrace(
	core: PassExports,
	trace: Trace,
	sink: WritableStream<Uint8Array> | string,
	given: ConvertOptions = {},
): Promise<ConvertReport> {
	const options = checked(given);
	const format = await trace.format();
	const room = roomForPacking(core);
	if (room === 0)
		throw new StalemateError("OUT_OF_MEMORY", "There is no memory left for packing: it takes about 12 MB");
	const packer = new Packer(core, format, room, {
		skipBad: trace.onError === "skip",
		...(options.cpus !== undefined && { cpus: options.cpus }),
		...(options.skip !== undefined && { skip: options.skip }),
		...(options.take !== undefined && { take: options.take }),
		...(options.sample !== undefined && { sample: options.sample }),
	});
	const { name, out } = await openSink(sink);
	let packed = 0;
	const flush = async () => {
		for (const part of packer.output.made()) {
			packed += part.length;
			await writing(name, () => out.write(part));
		}
		return packer.full;
	};
	try {
		const report = await feed(packer.reader, trace, {
			signal: options.signal,
			progress: options.progress,
			each: flush,
		});
		packer.output.finish();
		await flush();
		if (out.patch) await writing(name, async () => out.patch?.(packer.output.header(), 0));
		await writing(name, () => out.close());
		return { ...report, ...packer.counts(), packed };
	} catch (cause) {
		await out.abort().catch(() => {});
		throw cause;
	}
}

/** Where bytes go, and what errors call it. */
export async function openSink(sink: WritableStream<Uint8Array> | string): Promise<{ name: string; out: ByteSink }> {
	const name = typeof sink === "string" ? sink : "<stream>";
	const out = await writing(name, async () => (typeof sink === "string" ? fileSink(sink) : streamSink(sink)));
	return { name, out };
}

/** What fails while writing becomes an IO error. */
export async function writing<T>(name: string, action: () => Promise<T>): Promise<T> {
	try {
		return await action();
	} catch (cause) {
		if (cause instanceof StalemateError) throw cause;
		const what = cause instanceof Error ? cause.message : String(cause);
		throw new StalemateError("IO", `${name}: writing failed: ${what}`, { file: name }, { cause });
	}
}

function streamSink(stream: WritableStream<Uint8Array>): ByteSink {
	const writer = stream.getWriter();
	return {
		write: async (bytes) => {
			await writer.ready;
			await writer.write(bytes);
		},
		close: () => writer.close(),
		abort: () => writer.abort(),
	};
}

const from = (least: number, most = Number.MAX_SAFE_INTEGER) => number({ least, most });

const convertOptions = () =>
	object({
		skip: from(0),
		take: from(0),
		sample: object({ keep: from(1), every: from(1) }, ["keep", "every"]),
		cpus: from(1, 256),
		signal: signal(),
		progress: callable<NonNullable<ConvertOptions["progress"]>>(),
	});

function checked(given: ConvertOptions): ConvertOptions {
	const options = optionsOf(convertOptions(), given);
	const { sample } = options;
	if (sample && sample.keep > sample.every)
		throw badOption("sample.keep", `is ${sample.keep}: of every ${sample.every} so many cannot be kept`);
	return options;
}
