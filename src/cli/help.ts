import type { ArgDef, CommandDef } from "citty";
import type { Style } from "../report/style.ts";
import { PAGE, wrap } from "../report/table.ts";
import { letterOf, optionsOf, takesSeveral } from "./arguments.ts";

/** A command of ours: what citty knows of it, and what its help tells besides. */
export interface Command {
	def: CommandDef;
	/** As it is called: "trace convert". */
	name: string;
	examples: readonly string[];
	/** More than the description, paragraph by paragraph. */
	more?: readonly string[];
	commands?: readonly Command[];
}

/** citty's own help has colours for files, too, and no examples. */
export function help(command: Command, style: Style): string {
	const { name, def, examples, more = [], commands = [] } = command;
	const args = Object.entries(optionsOf((def.args ?? {}) as Record<string, ArgDef>));
	const positional = args.filter(([, arg]) => arg.type === "positional");
	const options = args.filter(([, arg]) => arg.type !== "positional");
	const call = ["stalemate", name, ...positional.map(([word, arg]) => place(word, arg))].filter((part) => part !== "");
	const lines = [...wrap((def.meta as { description: string }).description, PAGE), ""];
	for (const paragraph of more) lines.push(...wrap(paragraph, PAGE), "");
	lines.push(
		`${style.bold("Usage")}  ${call.join(" ")}${commands.length > 0 && name === "" ? " COMMAND" : ""} [options]`,
		"",
	);
	if (commands.length > 0) {
		lines.push(style.bold("Commands"));
		lines.push(
			...pairs(
				commands.map((one) => [one.name, (one.def.meta as { description: string }).description]),
				style,
			),
			"",
		);
	}
	if (positional.length > 0) {
		lines.push(
			...pairs(
				positional.map(([word, arg]) => [place(word, arg), arg.description ?? ""]),
				style,
			),
			"",
		);
	}
	lines.push(style.bold("Options"));
	lines.push(
		...pairs(
			options.map(([word, arg]) => [option(word, arg), arg.description ?? ""]),
			style,
		),
		"",
	);
	lines.push(style.bold("Examples"), ...examples.map((example) => `  ${example}`));
	if (name === "") lines.push("", "stalemate COMMAND --help tells more about a command.");
	return lines.join("\n");
}

function place(word: string, arg: ArgDef): string {
	const name = takesSeveral(arg) ? `${word.toUpperCase()}…` : word.toUpperCase();
	return arg.required === false ? `[${name}]` : name;
}

function option(word: string, arg: ArgDef): string {
	const letter = letterOf(arg);
	return `${letter === undefined ? "" : `-${letter}, `}--${word}${arg.type === "boolean" ? "" : ` ${arg.valueHint ?? "VALUE"}`}`;
}

const WIDEST = 30;

function pairs(rows: [string, string][], style: Style): string[] {
	const width = Math.min(WIDEST, Math.max(...rows.map(([left]) => left.length)));
	return rows.flatMap(([left, text]) => {
		const [first = "", ...rest] = wrap(text, PAGE - width - 4);
		const indent = " ".repeat(width + 4);
		const head =
			left.length > width
				? [`  ${style.cyan(left)}`, indent + first]
				: [`  ${style.cyan(left.padEnd(width))}  ${first}`];
		return [...head, ...rest.map((line) => indent + line)];
	});
}
