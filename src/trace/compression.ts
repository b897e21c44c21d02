import { StalemateError } from "../errors.ts";

/** How a trace is compressed, told by its first bytes. */
export type Compression = "none" | "gzip" | "zstd" | "xz";

/** Bytes that tell a compression, and their like. */
export const MAGIC_SIZE = 12;

/** What the first bytes say. A compression that is not read is an error that says what to do. */
export function compressionOf(start: Uint8Array, name: string): Compression {
	const hex = Array.from(start.subarray(0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
	if (hex.startsWith("1f8b")) return "gzip";
	if (hex.startsWith("28b52ffd") || /^5.2a4d18/.test(hex)) return "zstd";
	if (hex.startsWith("fd377a585a00")) return "xz";
	const other =
		(hex.startsWith("425a68") && "bzip2") ||
		(hex.startsWith("04224d18") && "lz4") ||
		(hex.startsWith("504b0304") && "zip") ||
		(hex.startsWith("377abcaf271c") && "7z") ||
		(hex.startsWith("1f9d") && "compress (.Z)") ||
		(hex.startsWith("5d000080") && "lzma");
	if (!other) return "none";
	throw new StalemateError(
		"BAD_COMPRESSION",
		`${name} is compressed by ${other}, which is not read here: use gzip, zstd or xz, or give it decompressed`,
		{ file: name, offset: 0 },
	);
}
