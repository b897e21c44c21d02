// Everything about scenarios that takes time, off the page's own thread.

import { Explorer } from "../../bindings/explorer.ts";
import type { Program } from "../../bindings/program.ts";
import { loadProgramCore, type ProgramCore } from "../../bindings/program-core.ts";
import { shippedText } from "../../src/catalogue/catalogue.ts";
import { drive } from "../../src/check/drive.ts";
import { plan } from "../../src/check/plan.ts";
import { type CheckOptions, checkLitmus, checkScenario, litmusOn, scenarioOn } from "../../src/check/run.ts";
import { stepsOf } from "../../src/check/schedule.ts";
import { isLitmus, parseSource } from "../../src/check/source.ts";
import { nextSteps, plainWalk } from "../../src/check/walk.ts";
import { actionsOf, editOf } from "../../src/check/weaken.ts";
import { StalemateError } from "../../src/errors.ts";
import type { Litmus } from "../../src/litmus/litmus.ts";
import { printJudgement } from "../../src/litmus/result.ts";
import { parseProfile } from "../../src/profiles/parse.ts";
import { resolve } from "../../src/profiles/resolve.ts";
import { profile, profileNames } from "../../src/profiles/shipped.ts";
import type { Profile } from "../../src/profiles/types.ts";
import { covered, verdictText } from "../../src/report/checks.ts";
import { type Chart, chartOf, lanesOf } from "../../src/report/schedule.ts";
import { scheduleSvg } from "../../src/report/schedule-svg.ts";
import { scheduleTest } from "../../src/report/schedule-test.ts";
import { stateItems } from "../../src/report/state.ts";
import type { Scenario } from "../../src/scenario/ast.ts";
import { libraryNames, libraryText } from "../../src/scenario/libraries.ts";
import { resolveParams } from "../../src/scenario/params.ts";
import { profileName } from "../../src/scenario/print.ts";
import { readScenario } from "../../src/scenario/read.ts";
import { verbs } from "../../src/scenario/verbs.ts";
import { MODELS, OUTCOMES } from "../../src/scenario/vocabulary.ts";
import { checkCode, verdictTest } from "../check/code.ts";
import { flowsOf } from "../check/flows.ts";
import type { CheckMethods, Dormant, Read, ScheduleView, Shown, Vocabulary, Walked, Wanted } from "../check/types.ts";
import { answer, type Context, type Methods } from "./port.ts";

/** Steps of a schedule that a page shows: a longer one would not be read. */
const MOST_STEPS = 500;
/** Steps of a plain schedule: it may go round for ever. */
const MOST_PLAIN = 60;

let core: Promise<ProgramCore> | undefined;

function optionsOf({ params, profile, own, model, without }: Wanted, source: Scenario): CheckOptions {
	const given = Object.fromEntries(
		Object.entries(params).filter(([name]) => source.params.some((p) => p.name === name)),
	);
	if (own !== undefined) return { params: given, profile: ownProfile(own), ...(model && { model }), without };
	if (profile !== undefined && model !== undefined) return { params: given, profile, model, without };
	const [planned] = plan(source, {
		params: given,
		...(profile !== undefined && { profiles: [profile] }),
		...(model !== undefined && { models: [model] }),
	});
	return { ...planned, params: given, without };
}

/** A profile of one's own. */
function ownProfile(text: string): Profile {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new StalemateError("BAD_PROFILE", `the profile is no JSON: ${(error as Error).message}`);
	}
	const profile = parseProfile(json);
	// What could not be simulated is refused.
	resolve(profile);
	return profile;
}

function vocabulary(): Vocabulary {
	return {
		verbs: verbs().flatMap(({ name, form, what, modifiers = [] }) => [
			{ label: name, detail: form, info: what },
			...modifiers.map((word) => ({ label: `${name}.${word}`, detail: form, info: what })),
		]),
		macros: libraryNames().flatMap((library) =>
			readScenario(libraryText(library)!).macros.map(({ name, params }) => ({
				label: name,
				detail: [name, ...params].join(" "),
				info: `use ${library}`,
			})),
		),
		libraries: libraryNames(),
		profiles: profileNames().map((id) => ({ id, title: profile(id).title })),
		models: MODELS,
		outcomes: OUTCOMES,
	};
}

function read(wanted: Wanted): Read {
	if (wanted.model !== undefined && !MODELS.includes(wanted.model)) {
		const message = `there is no memory model ${JSON.stringify(wanted.model)}: they are ${MODELS.join(", ")}`;
		throw new StalemateError("BAD_OPTION", message, { path: "model" });
	}
	const source = parseSource(wanted.text);
	if (isLitmus(source)) {
		return {
			name: source.name,
			story: "",
			row: null,
			contrasts: [],
			litmus: true,
			params: [],
			resolved: {},
			profile: "abstract",
			model: "tso",
			profiles: [],
			actions: [],
			dormant: [],
		};
	}
	const options = optionsOf(wanted, source);
	const { profile, model, params } = scenarioOn(source, options);
	const named = source.expects.flatMap(({ outcomes }) => outcomes.flatMap((one) => one.profile ?? []));
	return {
		name: source.name,
		story: source.story ?? "",
		row: source.row ?? null,
		contrasts: source.contrasts ?? [],
		litmus: false,
		params: source.params,
		resolved: params,
		profile,
		model,
		profiles: [...new Set([...(source.profile ? [source.profile] : []), ...named].map(profileName))],
		actions: actionsOf(source, resolveParams(source, options.params), model),
		dormant: dormantIn(wanted.text),
	};
}

/** Lines that are commented out and that the scenario could have. */
function dormantIn(text: string): Dormant[] {
	const lines = text.split("\n");
	return lines.flatMap((line, i): Dormant[] => {
		const [, indent, statement] = /^(\s+)# ?([\w.-]+( [^#]*)?)/.exec(line) ?? [];
		if (indent === undefined || statement === undefined) return [];
		const changed = [...lines];
		changed[i] = indent + statement;
		try {
			parseSource(changed.join("\n"));
			return [{ line: i + 1, text: statement.trim() }];
		} catch (error) {
			if (error instanceof StalemateError) return [];
			throw error;
		}
	});
}

function loaded(): Promise<ProgramCore> {
	core ??= loadProgramCore();
	// Asked for again where it could not be had.
	core.catch(() => {
		core = undefined;
	});
	return core;
}

/** A source with the machine that is wanted, and what is taken out of it. */
function prepared(wanted: Wanted) {
	const source = parseSource(wanted.text);
	const { own, model } = wanted;
	const profile = own === undefined ? wanted.profile : ownProfile(own);
	const machine = { ...(profile !== undefined && { profile }), ...(model !== undefined && { model }) };
	const options = isLitmus(source) ? machine : optionsOf(wanted, source);
	return { source, options, edit: editOf(source, options) };
}

async function walk({ wanted, actions: given }: Parameters<CheckMethods["walk"]>[0]): Promise<Walked> {
	const { source, options, edit } = prepared(wanted);
	const core = await loaded();
	const { program, hardware } = isLitmus(source) ? litmusOn(source, options) : scenarioOn(source, options, edit);
	const explorer = new Explorer(core, program, hardware, { mayHold: false });
	const actions = (given ?? plainWalk(explorer, MOST_PLAIN)).slice(0, MOST_STEPS);
	try {
		const { start, steps } = stepsOf(explorer, actions);
		const hazards = [...new Set(steps.flatMap(({ hazards }) => hazards))].filter((code) => code !== "LATENT");
		const story = hazards.length > 0 ? `This schedule comes to ${hazards.join(" + ")}.` : "";
		const chart = { title: program.name, ...lanesOf(steps, null, []), story, causes: [] };
		return {
			view: viewOf(program, chart, { start, steps, actions, mayHold: false }),
			next: nextSteps(explorer, actions).map(({ action, step }) => {
				const { cpu, actor, text, spontaneous } = step;
				const hazards = step.hazards.filter((code) => code !== "LATENT");
				return { action, cpu, text: actor === null ? text : `${actor}: ${text}`, spontaneous, hazards };
			}),
		};
	} catch (error) {
		if (error instanceof StalemateError || !(error instanceof Error)) throw error;
		throw new StalemateError("BAD_OPTION", `the steps do not fit this scenario and machine (${error.message})`);
	}
}

async function check(wanted: Wanted, { signal, progress }: Context): Promise<Shown> {
	const { source, options, edit } = prepared(wanted);
	const core = await loaded();
	const running = isLitmus(source) ? checkLitmus(core, source, options) : checkScenario(core, source, options, edit);
	const checked = await drive(running, { signal, onProgress: throttled(progress) });
	const { schedule, judgement } = checked;
	return {
		run: checked.run,
		verdict: verdictText(checked),
		covered: covered(checked),
		milliseconds: checked.milliseconds,
		judgement: judgement
			? {
					observation: judgement.observation,
					positive: judgement.positive,
					states: judgement.states.length,
					text: printJudgement(source as Litmus, judgement),
				}
			: null,
		view: schedule && schedule.steps.length <= MOST_STEPS ? viewOf(checked.program, chartOf(checked), schedule) : null,
		test: schedule ? scheduleTest(checked, wanted.text, options) : verdictTest(checked, wanted.text, options),
		code: checkCode(checked, wanted.text, options),
		svg: schedule ? scheduleSvg(checked) : null,
	};
}

function viewOf(program: Program, chart: Chart, schedule: ScheduleView["schedule"]): ScheduleView {
	const { start, steps, actions, mayHold } = schedule;
	const states = [start, ...steps.map(({ state }) => state)];
	return {
		program,
		chart,
		schedule: { start, steps, actions, mayHold },
		items: states.map((state) => stateItems(program, state)),
		flows: steps.map(({ cpu, state }, i) => flowsOf(program, states[i]!, state, cpu)),
	};
}

/** Ten times a second is as often as anybody looks. */
function throttled<T>(tell: (value: T) => void): (value: T) => void {
	let last = 0;
	return (value) => {
		if (performance.now() - last < 100) return;
		last = performance.now();
		tell(value);
	};
}

const methods: { [K in keyof CheckMethods]: (argument: Parameters<CheckMethods[K]>[0], context: Context) => unknown } =
	{
		vocabulary,
		text({ name }) {
			const found = shippedText(name);
			if (found) return found;
			throw new StalemateError("BAD_OPTION", `there is no scenario ${JSON.stringify(name)} in the catalogue`);
		},
		read,
		check,
		walk,
		profile({ own }) {
			const { id, title } = ownProfile(own);
			return { id, title };
		},
	};

answer(methods as Methods);
