import { mkdir, open, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { VERSION } from "../../index.ts";
import { Hasher } from "../canonical.ts";
import type { Shard } from "../plan.ts";
import { badJournal, ioError } from "../problem.ts";
import { encoded, type ResultFormat, type Row, sorted } from "../results.ts";
import type { SweepSpec } from "../types.ts";
import { writeWhole } from "./files.ts";
import { digest } from "./host.ts";
import { type Header, type Journaled, readJournal } from "./journal.ts";

/** What is in sweep.json: with it a sweep can be gone on with. */
export interface Setup {
	spec: SweepSpec;
	/** What the paths of inputs start from. */
	inputs: string;
	formats: ResultFormat[];
	shard: Shard;
}

/** The files of a sweep. */
export const setupFile = (folder: string) => join(folder, "sweep.json");
export const journalFile = (folder: string) => join(folder, "journal.jsonl");
export const resultsFile = (folder: string, format: ResultFormat) => join(folder, `results.${format}`);
export const timingsFile = (folder: string) => join(folder, "timings.csv");
const lockFile = (folder: string) => join(folder, "lock");

export function headerOf({ spec, shard }: Setup, points: number): Header {
	return { journal: 1, stalemate: VERSION, spec: specHash(spec), shard: `${shard.index}/${shard.count}`, points };
}

/** What a sweep is called does not matter to it. */
export function specHash({ $schema: _, name: __, ...spec }: SweepSpec): string {
	return new Hasher(digest).of(spec);
}

export async function readSetup(folder: string): Promise<Setup> {
	const file = setupFile(folder);
	const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
		if (cause.code === "ENOENT") throw badJournal(folder, "there is no sweep in it");
		throw ioError(file, cause);
	});
	try {
		return JSON.parse(text) as Setup;
	} catch {
		throw badJournal(file, "it is no JSON");
	}
}

/** The journal of a folder, of this version of the package and of this specification. */
export async function readOwnJournal(folder: string, setup: Setup): Promise<Journaled> {
	const journaled = await readJournal(journalFile(folder));
	const { stalemate, spec } = journaled.header;
	if (stalemate !== VERSION) {
		throw badJournal(folder, `its points were computed by stalemate ${stalemate}, this is ${VERSION}: they do not mix`);
	}
	if (spec !== specHash(setup.spec))
		throw badJournal(folder, "its journal is of another specification than its sweep.json");
	return journaled;
}

/** Keeps other processes out of a folder until the returned function is called; one that was killed does not. */
export async function locked(folder: string): Promise<() => Promise<void>> {
	const file = lockFile(folder);
	await mkdir(folder, { recursive: true }).catch((cause) => {
		throw ioError(folder, cause);
	});
	for (let attempt = 0; ; attempt++) {
		try {
			const handle = await open(file, "wx");
			await handle.writeFile(`${process.pid} ${hostname()}`);
			await handle.close();
			return () => rm(file, { force: true });
		} catch (cause) {
			if ((cause as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 2) throw ioError(file, cause);
		}
		const [pid = "", host = hostname()] = (await readFile(file, "utf8").catch(() => "")).split(" ");
		const elsewhere = host !== hostname();
		if (elsewhere || (Number(pid) !== process.pid && isAlive(Number(pid)))) {
			const owner = elsewhere ? `process ${pid} of ${host}` : `process ${pid}`;
			throw badJournal(folder, `${owner} is at work in it; if that is no sweep any more, remove ${file}`);
		}
		await rm(file, { force: true });
	}
}

function isAlive(pid: number): boolean {
	if (!(pid > 0)) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (cause) {
		return (cause as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** Writes the results, and what each point took, from what the journal has. */
export async function writeResults(
	folder: string,
	journaled: Pick<Journaled, "entries">,
	formats: readonly ResultFormat[],
): Promise<string[]> {
	const entries = [...journaled.entries.values()];
	const rows: Row[] = sorted(entries.map(({ row }) => row));
	const files: string[] = [];
	for (const format of formats) {
		const file = resultsFile(folder, format);
		await writeWhole(file, await encoded(rows, format));
		files.push(file);
	}
	const timings = entries.map(({ row, milliseconds, how }) => `${row.key},${milliseconds.toFixed(3)},${how}\n`).sort();
	await writeWhole(timingsFile(folder), `key,milliseconds,how\n${timings.join("")}`);
	return files;
}

/** What is finished of a sweep, sorted by content key, and what was asked for. */
export async function readRows(folder: string): Promise<{ rows: Row[]; setup: Setup; points: number }> {
	const setup = await readSetup(folder);
	const { entries, header } = await readJournal(journalFile(folder));
	return { rows: sorted([...entries.values()].map(({ row }) => row)), setup, points: header.points };
}
