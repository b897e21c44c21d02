// The readers again, as plainly as can be: what the fast ones are compared with.

import type { Access } from "../../bindings/reader.ts";

export const READ = 0;
export const WRITE = 1;
export const FETCH = 2;
export const MODIFY = 3;
export const PART = 4n;

export interface Straddle {
	mode: "split" | "once";
	/** log2 of line sizes. */
	fetch: number;
	data: number;
	smallest: number;
}

export const LINES_64: Straddle = { mode: "split", fetch: 6, data: 6, smallest: 6 };

export function access(kind: number, address: bigint, size = 1, cpu = 0, asid = 0): Access {
	return { kind, address, size, cpu, asid };
}

/** The record of a line-aligned or whole address. */
export function record(kind: number, address: bigint): bigint {
	return (address & ~7n) | BigInt(kind);
}

/** docs/simulation.md, References. */
export function cut(accesses: Access[], straddle: Straddle): bigint[] {
	return accesses.flatMap(({ kind, address, size }) => {
		if (straddle.mode === "once") {
			const line = 1n << BigInt(straddle.smallest);
			const once = kind === MODIFY ? READ : kind;
			const last = address + (BigInt(size) < line ? BigInt(size) : line) - 1n;
			if (last / line === address / line) return [record(once, address)];
			return [record(once, address) | PART, record(once, (last / line) * line)];
		}
		const kinds = kind === MODIFY ? [READ, WRITE] : [kind];
		const line = 1n << BigInt(kind === FETCH ? straddle.fetch : straddle.data);
		return kinds.flatMap((each) => {
			const records = [record(each, address)];
			for (let n = address / line + 1n; n <= (address + BigInt(size) - 1n) / line; n++)
				records.push(record(each, n * line));
			return records;
		});
	});
}

/** Accesses of din text without errors. */
export function readDin(text: string): Access[] {
	return text.split("\n").flatMap((line) => {
		const found = /^\s*([012])\s+(?:0[xX])?([0-9a-fA-F]+)(?:\s|$)/.exec(line);
		return found ? [access(Number(found[1]), BigInt(`0x${found[2]}`))] : [];
	});
}

/** Accesses of lackey text without errors. */
export function readLackey(text: string): Access[] {
	return text.split("\n").flatMap((line) => {
		const found = /^\s*([ILSM])\s+(?:0[xX])?([0-9a-fA-F]+),(\d+)\s*$/.exec(line);
		return found ? [access({ I: 2, L: 0, S: 1, M: 3 }[found[1]!]!, BigInt(`0x${found[2]}`), Number(found[3]))] : [];
	});
}

export function writeDin(accesses: Access[]): string {
	return accesses.map(({ kind, address }) => `${kind} ${address.toString(16)}\n`).join("");
}

export function writeLackey(accesses: Access[]): string {
	return accesses
		.map(
			({ kind, address, size }) =>
				`${[" L", " S", "I ", " M"][kind]} ${address.toString(16).padStart(8, "0")},${size}\n`,
		)
		.join("");
}

export interface Instruction {
	ip: bigint;
	reads: bigint[];
	writes: bigint[];
}

/** ChampSim's bytes: at most four reads and two writes. */
export function writeChampsim(instructions: Instruction[]): Uint8Array {
	const bytes = new Uint8Array(instructions.length * 64);
	const view = new DataView(bytes.buffer);
	instructions.forEach(({ ip, reads, writes }, i) => {
		view.setBigUint64(i * 64, ip, true);
		view.setUint8(i * 64 + 8, i & 1);
		for (const [k, address] of writes.entries()) view.setBigUint64(i * 64 + 16 + 8 * k, address, true);
		for (const [k, address] of reads.entries()) view.setBigUint64(i * 64 + 32 + 8 * k, address, true);
	});
	return bytes;
}

export function readChampsim(instructions: Instruction[]): Access[] {
	return instructions.flatMap(({ ip, reads, writes }) => [
		access(FETCH, ip),
		...reads.filter((address) => address !== 0n).map((address) => access(READ, address)),
		...writes.filter((address) => address !== 0n).map((address) => access(WRITE, address)),
	]);
}
