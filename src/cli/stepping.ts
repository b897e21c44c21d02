import { emitKeypressEvents } from "node:readline";
import type { Checked } from "../check/index.ts";
import { PAGE } from "../report/table.ts";
import { checking } from "./checking.ts";
import { out, print } from "./terminal.ts";

const KEYS = "n next  p previous  Home start  End end  q quit";

/** Shows one step after the other, as keys are pressed; where nobody can press any, all of them. */
export async function stepThrough(checked: Checked): Promise<void> {
	const { chartOf, stepText } = await checking();
	const chart = chartOf(checked);
	const last = chart.rows.length;
	const width = () => process.stdout.columns || PAGE;
	if (!process.stdin.isTTY || !process.stdout.isTTY) {
		print(chart.title);
		for (let step = 0; step <= last; step++) print(`\n${stepText(checked, chart, step, out, width()).join("\n")}`);
		return print(`\n${chart.story}`);
	}
	let step = 0;
	const draw = () => {
		const rows = Math.max(4, (process.stdout.rows || 24) - 3);
		const all = stepText(checked, chart, step, out, width());
		// What does not fit is told, not hidden.
		const lines =
			all.length > rows ? [...all.slice(0, rows - 1), out.dim(`… ${all.length - rows + 1} lines more`)] : all;
		process.stdout.write(`\x1b[H\x1b[2J${out.dim(chart.title)}\n${lines.join("\n")}\n${out.dim(KEYS)}`);
	};
	const { stdin, stdout } = process;
	emitKeypressEvents(stdin);
	stdin.setRawMode(true);
	// Another screen, so that what was there before comes back.
	stdout.write("\x1b[?1049h\x1b[?25l");
	stdout.on("resize", draw);
	try {
		draw();
		await new Promise<void>((resolve) => {
			const leave = () => {
				stdin.off("keypress", press).off("end", leave);
				resolve();
			};
			const press = (_: string | undefined, key: { name?: string; ctrl?: boolean; shift?: boolean }) => {
				if (key.name === "q" || key.name === "escape" || (key.ctrl && (key.name === "c" || key.name === "d")))
					return leave();
				const to = target(key.name, step, last);
				if (to === undefined) return;
				step = Math.min(last, Math.max(0, to));
				draw();
			};
			stdin.on("keypress", press).on("end", leave).resume();
		});
	} finally {
		stdout.off("resize", draw);
		stdout.write("\x1b[?25h\x1b[?1049l");
		stdin.setRawMode(false);
		stdin.pause();
	}
}

function target(key: string | undefined, step: number, last: number): number | undefined {
	switch (key) {
		case "n":
		case "right":
		case "down":
		case "space":
		case "return":
			return step + 1;
		case "p":
		case "left":
		case "up":
		case "backspace":
			return step - 1;
		case "pageup":
			return step - 10;
		case "pagedown":
			return step + 10;
		case "home":
			return 0;
		case "end":
			return last;
	}
	return undefined;
}
