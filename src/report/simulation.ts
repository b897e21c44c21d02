// Results of traces, as parts of a page.

import type { MachineConfig } from "../../bindings/config.ts";
import { StalemateError } from "../errors.ts";
import { resolve } from "../profiles/resolve.ts";
import { applySets } from "../profiles/sets.ts";
import { profileNames, profile as shipped } from "../profiles/shipped.ts";
import type { Profile } from "../profiles/types.ts";
import { type SimulationJson, SimulationResult } from "../simulate/result.ts";
import { besideSheet } from "./beside.ts";
import type { Stretch } from "./chart.ts";
import { bulleted, folded, type Html, paragraph, picture, pictures, type Section, sheet } from "./html.ts";
import { intervalSheet, TimeLine } from "./intervals.ts";
import { many, percent } from "./numbers.ts";
import { barsPicture, linesPicture } from "./plot-svg.ts";
import { profileSheet } from "./profile.ts";
import {
	cacheSheet,
	changesOf,
	classSheet,
	coherenceSheet,
	cycleSheet,
	cyclesText,
	hotSheet,
	NO_CACHES,
	NOTHING_SHARED,
	type Printed,
	rareLines,
	sharingSheet,
	tlbSheet,
	traceFacts,
	walkLines,
} from "./single.ts";
import type { Sheet } from "./table.ts";

/** Rows of a table of intervals that are shown. */
const MOST_INTERVALS = 400;

export function simulationSections(all: readonly SimulationJson[]): Section[] {
	const results = all.map(resultOf);
	const machines = results.map(machineOf);
	const whole = results.flatMap((result, i): Printed[] => (machines[i] ? [{ ...machines[i], result }] : []));
	const sections = results.map((result, i) => section(result, machines[i]));
	return whole.length > 1 && whole.length === results.length ? [besideSection(whole), ...sections] : sections;
}

/** Numbers and all, as it was before it was written. */
function resultOf({ parameters, hottest, sharing, ...rest }: SimulationJson): SimulationResult {
	return new SimulationResult({
		...rest,
		parameters: { ...parameters, seed: BigInt(parameters.seed) },
		hottest: hottest?.map(({ key, ...row }) => ({ ...row, key: BigInt(key) })),
		sharing: sharing?.map(({ address, physical, ...row }) => {
			return { ...row, address: BigInt(address), physical: BigInt(physical) };
		}),
	});
}

/** undefined: this version does not have the profile. */
function machineOf(result: SimulationResult): { profile: Profile; machine: MachineConfig } | undefined {
	const { sets, cpus, seed } = result.parameters;
	// Changed by --set it is called otherwise than the one that ships.
	const ships = profileNames().find((id) => id === (sets.length > 0 ? result.basedOn : result.profile));
	const base = result.definition ?? (ships && shipped(ships));
	if (!base) return undefined;
	const profile = changed(base, sets);
	if (profile?.id !== result.profile || profile.version !== result.profileVersion) return undefined;
	const machine = resolve(profile, { cpus, seed });
	const names = new Set([...machine.caches, ...machine.tlbs].map(({ name }) => name));
	const known = [...result.caches, ...result.tlbs].every(({ name }) => names.has(name));
	return known ? { profile, machine } : undefined;
}

/** undefined: what was changed is not there in this version. */
function changed(base: Profile, sets: readonly string[]): Profile | undefined {
	try {
		return sets.length > 0 ? applySets(base, sets) : base;
	} catch (error) {
		if (error instanceof StalemateError) return undefined;
		throw error;
	}
}

function besideSection(all: readonly Printed[]): Section {
	const bars = all.flatMap(({ profile, result: { cycles } }) => {
		if (!cycles) return [];
		const { perReference } = cycles;
		return [{ name: profile.id, value: perReference, text: perReference.toFixed(2) }];
	});
	const titles = all.map(({ profile }) => `${profile.id}: ${profile.title}`);
	const parts = [bulleted(titles), sheet("Misses, side by side", besideSheet(all))];
	if (bars.length > 0) parts.push(picture(barsPicture("Cycles per reference", bars)));
	return { title: `${many(all.length, "machine")} side by side`, parts };
}

function section(result: SimulationResult, found: { profile: Profile; machine: MachineConfig } | undefined): Section {
	const { machine, profile } = found ?? {};
	const parts: Html[] = [];
	const add = (caption: string, table: Sheet | undefined, ...after: string[]) => {
		if (table) parts.push(sheet(caption, table), ...after.map((text) => paragraph(text)));
	};
	if (profile) parts.push(paragraph(profile.title));
	const changes = changesOf(result);
	if (changes !== undefined) parts.push(paragraph(changes));
	parts.push(...traceFacts(result).map(({ text, tone }) => paragraph(text, tone === "note" ? "dim" : undefined)));
	if (result.caches.length > 0) add("Caches", cacheSheet(machine, result), ...rareLines(result.caches));
	else parts.push(paragraph(NO_CACHES));
	add("Classes of misses", classSheet(result));
	add("Coherence", coherenceSheet(result));
	add("TLBs", tlbSheet(machine, result), ...(machine ? walkLines(machine, result) : []));
	add("Where it misses most", hotSheet(result));
	add("Lines that CPUs take from each other", sharingSheet(result));
	if (result.sharing?.length === 0) parts.push(paragraph(NOTHING_SHARED));
	const { number, about } = cyclesText(result);
	add("Average memory access time", cycleSheet(result));
	if (number + about !== "") parts.push(paragraph(number + about));
	const time = overTime(result);
	parts.push(...time);
	if (profile) parts.push(...provenanceParts(profile));
	else {
		const what = `This version of stalemate has no profile ${result.profile} like that: its shapes and the sources of its numbers are not known here.`;
		parts.push(paragraph(what, "dim"));
	}
	parts.push(
		paragraph(
			`Counted by stalemate ${result.stalemate}, profile ${result.profile}, version ${result.profileVersion}.`,
			"dim",
		),
	);
	return { title: `${result.trace?.name ?? "References"} on ${result.profile}`, parts };
}

/** Every number of a profile, to be opened. */
export function provenanceParts(profile: Profile): Html[] {
	const table = sheet(`Profile ${profile.id}, version ${profile.version}`, profileSheet(profile));
	const notes = (profile.notes ?? []).map((text) => paragraph(text, "dim"));
	return [folded(`Where the numbers of ${profile.id} come from`, [...notes, table])];
}

/** A curve for each cache and TLB that ever missed, and the numbers. */
function overTime({ intervals = [] }: SimulationResult): Html[] {
	if (intervals.length < 2) return [];
	const time = new TimeLine(undefined);
	for (const interval of intervals) time.add(interval);
	const drawn = [...time.levels()].filter(([, stretches]) => stretches.some(({ misses }) => misses > 0));
	const curves = drawn.map(([name, stretches]) => {
		return linesPicture(`${name}: miss ratio over time`, [{ name, points: pointsOf(stretches) }], {
			axes: ["references", ""],
			ticks: { y: percent },
			fromZero: true,
			logarithmic: false,
			height: 220,
		});
	});
	const shown = intervalSheet(intervals.slice(0, MOST_INTERVALS))!;
	const left = intervals.length - MOST_INTERVALS;
	const rest = left > 0 ? [paragraph(`${many(left, "more interval")} in the JSON`, "dim")] : [];
	return [...pictures(curves), folded("Miss ratios in numbers", [sheet("Miss ratios by interval", shown), ...rest])];
}

/** Each stretch at its middle; those without look-ups leave out their point. */
function pointsOf(stretches: readonly Stretch[]): [number, number][] {
	let before = 0;
	return stretches.flatMap(({ references, accesses, misses }): [number, number][] => {
		const at = before + references / 2;
		before += references;
		return accesses > 0 ? [[Math.round(at), misses / accesses]] : [];
	});
}
