// SHA-256 (FIPS 180-4) of text, at once: what platforms have is either not everywhere or not without waiting, and a sweep asks
// for many short ones.

const K = new Uint32Array(64);
const START = new Uint32Array(8);

/** The first 32 bits of the fractional part. */
const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
for (let n = 2, found = 0; found < 64; n++) {
	let prime = true;
	for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
	if (!prime) continue;
	if (found < 8) START[found] = fraction(Math.sqrt(n));
	K[found++] = fraction(Math.cbrt(n));
}

const words = new Int32Array(64);
const encoder = new TextEncoder();
let room = new Uint8Array(4096);

/** In hexadecimal. */
export function sha256(text: string): string {
	if (room.length < text.length * 3 + 72) room = new Uint8Array(text.length * 6 + 72);
	const { written } = encoder.encodeInto(text, room);
	return digest(room, written);
}

/** The same of bytes. */
export function sha256Of(bytes: Uint8Array): string {
	if (room.length < bytes.length + 72) room = new Uint8Array(bytes.length + 72);
	room.set(bytes);
	return digest(room, bytes.length);
}

/** Of the first `length` bytes; behind them there is room for the end that is added to every message. */
function digest(bytes: Uint8Array, length: number): string {
	const end = ((length + 8) >>> 6) * 64 + 64;
	bytes.fill(0, length, end);
	bytes[length] = 0x80;
	const view = new DataView(bytes.buffer);
	view.setUint32(end - 8, Math.floor(length / 2 ** 29));
	view.setUint32(end - 4, length << 3);
	const state = Int32Array.from(START);
	for (let at = 0; at < end; at += 64) block(view, at, state);
	return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function block(view: DataView, at: number, state: Int32Array): void {
	for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4);
	for (let i = 16; i < 64; i++) {
		const [x, y] = [words[i - 15]!, words[i - 2]!];
		const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
		const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
		words[i] = (words[i - 16]! + low + words[i - 7]! + high) | 0;
	}
	let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
	for (let i = 0; i < 64; i++) {
		const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
		const first = (h + high + ((e & f) ^ (~e & g)) + K[i]! + words[i]!) | 0;
		const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
		const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		h = g;
		g = f;
		f = e;
		e = (d + first) | 0;
		d = c;
		c = b;
		b = a;
		a = (first + second) | 0;
	}
	[a, b, c, d, e, f, g, h].forEach((word, i) => {
		state[i] = (state[i]! + word) | 0;
	});
}
