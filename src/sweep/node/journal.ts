import { type FileHandle, open, readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { badJournal, ioError } from "../problem.ts";
import type { Row } from "../results.ts";

/** What a journal begins with. */
export interface Header {
	/** Version of this form. */
	journal: 1;
	stalemate: string;
	/** Hash of the specification. */
	spec: string;
	/** "1/4": the part of the points that it is about. */
	shard: string;
	/** Points of all parts together. */
	points: number;
}

/** A finished point. */
export interface Entry {
	row: Row;
	milliseconds: number;
	how: string;
}

export interface Journaled {
	header: Header;
	/** By content key; each once. */
	entries: Map<string, Entry>;
	/** Bytes that are whole records. */
	length: number;
	/** Records that were cut or changed, and are not there therefore. */
	damaged: number;
}

/** Milliseconds between two visits to the disk itself, at least: what the system has survives the process, not the system. */
const PATIENCE = 1000;

/**
 * One record in a line, after its checksum: only ever added to. What a process that was killed did not finish writing is told
 * by it, and cut off by who goes on.
 */
export class Journal {
	readonly #file: string;
	readonly #handle: FileHandle;
	#timer: NodeJS.Timeout | undefined;
	#syncing: Promise<void> = Promise.resolve();
	#failure: { cause: unknown } | undefined;

	private constructor(file: string, handle: FileHandle) {
		this.#file = file;
		this.#handle = handle;
	}

	/** A new one. */
	static async create(file: string, header: Header): Promise<Journal> {
		const handle = await open(file, "wx").catch((cause) => {
			throw ioError(file, cause);
		});
		const journal = new Journal(file, handle);
		await journal.#write([header]);
		return journal;
	}

	/** One to go on with after `length` bytes. */
	static async extend(file: string, length: number): Promise<Journal> {
		try {
			const handle = await open(file, "r+");
			await handle.truncate(length);
			await handle.close();
			return new Journal(file, await open(file, "a"));
		} catch (cause) {
			throw ioError(file, cause);
		}
	}

	/** Finished points; they outlive this process from then on. Throws IO once something could not be written. */
	async add(entries: readonly Entry[]): Promise<void> {
		await this.#write(entries);
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.#sync();
		}, PATIENCE);
	}

	/** Everything is on the disk after this. */
	async close(): Promise<void> {
		clearTimeout(this.#timer);
		try {
			await this.#sync();
			this.#check();
		} finally {
			await this.#handle.close();
		}
	}

	async #write(records: readonly (Header | Entry)[]): Promise<void> {
		this.#check();
		await this.#noting(this.#handle.appendFile(records.map((record) => lineOf(JSON.stringify(record))).join("")));
		this.#check();
	}

	#sync(): Promise<void> {
		this.#syncing = this.#syncing.then(() => this.#noting(this.#handle.datasync()));
		return this.#syncing;
	}

	#noting(work: Promise<void>): Promise<void> {
		return work.catch((cause) => {
			this.#failure ??= { cause };
		});
	}

	#check(): void {
		if (this.#failure) throw ioError(this.#file, this.#failure.cause);
	}
}

function lineOf(json: string): string {
	return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

/** Reads what is whole. Throws IO, and BAD_JOURNAL where not even the beginning is. */
export async function readJournal(file: string): Promise<Journaled> {
	const bytes = await readFile(file).catch((cause) => {
		throw ioError(file, cause);
	});
	const entries = new Map<string, Entry>();
	let header: Header | undefined;
	let length = 0;
	let damaged = 0;
	for (let at = 0; at < bytes.length; ) {
		const end = bytes.indexOf(10, at);
		const line = bytes.toString("utf8", at, end < 0 ? bytes.length : end);
		at = end < 0 ? bytes.length : end + 1;
		const json = line.slice(9);
		if (end < 0 || line.slice(0, 8) !== crc32(json).toString(16).padStart(8, "0")) {
			damaged++;
			continue;
		}
		length = at;
		const record = JSON.parse(json) as Header | Entry;
		if ("journal" in record) header = record;
		else entries.set(record.row.key as string, record);
	}
	if (!header) throw badJournal(file, "it does not begin as the journal of a sweep does: was it made by sweep run?");
	return { header, entries, length, damaged };
}
