/** Whether something is an object literal, as JSON makes them: not null, not a list, not of a class. */
export function isPlain(thing: unknown): thing is Record<string, unknown> {
	if (typeof thing !== "object" || thing === null || Array.isArray(thing)) return false;
	const prototype = Object.getPrototypeOf(thing);
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}
