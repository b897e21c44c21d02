// Goes through a schedule: back, on, at a speed, to the hazard.

import { h, s } from "../dom.ts";

export interface Player {
	readonly element: HTMLElement;
	/** A schedule of so many steps; 0: none. */
	reset(steps: number, at: number): void;
	go(step: number): void;
	key(event: KeyboardEvent): boolean;
	readonly step: number;
}

const SPEEDS: [label: string, perSecond: number][] = [
	["½ step / s", 0.5],
	["1 step / s", 1],
	["2 steps / s", 2],
	["5 steps / s", 5],
	["20 steps / s", 20],
	["60 steps / s", 60],
];

// Drawn, because not every system has these signs in its fonts.
const PLAY = "M3 2.5v11L8 10V6z M8 2.5v11L14 8z";
const PAUSE = "M4 3h3v10H4z M9 3h3v10H9z";

function button(label: string, sign: string, act: () => void): HTMLButtonElement {
	const made = h("button", { type: "button", onclick: act });
	named(made, label, sign);
	return made;
}

function named(button: HTMLButtonElement, label: string, sign: string): void {
	button.setAttribute("aria-label", label);
	button.title = label;
	button.replaceChildren(s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: sign })));
}

export function player(show: (step: number) => void): Player {
	let steps = 0;
	let at = 0;
	let timer = 0;
	let due = 0;
	const first = button("To the start", "M3 3h2v10H3z M13 3v10L6 8z", () => go(0));
	const back = button("One step back", "M11 3v10L4 8z", () => go(at - 1));
	const play = button("Play", PLAY, () => (timer ? stop() : start()));
	const on = button("One step on", "M5 3v10l7-5z", () => go(at + 1));
	const last = button("To the hazard", "M11 3h2v10h-2z M3 3v10l7-5z", () => go(steps));
	const slider = h("input", { type: "range", min: 0, max: 0, value: 0, step: 1, "aria-label": "Step" });
	const where = h("output", { class: "where" });
	const speed = h(
		"select",
		{ "aria-label": "Speed" },
		SPEEDS.map(([label, value]) => h("option", { value, selected: value === 1 }, label)),
	);
	slider.addEventListener("input", () => go(Number(slider.value)));
	const element = h(
		"div",
		{ class: "player", role: "toolbar", "aria-label": "Go through the steps" },
		[first, back, play, on, last],
		slider,
		where,
		speed,
	);

	function go(step: number): void {
		at = Math.max(0, Math.min(steps, step));
		slider.value = String(at);
		slider.setAttribute("aria-valuetext", at === 0 ? "start" : `step ${at} of ${steps}`);
		where.textContent = at === 0 ? `start of ${steps}` : `${at} of ${steps}`;
		// Not disabled: a button that is loses the focus.
		for (const one of [first, back]) one.setAttribute("aria-disabled", String(at === 0));
		for (const one of [on, last]) one.setAttribute("aria-disabled", String(at === steps));
		if (at === steps) stop();
		show(at);
	}

	function start(): void {
		if (at === steps) go(0);
		named(play, "Pause", PAUSE);
		due = performance.now() + 1000 / Number(speed.value);
		timer = requestAnimationFrame(tick);
	}

	function tick(now: number): void {
		timer = requestAnimationFrame(tick);
		if (now < due) return;
		due = Math.max(due + 1000 / Number(speed.value), now);
		go(at + 1);
	}

	function stop(): void {
		if (timer) cancelAnimationFrame(timer);
		timer = 0;
		named(play, "Play", PLAY);
	}

	const KEYS: Record<string, () => void> = {
		ArrowLeft: () => go(at - 1),
		ArrowRight: () => go(at + 1),
		Home: () => go(0),
		End: () => go(steps),
		h: () => go(steps),
		p: () => (timer ? stop() : start()),
	};

	return {
		element,
		reset(count, step) {
			stop();
			steps = count;
			slider.max = String(count);
			element.classList.toggle("idle", count === 0);
			for (const one of [play, slider, speed]) one.disabled = count === 0;
			go(step);
		},
		go,
		key(event) {
			const act = KEYS[event.key];
			if (!act || steps === 0) return false;
			act();
			return true;
		},
		get step() {
			return at;
		},
	};
}
