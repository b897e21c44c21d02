/**
 * Names so ordered that each comes before those it leads to, else as they are. `cycle`: the first name on one, where there
 * is one.
 */
export function inOrder(names: string[], nextOf: (name: string) => string[]): { order: string[]; cycle?: string } {
	const order: string[] = [];
	const left = new Set(names);
	while (left.size) {
		const asked = new Set([...left].flatMap(nextOf));
		const first = [...left].find((name) => !asked.has(name));
		if (first === undefined) return { order, cycle: onCycle(left, nextOf) };
		order.push(first);
		left.delete(first);
	}
	return { order };
}

/** Among names that are all asked by another of them, following the links backwards ends on a cycle. */
function onCycle(names: Set<string>, nextOf: (name: string) => string[]): string {
	const passed = new Set<string>();
	let name = [...names][0]!;
	while (!passed.has(name)) {
		passed.add(name);
		name = [...names].find((other) => nextOf(other).includes(name))!;
	}
	return name;
}
