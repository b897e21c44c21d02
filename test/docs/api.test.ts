import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { publicApi } from "../../scripts/api.mjs";
import { ROOT } from "../cli/cli.ts";

const api = publicApi();

describe("the reference made of the declarations", () => {
	it("has every entry of the package that has types", () => {
		const { name, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
		const typed = Object.entries<string | { types?: string }>(exports).filter(([, target]) => {
			return typeof target === "object" && target.types !== undefined;
		});
		expect([...api.keys()]).toEqual(typed.map(([path]) => join(name, path)));
	});

	it("knows what is exported, under the name it has there", () => {
		const names = (entry: string) => api.get(entry)!.map(({ name }) => name);
		expect(names("stalemate")).toEqual(expect.arrayContaining(["load", "openTrace", "Profile", "SimulationResult"]));
		expect(names("stalemate/check")).toEqual(
			expect.arrayContaining(["loadCheck", "WeakAction", "mechanisms.tlbShootdown"]),
		);
		expect(names("stalemate")).not.toContain("resolve");
		const load = api.get("stalemate")!.find(({ name }) => name === "load")!;
		expect(load.text).toMatch(/^export declare function load\(/);
	});

	it.each([...api.keys()])("says something about every name of %s", (entry) => {
		expect(api.get(entry)!.flatMap(({ name, comment }) => (comment === "" ? [name] : []))).toEqual([]);
	});

	it.each([...api.keys()])("says something about every method of %s", (entry) => {
		expect(api.get(entry)!.flatMap(({ name, members }) => members.map((member) => `${name}.${member}`))).toEqual([]);
	});
});
