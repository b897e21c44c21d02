// Where the misses of a cache fall: a cell for each set.

import { percent, whole } from "../../src/report/numbers.ts";
import { h } from "../dom.ts";
import type { Pressure } from "./types.ts";

/** Cells beside each other; more sets than cells share them. */
const COLUMNS = 64;
const MOST = 4096;

export function heat(id: string, { cache, sets, misses }: Pressure): HTMLElement {
	const share = Math.max(1, Math.ceil(sets / MOST));
	const cells = new Float64Array(Math.ceil(sets / share));
	for (const [set, count] of misses.entries()) cells[Math.floor(set / share)]! += count;
	const total = misses.reduce((sum, count) => sum + count, 0);
	const most = Math.max(...cells);
	const worst = [...misses.entries()].sort((a, b) => b[1] - a[1]).slice(0, 3);
	const never = misses.filter((count) => count === 0).length;
	const columns = Math.min(COLUMNS, cells.length);
	const rows = Math.ceil(cells.length / columns);
	const size = Math.max(4, Math.floor(640 / columns));
	const canvas = h("canvas", { width: columns * size, height: rows * size, class: "heat" });
	const said =
		total === 0
			? "no misses"
			: `most: ${worst.map(([set, count]) => `set ${set} (${percent(count / total)})`).join(", ")}; an even share is ${percent(1 / sets)}; ${whole(never)} of ${whole(sets)} sets never miss`;
	canvas.setAttribute("role", "img");
	canvas.setAttribute("aria-label", `Misses of ${cache} of ${id} by set: ${said}`);
	const context = canvas.getContext("2d");
	if (context) {
		for (const [i, count] of cells.entries()) {
			context.fillStyle = colourOf(most > 0 ? count / most : 0);
			context.fillRect((i % columns) * size, Math.floor(i / columns) * size, size - 1, size - 1);
		}
	}
	canvas.addEventListener("pointermove", (event) => {
		const box = canvas.getBoundingClientRect();
		const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
		const at = Math.floor(((event.clientY - box.top) / box.height) * rows) * columns + column;
		canvas.title = at < cells.length ? `set ${at * share}: ${whole(cells[at]!)} misses` : "";
	});
	return h(
		"figure",
		{ class: "pressure" },
		h(
			"figcaption",
			{},
			h("b", {}, id),
			` ${cache}, ${whole(sets)} sets${share > 1 ? `, ${share} to a cell` : ""}: ${said}`,
		),
		canvas,
	);
}

/** From the paper's colour over yellow to red: told apart without colour too, by how light it is. */
function colourOf(part: number): string {
	const dark = matchMedia("(prefers-color-scheme: dark)").matches;
	const light = dark ? 18 + part * 60 : 94 - part * 58;
	return `hsl(${50 - part * 45} ${15 + part * 75}% ${light}%)`;
}
