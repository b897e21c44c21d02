/** One thing that differs between two states of a machine; undefined: not there. */
export interface Change {
	/** Where, as in `caches[0].cpus[1].colours[0][0].version`. */
	path: string;
	before: unknown;
	after: unknown;
}

/** What differs between two values made of objects, lists and plain values. */
export function changes(before: unknown, after: unknown, path = ""): Change[] {
	if (!isTree(before) || !isTree(after)) return Object.is(before, after) ? [] : [{ path, before, after }];
	const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
	const list = Array.isArray(before);
	return [...keys].flatMap((key) =>
		changes(before[key], after[key], list ? `${path}[${key}]` : path ? `${path}.${key}` : key),
	);
}

function isTree(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}
