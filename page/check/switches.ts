// What keeps a scenario right, each with a switch; and lines that are commented out, which can be put in.

import type { Action, Removal } from "../../src/check/weaken.ts";
import { fill, h } from "../dom.ts";
import type { Dormant } from "./types.ts";

export interface Switches {
	readonly element: HTMLElement;
	show(actions: readonly Action[], dormant: readonly Dormant[], without: readonly Removal[]): void;
}

export function switches(change: (without: Removal[]) => void, putIn: (line: number) => void): Switches {
	const list = h("div", { class: "switch-list" });
	const element = h("fieldset", { class: "switches" }, h("legend", {}, "What keeps it right: take it out"), list);
	return {
		element,
		show(actions, dormant, without) {
			const isOut = ({ action }: Action, way: string) =>
				without.some((one) => one.action === action && one.way === way);
			// Rebuilt under the hand of who uses the keyboard: the focus goes back to where it was.
			const held = list.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : undefined;
			const rows = actions.flatMap((action) =>
				action.ways.map((way) => {
					const key = `${way} ${action.action}`;
					const label = way === "dropped" ? action.action : `${action.action}: ${way}`;
					const place = action.file ? action.file : `line ${action.line}`;
					return toggle(key, label, `${action.kind}, ${place}`, !isOut(action, way), (on) => {
						const rest = without.filter((one) => one.action !== action.action);
						change(on ? rest : [...rest, { action: action.action, way }]);
					});
				}),
			);
			const missing = dormant.map(({ line, text }) =>
				toggle(`line ${line}`, text, `line ${line}, commented out`, false, () => putIn(line)),
			);
			fill(
				list,
				[...missing, ...rows],
				rows.length + missing.length === 0 && h("p", { class: "hint" }, "Nothing in it is there to keep it right."),
			);
			if (held) list.querySelector<HTMLElement>(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
		},
	};
}

function toggle(key: string, label: string, what: string, on: boolean, change: (on: boolean) => void): HTMLElement {
	const input = h("input", {
		type: "checkbox",
		role: "switch",
		checked: on,
		"data-key": key,
		onchange: () => change(input.checked),
	});
	return h("label", { class: on ? "switch" : "switch out" }, input, h("code", {}, label), h("small", {}, what));
}
