import { optionsOf } from "../../input/options.ts";
import { leaf, object, record } from "../../input/shape.ts";
import type { EngineOptions } from "../engine.ts";
import { engineRules, limitRules, worker } from "../options.ts";
import type { Row } from "../results.ts";
import { type LimitOptions, type Planned, planOn, sweepOn } from "../sweep.ts";
import type { SweepSpec } from "../types.ts";
import { browserHost, type Inputs, type MakeWorker } from "./host.ts";

/** How a sweep is run in a browser. */
export interface SweepOptions extends LimitOptions, EngineOptions {
	/** What the specification's inputs are, by the names that it gives them: text, bytes or files. */
	inputs: Inputs;
	/** Makes a worker; default: of the file that this package has for it. */
	worker?: MakeWorker;
}

const inputs = () => record(leaf((value) => value as Inputs[string]));

function ownWorker(): Worker {
	return new Worker(new URL("./sweep-worker-browser.js", import.meta.url), { type: "module" });
}

/** What a sweep would run, and how. Throws BAD_SWEEP, IO, UNKNOWN_PROFILE, BAD_PROFILE, BAD_OPTION. */
export async function planSweep(spec: SweepSpec, given: LimitOptions & Pick<SweepOptions, "inputs">): Promise<Planned> {
	const options = optionsOf(object({ ...limitRules(), inputs: inputs() }, ["inputs"]), given);
	return planOn(browserHost(options.inputs, ownWorker), spec, options);
}

/**
 * Runs a sweep in workers of the page and tells rows as they come, in no particular order; nothing more is begun while nobody
 * asks for one. Traces are shared by the workers where the page is isolated (COOP and COEP), else copied. Throws what
 * planSweep does, what a trace that cannot be read throws, CANCELLED after `signal`.
 */
export async function* sweep(spec: SweepSpec, given: SweepOptions): AsyncGenerator<Row, void, undefined> {
	const rules = { ...limitRules(), ...engineRules(), inputs: inputs(), worker: worker<MakeWorker>() };
	const options = optionsOf(object(rules, ["inputs"]), given);
	yield* sweepOn(browserHost(options.inputs, options.worker ?? ownWorker), spec, options);
}
