import { type ArgsDef, defineCommand } from "citty";
import { many } from "../report/numbers.ts";
import { flag, type Given, list, wrongCall } from "./arguments.ts";
import type { Command } from "./help.ts";
import { sweeping } from "./sweeping.ts";
import { print } from "./terminal.ts";

const args: ArgsDef = {
	folders: { type: "positional", required: true, valueHint: "FOLDER…", description: "two sweeps" },
	by: {
		type: "string",
		valueHint: "NAME[,NAME…]",
		description: "columns that say which points are the same (default: all axes of both, else the key)",
	},
	json: { type: "boolean", description: "print the differences as JSON" },
};

export const diff: Command = {
	def: defineCommand({
		meta: { name: "diff", description: "Compares two sweeps, point by point. Exit code 1: they differ." },
		args,
		async run({ data }) {
			const given = data as Given;
			const folders = given.get("") ?? [];
			if (folders.length !== 2) throw wrongCall(`sweep diff compares two sweeps, found ${folders.length}`);
			const { axesOf, diffSweeps, readRows, shown } = await sweeping();
			const [a, b] = [await readRows(folders[0]!), await readRows(folders[1]!)];
			const by = list(given, "by");
			const others = axesOf(b.setup.spec);
			const axes = by.length > 0 ? by : axesOf(a.setup.spec).filter((path) => others.includes(path));
			const differences = diffSweeps(a.rows, b.rows, axes);
			if (differences.length > 0) process.exitCode = 1;
			if (flag(given, "json")) return print(JSON.stringify(differences, undefined, "\t"));
			for (const { point, columns, only } of differences) {
				const place = Object.entries(point)
					.map(([name, cell]) => `${name}=${shown(cell)}`)
					.join(" ");
				if (only) print(`${place}: only in ${folders[only === "first" ? 0 : 1]}`);
				else
					print(
						`${place}: ${Object.entries(columns!)
							.map(([name, [x, y]]) => `${name} ${shown(x)} -> ${shown(y)}`)
							.join(", ")}`,
					);
			}
			print(
				differences.length === 0
					? "no differences"
					: `${many(differences.length, "point")} of ${Math.max(a.rows.length, b.rows.length)} differ`,
			);
		},
	}),
	name: "sweep diff",
	examples: ["stalemate sweep diff before after", "stalemate sweep diff broadwell zen3 --by profile.caches.L1D.size"],
};
