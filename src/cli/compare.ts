import { type ArgsDef, defineCommand } from "citty";
import { VERSION } from "../index.ts";
import { count, flag, type Given, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { nameOf, readText } from "./input.ts";
import { pricing } from "./pricing.ts";
import { print } from "./terminal.ts";

const args: ArgsDef = {
	before: {
		type: "positional",
		required: true,
		description: "measurements before a change: a file of numbers, or numbers with commas between them",
	},
	after: { type: "positional", required: true, description: "the same, after it" },
	seed: { type: "string", valueHint: "N", description: "seed of the resampling (default 1)" },
	json: { type: "boolean", description: "print means, deviations, t, p and the interval as JSON" },
};

export const compareCommand: Command = {
	def: defineCommand({
		meta: { name: "compare", description: "Is my gain above noise? Two samples, before and after a change." },
		args,
		run: ({ data }) => run(data as Given),
	}),
	name: "compare",
	more: ["Welch's t test, and an interval of the change by resampling (2000 times, seeded)."],
	examples: ["stalemate compare before.txt after.txt", "stalemate compare 23.18,23.55,23.51 22.60,22.72,22.48"],
};

async function run(given: Given): Promise<void> {
	const { compare } = await pricing();
	const [before, after] = await Promise.all(given.get("")!.map(numbersOf));
	const found = compare(before!, after!, count(given, "seed", 0, 0xffff_ffff));
	if (flag(given, "json")) return print(JSON.stringify({ stalemate: VERSION, ...found }, undefined, "\t"));
	for (const [name, { mean, deviation, n }] of Object.entries({ before: found.before, after: found.after }))
		print(
			`${name.padEnd(6)}  mean ${mean.toPrecision(6)}, standard deviation ${deviation.toPrecision(3)}, ${n} values`,
		);
	print(`\n${found.sentence}`);
}

const LIST = /^[-+\d.eE_]+(,[-+\d.eE_]+)+$/;

async function numbersOf(text: string): Promise<number[]> {
	const isList = LIST.test(text);
	const words = (isList ? text : await readText(text)).split(/[\s,;]+/).filter((word) => word !== "");
	return words.map((word) => {
		const value = Number(word);
		if (Number.isFinite(value)) return value;
		throw wrongCall(`${isList ? "the list" : nameOf(text)} has ${JSON.stringify(word)}: numbers are needed`, text);
	});
}
