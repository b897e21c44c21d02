import { existsSync } from "node:fs";
import { type ArgsDef, defineCommand, runCommand } from "citty";
import { VERSION } from "../index.ts";
import { near, suggestion } from "../input/words.ts";
import { read, wrongCall } from "./arguments.ts";
import { check } from "./check.ts";
import { compareCommand } from "./compare.ts";
import { cost } from "./cost.ts";
import { demo } from "./demo.ts";
import { explain } from "./explain.ts";
import { fail } from "./failure.ts";
import { type Command, help } from "./help.ts";
import { profiles } from "./profiles.ts";
import { report } from "./report.ts";
import { reproduceCommand } from "./reproduce.ts";
import { scenarios } from "./scenarios.ts";
import { sweep } from "./sweep.ts";
import { out, print, quietPipes } from "./terminal.ts";
import { trace } from "./trace.ts";

const args: ArgsDef = { version: { type: "boolean", alias: "V", description: "print the version" } };

const stalemate: Command = {
	def: defineCommand({
		meta: {
			name: "stalemate",
			description:
				"A trace-driven simulator of caches, TLBs and page walks, and a checker of what relies on them, and of what it costs.",
		},
		args,
	}),
	name: "",
	examples: [
		"stalemate demo",
		"stalemate trace app.lackey.gz --profile broadwell",
		"stalemate trace convert app.lackey.gz -o app.packed",
		"stalemate check L02 --profile pa8800",
		"stalemate cost shootdown --threads 2,4,8",
		"stalemate reproduce S2",
		"stalemate report result.json -o result.html",
		"stalemate profiles show broadwell",
	],
	commands: [
		trace,
		...(trace.commands ?? []),
		check,
		explain,
		cost,
		reproduceCommand,
		compareCommand,
		report,
		sweep,
		...(sweep.commands ?? []),
		scenarios,
		...(scenarios.commands ?? []),
		profiles,
		...(profiles.commands ?? []),
		demo,
	],
};

/** The command that a call names, and what is left of the call. */
function find(rawArgs: string[]): { command: Command; rest: string[] } {
	let command = stalemate;
	let rest = rawArgs;
	while (rest[0] !== undefined && !rest[0].startsWith("-")) {
		const below = (command.commands ?? []).filter(({ name }) => name.split(" ").length === wordsOf(command) + 1);
		const name = `${command.name} ${rest[0]}`.trim();
		const next = below.find((one) => one.name === name);
		if (!next) {
			if (below.length === 0) break;
			if (takesArguments(command)) {
				refuseMisspelt(rest[0]);
				break;
			}
			throw wrongCall(`there is no command ${JSON.stringify(name)}: ${meant(rest[0], name, below)}`, rest[0]);
		}
		command = next;
		rest = rest.slice(1);
	}
	return { command, rest };
}

/** What somebody wanted who wrote a word that is no command there. */
function meant(word: string, name: string, below: Command[]): string {
	const deeper = (stalemate.commands ?? []).find((one) => one.name.endsWith(` ${word}`));
	if (deeper) return `did you mean "${deeper.name}"?`;
	if (/[./]/.test(word)) return `for a file, write stalemate ${verbFor(word, below)} ${word}`;
	return suggestion(
		name,
		below.map((one) => one.name),
	);
}

/** What is most often done with such a file. */
function verbFor(file: string, below: Command[]): string {
	const group = below.find(({ name }) => / (run|show)$/.test(name));
	return group?.name ?? (/\.(scn|litmus)$/.test(file) ? "check" : "trace");
}

/** An argument that is no file and nearly a command was meant as one. */
function refuseMisspelt(word: string): void {
	const names = (stalemate.commands ?? []).map(({ name }) => name);
	const last = (name: string) => name.split(" ").at(-1)!;
	const found = near(word, names.map(last));
	if (found === undefined || existsSync(word)) return;
	const name = names.find((one) => last(one) === found);
	throw wrongCall(`there is neither a file nor a command ${JSON.stringify(word)}: did you mean "${name}"?`, word);
}

function wordsOf({ name }: Command): number {
	return name === "" ? 0 : name.split(" ").length;
}

function takesArguments({ def }: Command): boolean {
	return Object.values((def.args ?? {}) as ArgsDef).some(({ type }) => type === "positional");
}

async function main(rawArgs: string[]): Promise<void> {
	const { command, rest } = find(rawArgs);
	const name = command.name || "stalemate";
	const given = read(rest, (command.def.args ?? {}) as ArgsDef, name);
	if (given.has("help")) return print(help(command, out));
	if (given.has("version")) return print(VERSION);
	if (command === stalemate) return print(help(stalemate, out));
	await runCommand(command.def, { rawArgs: rest, data: given });
}

quietPipes();
const rawArgs = process.argv.slice(2);
try {
	await main(rawArgs);
} catch (error) {
	fail(error, rawArgs.includes("--json"));
}
