import type { Check } from "../../check/index.ts";
import type { Profile, Stalemate } from "../../index.ts";
import type { Columns } from "../columns.ts";
import type { Common } from "../host.ts";
import type { SweepInputs, SweepVerb, Value } from "../types.ts";

/** What a point is made of: its values on the axes, and the inputs of all. */
export interface Place {
	inputs: SweepInputs;
	/** From an axis, else from the inputs. */
	value(name: keyof SweepInputs): Value | undefined;
	/** The same, a whole number. Throws BAD_SWEEP. */
	whole(name: keyof SweepInputs, otherwise: number, least?: number): number;
	flag(name: keyof SweepInputs, otherwise: boolean): boolean;
	/** The full name of the verb's file. Throws BAD_SWEEP where there is none. */
	file(): string;
	/** Throws BAD_SWEEP where none is named. */
	profile(): Profile;
	/** As it is named, where neither axes nor `sets` change it; undefined: none is named. */
	named(): string | Profile | undefined;
	params: Record<string, Value>;
}

/** What runs jobs in one thread have in common. */
export interface Tools {
	common: Common;
	core(): Promise<Stalemate>;
	check(): Promise<Check>;
	/** A scenario. */
	text(place: string): Promise<string>;
}

/** What can be run at every point. */
export interface Verb<J extends { verb: SweepVerb }> {
	/** Columns that people look at first; `*` stands for anything. */
	usual: readonly string[];
	/** The input that is the file: a sweep is about what is in it. */
	file: "trace" | "scenario";
	/** Inputs that it has, beside the file; those of `varied` can be axes, too. */
	inputs: readonly (keyof SweepInputs)[];
	varied: readonly (keyof SweepInputs)[];
	/** Data that decides the result, together with the content of the file that it names. */
	job(place: Place): J;
	/** Makes what runs jobs one after the other. */
	runner(tools: Tools): (job: J, signal: AbortSignal | undefined) => Promise<Columns>;
}
