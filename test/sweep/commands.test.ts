import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { curve, heatMap, pareto, type Row } from "../../src/sweep/index.ts";
import { stalemate, succeeds } from "../cli/cli.ts";
import { folder, GEOMETRIES } from "./common.ts";

const here = folder();
const file = join(here, "l1.sweep.json");
const out = join(here, "l1");
const at = (name: string) => join(here, name);
let said: string;

beforeAll(async () => {
	writeFileSync(file, JSON.stringify({ ...GEOMETRIES, outputs: ["L1D.misses", "L1D.missRatio"] }));
	said = await succeeds(["sweep", "run", file, "-o", out, "--format", "csv,json", "--workers", "1", "--json"]);
});

describe("sweep run", () => {
	test("tells progress and the end in lines of JSON", () => {
		const lines = said
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(lines.every((line) => "progress" in line || "finished" in line)).toBe(true);
		expect(lines.at(-1).finished).toMatchObject({ done: 28, total: 28, failed: 0, before: 0 });
		expect(lines.at(-1).finished.files).toEqual([join(out, "results.csv"), join(out, "results.json")]);
	});

	test("names outputs that no point has", async () => {
		const spec = { ...GEOMETRIES, outputs: ["L1D.misses", "L9.misses", "L1D.m*"] };
		const odd = at("odd.sweep.json");
		writeFileSync(odd, JSON.stringify(spec));
		const { status, stderr } = await stalemate(["sweep", "run", odd, "-o", at("odd"), "--workers", "1"]);
		expect(status).toBe(0);
		expect(stderr).toMatch(/warning: outputs: no point has a column "L9\.misses"/);
		expect(stderr.match(/no point has/g)).toHaveLength(1);
	});

	test("is refused in a folder that has a sweep, and resume finds nothing to do", async () => {
		const { status, stderr } = await stalemate(["sweep", "run", file, "-o", out]);
		expect([status, stderr]).toEqual([
			2,
			expect.stringMatching(/^error\[BAD_JOURNAL\].*go on with it by sweep resume/),
		]);
		expect(await succeeds(["sweep", "resume", out])).toContain("28 points, 28 of them from before");
	});

	test("says with exit code 1 that a point failed, and resume --retry-failed runs it again", async () => {
		writeFileSync(at("few.din"), "0 10\n".repeat(20));
		const spec = {
			verb: "trace",
			inputs: { trace: "few.din", profile: "zen3" },
			axes: [{ path: "warmup", list: [0, 19, 20] }],
		};
		writeFileSync(at("failing.sweep.yaml"), JSON.stringify(spec));
		const args = ["sweep", "run", at("failing.sweep.yaml"), "-o", at("failing"), "--format", "csv", "--workers", "0"];
		const { status, stdout } = await stalemate(args);
		expect([status, stdout]).toEqual([1, expect.stringContaining("3 points, 1 failed")]);
		expect(readFileSync(at("failing/results.csv"), "utf8")).toMatch(/failed,20,.*BAD_OPTION: warmup is 20/);
		const again = await stalemate(["sweep", "resume", at("failing"), "--retry-failed", "--workers", "0"]);
		expect([again.status, again.stdout]).toEqual([1, expect.stringContaining("2 of them from before, 1 failed")]);
	});
});

describe("sweep plan", () => {
	test("says what one pass counts", async () => {
		expect(await succeeds(["sweep", "plan", file])).toMatch(/28 points to run\n +one pass for 28 points/);
		const planned = JSON.parse(await succeeds(["sweep", "plan", file, "--json"]));
		expect(planned).toMatchObject({ product: 28, filtered: 0, repeated: 0, points: 28 });
		expect(planned.units[0]).toMatchObject({ how: "one-pass", families: [{ of: "fetch" }, { of: "data", line: 64 }] });
	});

	test.each<[string, object, RegExp]>([
		["an unknown axis", { axes: [{ path: "profile.caches.L1D.wais", list: [1] }] }, /BAD_OPTION.*"ways"/],
		["an unknown key", { axis: [] }, /BAD_SWEEP.*did you mean "axes"/],
		["an empty product", { filters: ["profile.caches.L1D.ways > 99"] }, /BAD_SWEEP.*leave nothing of 28 points/],
		[
			"too many points",
			{ axes: [{ path: "seed", range: { from: 1, to: 200_000 } }] },
			/BAD_SWEEP.*200000 points.*--yes/,
		],
		["no such trace", { inputs: { ...GEOMETRIES.inputs, trace: "nowhere" } }, /IO.*nowhere: there is no such file/],
	])("has one clear error for %s", async (name, change, what) => {
		const bad = at(`${name.replaceAll(" ", "-")}.json`);
		writeFileSync(bad, JSON.stringify({ ...GEOMETRIES, ...change }));
		const { status, stderr } = await stalemate(["sweep", "plan", bad]);
		expect([status, stderr]).toEqual([2, expect.stringMatching(what)]);
		expect(stderr.trim().split("\n")).toHaveLength(1);
	});
});

describe("sweep show", () => {
	test("has a table, sorted and cut as asked", async () => {
		const text = await succeeds(["sweep", "show", out, "--columns", "profile.caches.L1D.size,L1D.misses", "--json"]);
		expect(JSON.parse(text)).toHaveLength(28);
		const { stdout, stderr } = await stalemate(["sweep", "show", out, "--sort", "L1D.misses", "--top", "3"]);
		expect(stdout.trim().split("\n")).toHaveLength(4);
		expect(stderr).toContain("25 more rows: --top 28");
	});

	test("draws heat maps and curves, and picks Pareto fronts", async () => {
		const [size, ways] = ["profile.caches.L1D.size", "profile.caches.L1D.ways"];
		const heat = await succeeds(["sweep", "show", out, "--heat", `${ways},${size},L1D.missRatio`]);
		expect(heat.split("\n")[0]).toBe(`L1D.missRatio: ${size} down, ${ways} across`);
		expect(heat).toContain("██");
		expect(await succeeds(["sweep", "show", out, "--curve", `${size},L1D.missRatio,${ways}`])).toContain("○ 2");
		const front = JSON.parse(await succeeds(["sweep", "show", out, "--pareto", `${size},L1D.misses`, "--json"]));
		const misses = front.map((row: Row) => row["L1D.misses"]);
		expect(misses).toEqual([...misses].sort((a, b) => b - a));
		expect(front.length).toBeLessThanOrEqual(7);
	});

	test("names the column that was meant", async () => {
		const { status, stderr } = await stalemate(["sweep", "show", out, "--sort", "L1D.mises"]);
		expect([status, stderr]).toEqual([2, expect.stringContaining('"L1D.misses"')]);
	});
});

describe("sweep diff", () => {
	test("says that nothing differs, or what does", async () => {
		expect(await succeeds(["sweep", "diff", out, out])).toBe("no differences\n");
		const other = { ...GEOMETRIES, inputs: { ...GEOMETRIES.inputs, profile: "zen3" }, outputs: ["L1D.misses"] };
		other.axes = [GEOMETRIES.axes![0]!, { path: "profile.caches.L1D.ways", list: [1, 16] }];
		writeFileSync(at("zen3.sweep.json"), JSON.stringify(other));
		await succeeds(["sweep", "run", at("zen3.sweep.json"), "-o", at("zen3"), "--workers", "0"]);
		const { status, stdout } = await stalemate(["sweep", "diff", out, at("zen3")]);
		expect([status, stdout]).toEqual([1, expect.stringMatching(/only in .*zen3\n/)]);
		const data = JSON.parse((await stalemate(["sweep", "diff", out, at("zen3"), "--json"])).stdout);
		expect(data.some(({ columns }: { columns?: object }) => columns && "L1D.missRatio" in columns)).toBe(true);
	});
});

describe("pictures of rows", () => {
	const rows = [1, 2, 3].flatMap((x) =>
		[10, 20].map(
			(y) => ({ key: `${x}${y}`, status: "ok", error: null, x, y, z: x * y, w: 100 - x * y }) as unknown as Row,
		),
	);

	test("are right", () => {
		expect(heatMap(rows, "x", "y", "z")).toEqual([
			"z: y down, x across",
			"     1     2     3",
			"10  10    20 ░░ 30 ▒▒",
			"20  20 ░░ 40 ▒▒ 60 ██",
		]);
		expect(curve(rows, "x", "z", "y", 20).at(-1)).toBe("y: ● 10  ○ 20");
		expect(pareto(rows, "z", "w").map(({ z }) => z)).toEqual([10, 20, 30, 40, 60]);
		expect(pareto(rows, "z", "z").map(({ z }) => z)).toEqual([10]);
	});
});
