import { type FileHandle, open, readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { badJournal, ioError } from "./problem.ts";
import type { Row } from "./results.ts";

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

/** Milliseconds between two visits to the disk, at least. */
const PATIENCE = 100;
/** Characters that may wait for the disk. */
const MOST_WAITING = 4 * 2 ** 20;

/**
 * One record in a line, after its checksum: only ever added to. What a process that was killed did not finish writing is told
 * by it, and cut off by who goes on.
 */
export class Journal {
	readonly #file: string;
	readonly #handle: FileHandle;
	#waiting: string[] = [];
	#size = 0;
	#timer: NodeJS.Timeout | undefined;
	#writing: Promise<void> = Promise.resolve();
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
		journal.#add(header);
		await journal.#flush();
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

	/** Takes finished points; waits only where the disk is far behind. Throws IO once something could not be written. */
	async add(entries: readonly Entry[]): Promise<void> {
		for (const entry of entries) this.#add(entry);
		this.#timer ??= setTimeout(() => this.#flush().catch(() => {}), PATIENCE);
		if (this.#size > MOST_WAITING) await this.#flush();
		this.#check();
	}

	/** Everything is on the disk after this. */
	async close(): Promise<void> {
		try {
			await this.#flush();
		} finally {
			await this.#handle.close();
		}
	}

	#add(record: Header | Entry): void {
		const line = lineOf(JSON.stringify(record));
		this.#waiting.push(line);
		this.#size += line.length;
	}

	#flush(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#writing = this.#writing.then(async () => {
			if (this.#waiting.length === 0 || this.#failure) return;
			const text = this.#waiting.join("");
			this.#waiting = [];
			this.#size = 0;
			try {
				await this.#handle.appendFile(text);
				await this.#handle.datasync();
			} catch (cause) {
				this.#failure = { cause };
			}
		});
		return this.#writing.then(() => this.#check());
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
