/** One thing that differs between two states of a machine; undefined: not there. */
export interface Change {
	/** Where, as in `caches[0].cpus[1].colours[0][P[0]].version`: line 0 of frame P under colour 0. */
	path: string;
	before: unknown;
	after: unknown;
}

/** What differs between two values made of objects, lists and plain values. */
export function changes(before: unknown, after: unknown, path = ""): Change[] {
	if (!isTree(before) || !isTree(after)) return Object.is(before, after) ? [] : [{ path, before, after }];
	const [old, now] = [named(before), named(after)];
	const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
	const list = Array.isArray(before);
	return [...keys].flatMap((key) =>
		changes(old[key], now[key], list ? `${path}[${key}]` : path ? `${path}.${key}` : key),
	);
}

/** Copies of lines are told apart by which they are: one that leaves makes no others of those behind it. */
function named(tree: Record<string, unknown>): Record<string, unknown> {
	if (!Array.isArray(tree) || !tree.every((one) => isTree(one) && "frame" in one && "version" in one)) return tree;
	return Object.fromEntries(tree.map((one) => [`${one.frame}[${one.line}]`, one]));
}

function isTree(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}
