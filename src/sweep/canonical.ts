/** Hashes data by content: objects whatever the order of their keys, parts that are shared only once. */
export class Hasher {
	readonly #digest: (text: string) => string;
	readonly #known = new WeakMap<object, string>();

	constructor(digest: (text: string) => string) {
		this.#digest = digest;
	}

	/** 128 bits in hexadecimal. */
	of(data: unknown): string {
		return this.#digest(this.#text(data)).slice(0, 32);
	}

	#text(data: unknown): string {
		if (typeof data !== "object" || data === null) return JSON.stringify(data) ?? "null";
		let text = this.#known.get(data);
		if (text === undefined) {
			text = this.#written(data);
			if (text.length > LONG) text = `#${this.#digest(text)}`;
			this.#known.set(data, text);
		}
		return text;
	}

	#written(data: object): string {
		if (Array.isArray(data)) return `[${data.map((item) => this.#text(item)).join(",")}]`;
		const parts: string[] = [];
		for (const key of Object.keys(data).sort()) {
			const value = (data as Record<string, unknown>)[key];
			if (value !== undefined) parts.push(`${JSON.stringify(key)}:${this.#text(value)}`);
		}
		return `{${parts.join(",")}}`;
	}
}

/** Texts longer than this are kept as their digests. */
const LONG = 256;
