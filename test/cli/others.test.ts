import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseProfile, profileNames, VERSION } from "../../src/index.ts";
import { stalemate, succeeds } from "./cli.ts";

describe("stalemate profiles", () => {
	it.each([["profiles"], ["profiles", "list"]])("%s %s lists all of them", async (...args) => {
		const text = await succeeds(args);
		expect(text).toContain("also take haswell-ep-64");
		for (const id of profileNames()) expect(text).toMatch(new RegExp(`^${id} `, "m"));
		for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
	});

	it("lists them as JSON", async () => {
		const rows = JSON.parse(await succeeds(["profiles", "list", "--json"]));
		expect(rows.map(({ id }: { id: string }) => id)).toEqual(profileNames());
	});

	it("shows each with its numbers and their sources", async () => {
		const text = await succeeds(["profiles", "show", "broadwell"]);
		expect(text).toMatch(/^caches\.L3\.latency +54 +cycles +\w+ +49 to 65/m);
		for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
	});

	it("shows one with changes as JSON that is a profile", async () => {
		const json = JSON.parse(await succeeds(["profiles", "show", "e500v2", "--json", "--set", "caches.L2.size=1M"]));
		expect(parseProfile(json)).toMatchObject({ basedOn: "e500v2", caches: { L2: { size: 2 ** 20 } } });
	});

	it.each([
		[["profiles", "show"], /needs NAME/],
		[["profiles", "show", "brodwell"], /did you mean "broadwell"/],
		[["profiles", "show", "zen3", "--set", "caches.L2.size=7"], /caches\.L2\.size/],
		[["profiles", "list", "x"], /takes no arguments/],
	])("%j is refused", async (args, message) => {
		const { status, stderr } = await stalemate(args);
		expect(stderr).toMatch(message);
		expect(status).toBe(2);
	});
});

describe("stalemate demo", () => {
	it("shows three machines side by side", async () => {
		const text = await succeeds(["demo"]);
		expect(text).toMatch(/^ +broadwell +e500v2 +pa8800$/m);
		expect(text).toMatch(/^cycles per reference( +\d+\.\d\d){3}$/m);
		const [file = ""] = /\S*sample\.packed\.gz/.exec(text) ?? [];
		expect(existsSync(file), file).toBe(true);
	});
});

describe("help", () => {
	it.each([
		[""],
		["trace"],
		["trace convert"],
		["trace curve"],
		["check"],
		["profiles"],
		["profiles list"],
		["profiles show"],
		["demo"],
	])("of %j has a description, options and examples", async (command) => {
		const args = command.split(" ").filter((word) => word !== "");
		const text = await succeeds([...args, "--help"]);
		expect(text).toMatch(/^Usage {2}stalemate/m);
		expect(text).toMatch(/^Examples\n {2}\S/m);
		expect(await succeeds([...args, "-h"])).toBe(text);
		for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
	});

	it("comes when nothing was asked", async () => {
		expect(await succeeds([])).toBe(await succeeds(["--help"]));
	});

	it("is not the version", async () => {
		expect(await succeeds(["--version"])).toBe(`${VERSION}\n`);
	});
});
