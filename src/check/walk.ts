// Schedules chosen step by step, and one that comes about when nothing happens unasked.

import { unpackAction } from "../../bindings/actions.ts";
import type { Explorer } from "../../bindings/explorer.ts";
import { type ScheduleStep, stepsOf } from "./schedule.ts";

/** Something that can happen, and the step that it would be. */
export interface Next {
	action: number;
	step: ScheduleStep;
}

/** All that can happen after these actions. Throws where one of them cannot happen. */
export function nextSteps(explorer: Explorer, actions: readonly number[]): Next[] {
	let block = explorer.start();
	for (const wanted of actions) {
		const found = explorer.successors(block).find(({ action }) => action === wanted);
		if (!found) throw new Error(`action ${wanted} cannot happen here`);
		block = found.block;
	}
	return explorer.successors(block).flatMap(({ action }): Next[] => {
		if (action === null) return [];
		return [{ action, step: stepsOf(explorer, [...actions, action]).steps.at(-1)! }];
	});
}

/** What comes first where several things can happen; what is not here is left out. */
const ORDER = ["perform", "deliver", "step", "walk"];

/**
 * A schedule without surprises: what is pending is performed at once, programs take turns, and the hardware does only what they
 * wait for. It ends where nothing new comes of that, or after so many steps.
 */
export function plainWalk(explorer: Explorer, most: number): number[] {
	const actions: number[] = [];
	const turns = new Map<number, number>();
	let block = explorer.start();
	const seen = new Set([String(block)]);
	while (actions.length < most) {
		const [chosen] = explorer
			.successors(block)
			.flatMap(({ action, block }) => {
				if (action === null || seen.has(String(block))) return [];
				const what = unpackAction(action);
				const rank = what.kind === "deliver" && what.spontaneous ? -1 : ORDER.indexOf(what.kind);
				const actor = what.kind === "step" ? what.actor : -1;
				return rank < 0 ? [] : [{ action, block, rank, actor, turn: turns.get(actor) ?? 0 }];
			})
			.sort((a, b) => a.rank - b.rank || a.turn - b.turn);
		if (!chosen) break;
		actions.push(chosen.action);
		turns.set(chosen.actor, actions.length);
		({ block } = chosen);
		seen.add(String(block));
	}
	return actions;
}
