export type MissClass = "compulsory" | "capacity" | "conflict";

/** What a fully associative LRU cache of as many lines would have done with the same references. */
export class Shadow {
	private readonly seen = new Set<string>();
	/** Lines, least recently used first (a Set keeps the order of insertion). */
	private readonly held = new Set<string>();
	private readonly lines: number;

	constructor(lines: number) {
		this.lines = lines;
	}

	/** Takes a reference to a line; returns the class that a miss of it has. */
	reference(line: string): MissClass {
		const first = !this.seen.has(line);
		this.seen.add(line);
		const hit = this.held.delete(line);
		this.held.add(line);
		if (this.held.size > this.lines) {
			for (const oldest of this.held) {
				this.held.delete(oldest);
				break;
			}
		}
		if (first) return "compulsory";
		return hit ? "conflict" : "capacity";
	}
}
