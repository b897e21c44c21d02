/**
 * What something read from a file has to be: a kind, a list of something, or an object with at least these keys; those that
 * end with "?" may be missing or null.
 */
export type Shape = "text" | "number" | "flag" | "any" | readonly [Shape] | { readonly [key: string]: Shape };

const TYPES = { text: "string", number: "number", flag: "boolean" };
const WANTED = { text: "text", number: "a number", flag: "true or false", any: "" };

/** What is otherwise at first, with its place: "runs.0.verdict is 5: text is needed"; undefined: nothing. */
export function misshapen(data: unknown, shape: Shape, path = ""): string | undefined {
	const wanted = (what: string) => {
		const found = JSON.stringify(data)?.slice(0, 40);
		return `${path || "it"} is ${found ?? "missing"}: ${what} is needed`;
	};
	if (typeof shape === "string")
		return shape === "any" || typeof data === TYPES[shape] ? undefined : wanted(WANTED[shape]);
	const below = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
	if (isList(shape)) {
		if (!Array.isArray(data)) return wanted("a list");
		for (const [i, item] of data.entries()) {
			const problem = misshapen(item, shape[0], below(i));
			if (problem !== undefined) return problem;
		}
		return undefined;
	}
	if (!isObject(data)) return wanted("an object");
	for (const [key, part] of Object.entries(shape)) {
		const name = key.replace(/\?$/, "");
		if (name !== key && (data[name] ?? null) === null) continue;
		const problem = misshapen(data[name], part, below(name));
		if (problem !== undefined) return problem;
	}
	return undefined;
}

export function isObject(data: unknown): data is Record<string, unknown> {
	return typeof data === "object" && data !== null && !Array.isArray(data);
}

function isList(shape: Shape): shape is readonly [Shape] {
	return Array.isArray(shape);
}
