const NUMBER = /^(-?)(0x[0-9a-f]+|\d+(?:\.\d+)?(?:e\d+)?)([kmgt])?(?:i?b)?$/i;
const SUFFIXES = "KMGT";

/** A number as people write it: 0x40, 2.5M, 512KiB; K, M, G, T are powers of 1024. undefined: not a number. */
export function parseNumber(text: string): number | undefined {
	if (text.length > 40) return undefined;
	const parts = NUMBER.exec(text);
	if (!parts) return undefined;
	const scale = parts[3] ? 1024 ** (SUFFIXES.indexOf(parts[3].toUpperCase()) + 1) : 1;
	const value = Number(parts[2]) * scale;
	return parts[1] ? -value : value;
}

/** A number of bytes with the largest suffix that keeps it whole: 32K, 35M, 1280. */
export function formatBytes(bytes: number): string {
	let power = 0;
	while (power < SUFFIXES.length && bytes > 0 && bytes % 1024 === 0) {
		bytes /= 1024;
		power++;
	}
	return power ? `${bytes}${SUFFIXES[power - 1]}` : String(bytes);
}
