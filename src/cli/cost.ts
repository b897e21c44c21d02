import { type ArgsDef, defineCommand } from "citty";
import type { Measurement } from "../cost/index.ts";
import { VERSION } from "../index.ts";
import { PAGE } from "../report/table.ts";
import { count, flag, type Given, one, wrongCall } from "./arguments.ts";
import { paramsOf, readTests } from "./checking.ts";
import type { Command } from "./help.ts";
import { writeText } from "./input.ts";
import { machineOf, pricing, sharedOf, whatIfOptions, wholes } from "./pricing.ts";
import { out, print } from "./terminal.ts";

const args: ArgsDef = {
	file: {
		type: "positional",
		required: true,
		valueHint: "FILE",
		description: "a mechanism by its name, a scenario (- is standard input), or one of the catalogue (L52)",
	},
	...whatIfOptions,
	param: { type: "string", valueHint: "NAME=VALUE", description: "a parameter of the scenario; may be repeated" },
	constant: {
		type: "string",
		valueHint: "NAME=VALUE",
		description:
			"a cost that the profile does not have, or another one: iteration=480ns, accessOk=12cycles; may be repeated",
	},
	actor: { type: "string", valueHint: "NAME", description: "whose rounds are measured (default: the first thread)" },
	iterations: { type: "string", valueHint: "N", description: "rounds that are measured (default 1000)" },
	"warm-up": { type: "string", valueHint: "N", description: "rounds before (default 100)" },
	jitter: { type: "string", valueHint: "PART", description: "a price is off by at most this part of it (default 0)" },
	"flushes-in-flight": { type: "string", valueHint: "N", description: "line flushes of a CPU at a time (default 1)" },
	svg: {
		type: "string",
		valueHint: "FILE",
		description: "draw it: several numbers of CPUs as a curve, else what time goes to",
	},
	json: { type: "boolean", description: "print the measurements as JSON" },
};

export const cost: Command = {
	def: defineCommand({
		meta: { name: "cost", description: "What a scenario costs on simulated clocks, and where the time goes." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "cost",
	more: [
		"Mechanisms that ship: flush-page, classifier, shootdown, vhost-packet, vhost-sync. The program is the one that `check` " +
			"explores; what it costs is the profile's, with its ranges. What a fit chose is said: all that rests on it is a prediction.",
	],
	examples: [
		"stalemate cost shootdown --threads 2,4,8,16 --param flavour=async",
		"stalemate cost vhost-packet --param method=before --no-smap",
		"stalemate cost vhost-sync --param variant=spinlock --actor notifier",
		"stalemate cost my.scn --profile broadwell --constant lookup=120ns --samples 100",
	],
};

async function run(given: Given): Promise<void> {
	const { loadCost, measurementSvg, measurementText, pricedMechanisms } = await pricing();
	const what = given.get("")![0]!;
	const shipped = Object.hasOwn(pricedMechanisms, what) ? pricedMechanisms[what] : undefined;
	const source = shipped ? what : (await readTests([what]))[0]!.source;
	if (typeof source === "object" && "threads" in source)
		throw wrongCall(`${what} is a litmus test: what is priced is a scenario`, what);
	const own = shipped?.profile ?? (typeof source === "object" ? source.profile?.profile : undefined);
	const profile = await machineOf(given, own);
	const threads = wholes(given, "threads", 1, 64) ?? [undefined];
	const jitter = one(given, "jitter");
	if (jitter !== undefined && !(Number(jitter) >= 0 && Number(jitter) < 1))
		throw wrongCall(`--jitter is ${JSON.stringify(jitter)}: a part from 0 to below 1 is valid`, "--jitter");
	const iterations = count(given, "iterations", 1, 2 ** 31 - 1);
	const warmUp = count(given, "warm-up", 0, 2 ** 31 - 1);
	const inFlight = count(given, "flushes-in-flight", 1, 16);
	const actor = one(given, "actor");
	const core = await loadCost();
	const all: Measurement[] = threads.map((one) =>
		core.cost(source, {
			...sharedOf(given),
			...(profile && { profile }),
			params: paramsOf(given),
			constants: constantsOf(given),
			...(one !== undefined && { threads: one }),
			...(iterations !== undefined && { iterations }),
			...(warmUp !== undefined && { warmUp }),
			...(inFlight !== undefined && { flushesInFlight: inFlight }),
			...(actor !== undefined && { actor }),
			...(jitter !== undefined && { jitter: Number(jitter) }),
		}),
	);
	if (flag(given, "json")) print(JSON.stringify({ stalemate: VERSION, measurements: all }, undefined, "\t"));
	else print(measurementText(all, out, process.stdout.columns || PAGE).join("\n"));
	const svg = one(given, "svg");
	if (svg !== undefined) await writeText(svg, measurementSvg(all));
}

function constantsOf(given: Given) {
	const found: Record<string, { value: number; unit: "ns" | "cycles"; basis: "given" }> = {};
	for (const text of given.get("constant") ?? []) {
		const [, name, value, unit] = /^([^=]+)=([^a-z]+)(ns|cycles)$/.exec(text) ?? [];
		if (name === undefined)
			throw wrongCall(`--constant is ${JSON.stringify(text)}: write NAME=VALUEns or NAME=VALUEcycles`, "--constant");
		Object.defineProperty(found, name, {
			value: { value: Number(value), unit: unit as "ns" | "cycles", basis: "given" },
			enumerable: true,
		});
	}
	return found;
}
