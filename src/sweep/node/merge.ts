import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { VERSION } from "../../index.ts";
import { WHOLE } from "../plan.ts";
import { badJournal } from "../problem.ts";
import type { ResultFormat } from "../results.ts";
import { writeWhole } from "./files.ts";
import { headerOf, journalFile, readSetup, setupFile, specHash, writeResults } from "./folder.ts";
import { type Entry, Journal, readJournal } from "./journal.ts";
import { partsOf } from "./slurm.ts";

/**
 * Puts the shards of a sweep (or of an array, given its folder) together into a folder that is new: every point once. Throws BAD_JOURNAL where they are not of one
 * sweep and one version, where points are missing, or where two shards differ about one.
 */
export async function mergeSweeps(
	given: readonly string[],
	to: string,
	formats?: readonly ResultFormat[],
): Promise<{ points: number; files: string[] }> {
	const folders: string[] = [];
	for (const folder of given) folders.push(...((await partsOf(folder)) ?? [folder]));
	if (folders.length === 0) throw badJournal(to, "nothing to merge: name the folders of the shards");
	if (existsSync(journalFile(to))) throw badJournal(to, "there is a sweep in it: give another folder");
	const entries = new Map<string, Entry>();
	const first = await readSetup(folders[0]!);
	let points = 0;
	for (const folder of folders) {
		const { spec } = await readSetup(folder);
		const journaled = await readJournal(journalFile(folder));
		const { stalemate } = journaled.header;
		if (stalemate !== VERSION) {
			throw badJournal(
				folder,
				`its points were computed by stalemate ${stalemate}, this is ${VERSION}: they do not mix`,
			);
		}
		if (specHash(spec) !== specHash(first.spec) || journaled.header.spec !== specHash(first.spec)) {
			throw badJournal(folder, `it is of another sweep than ${folders[0]}`);
		}
		points = journaled.header.points;
		for (const [key, entry] of journaled.entries) {
			const other = entries.get(key);
			if (
				other &&
				other.row.status === "ok" &&
				entry.row.status === "ok" &&
				JSON.stringify(other.row) !== JSON.stringify(entry.row)
			) {
				throw badJournal(folder, `its point ${key} differs from that of another shard`);
			}
			// A point that failed in one place may have succeeded in another.
			if (!other || other.row.status === "failed") entries.set(key, entry);
		}
	}
	if (entries.size !== points) {
		throw badJournal(
			to,
			`${entries.size} of ${points} points are there: resume the shards that are not done, or name all of them`,
		);
	}
	const setup = { ...first, shard: WHOLE, formats: [...(formats ?? first.formats)] };
	await mkdir(to, { recursive: true });
	await writeWhole(setupFile(to), `${JSON.stringify(setup, undefined, "\t")}\n`);
	const journal = await Journal.create(journalFile(to), headerOf(setup, points));
	await journal.add([...entries.values()]);
	await journal.close();
	return { points, files: await writeResults(to, { entries }, setup.formats) };
}
