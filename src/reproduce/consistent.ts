import { drawn } from "../cost/cost.ts";

/** A published rate (per us, rounded) and the ns that a round takes on the machine that it is of. */
export interface Rate {
	published: number;
	ns: number;
	/** ns more for each unit more of the constants that are varied, in their order. */
	slopes: readonly number[];
}

interface Varied {
	value: number;
	range: readonly [number, number];
}

/** Machines that are looked at for each that is wanted. Of a hundred, about one gives all rates. */
const TRIED = 2000;

/**
 * Values of the constants on machines that give all published rates as they are rounded. What one thread takes is linear in the
 * constants, so the machines need not be run one by one.
 */
export function consistentMachines(
	varied: readonly Varied[],
	rates: readonly Rate[],
	rounded: number,
	count: number,
	random: () => number,
): number[][] {
	const found: number[][] = [];
	for (let tried = 0; tried < count * TRIED && found.length < count; tried++) {
		const values = varied.map(({ value, range }) => drawn(value, [range[0], range[1]], random()));
		const gives = rates.every(({ published, ns, slopes }) => {
			const time = slopes.reduce((sum, slope, j) => sum + slope * (values[j]! - varied[j]!.value), ns);
			return Math.abs(1000 / time - published) <= rounded;
		});
		if (gives) found.push(values);
	}
	return found;
}
