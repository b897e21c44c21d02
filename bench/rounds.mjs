// Contenders side by side: every round runs each of them once, so that what else the machine does falls on all alike, and
// ratios are taken within a round.

/** What a process used, not what the clock says: another process on the same core costs nobody anything. */
export function cpuMilliseconds(action) {
	const before = process.cpuUsage();
	action();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1e3;
}

/**
 * @param {Record<string, () => Promise<number>>} contenders each returns milliseconds
 * @param {number} rounds
 * @returns {Promise<Record<string, number[]>>} of each, the time of every round
 */
export async function interleave(contenders, rounds) {
	const names = Object.keys(contenders);
	const times = Object.fromEntries(names.map((name) => [name, []]));
	for (let round = 0; round < rounds; round++) {
		// There and back: being after the same neighbour every time would be a bias of its own.
		const order = round % 2 ? [...names].reverse() : names;
		for (const name of order) times[name].push(await contenders[name]());
	}
	return times;
}

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times as fast as `other` the contender is: the median over the rounds. */
export function ratio(times, other) {
	return median(times.map((time, round) => other[round] / time));
}
