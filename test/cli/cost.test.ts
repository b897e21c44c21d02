import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stalemate, succeeds } from "./cli.ts";

let cwd: string;
beforeAll(() => {
	cwd = mkdtempSync(join(tmpdir(), "stalemate-cost-"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const SCENARIO = [
	"scenario look-up",
	"  profile broadwell",
	"  param cpus = 1..4",
	"  var table = 0",
	"  actor reader on each cpu",
	"    repeat:",
	"      load r0 <- table",
	"      work lookup",
	"",
].join("\n");

describe("stalemate cost", { timeout: 30_000 }, () => {
	it("prices a mechanism for several numbers of CPUs, and says that it rests on a fit", async () => {
		const text = await succeeds(["cost", "shootdown", "--threads", "2,4", "--param", "flavour=async"]);
		expect(text).toMatch(/^ +2 +1115\.0 .* calibrated$/m);
		expect(text).toMatch(/^ +4 +1289\.0 .* calibrated$/m);
		expect(text).toContain("Where the time goes");
		expect(text.replace(/\s+/g, " ")).toContain("Constants fitted to S2/before/1");
	});

	it("prices a file with a constant of its own, on another machine, as data and as a picture", async () => {
		writeFileSync(join(cwd, "look-up.scn"), SCENARIO);
		const args = [
			"cost",
			"look-up.scn",
			"--constant",
			"lookup=120ns",
			"--threads",
			"1,2",
			"--json",
			"--svg",
			"out.svg",
		];
		const { measurements } = JSON.parse(await succeeds([...args, "--profile", "zen3"], { cwd }));
		expect(measurements.map(({ threads }: { threads: number }) => threads)).toEqual([1, 2]);
		expect(measurements[0].profile).toBe("zen3");
		expect(measurements[0].ns).toBeGreaterThan(120);
		const svg = readFileSync(join(cwd, "out.svg"), "utf8");
		expect(svg).toMatch(/^<svg xmlns=.*<\/svg>\n$/s);
		expect(svg).toContain("look-up on zen3");
	});

	it("turns SMAP off, changes the machine, draws intervals", async () => {
		const of = async (...args: string[]) =>
			JSON.parse(await succeeds(["cost", "vhost-packet", "--param", "method=before", "--json", ...args]))
				.measurements[0];
		const [plain, off, dear] = [
			await of("--samples", "20"),
			await of("--no-smap"),
			await of("--set", "costs.accessOk=1000"),
		];
		expect(off.ns).toBeLessThan(plain.ns);
		expect(dear.ns).toBeGreaterThan(plain.ns + 300);
		expect(plain.interval.samples).toBe(20);
	});

	it.each([
		[["cost", "nowhere.scn"], /nowhere\.scn/],
		[["cost", "shootdown", "--threads", "0"], /--threads is "0"/],
		[["cost", "shootdown", "--threads", "48"], /haswell-ep has 24 CPUs/],
		[["cost", "L17"], /profile abstract .*\(memory\).*--profile broadwell/],
		[["cost", "L11"], /profile vipt-generic .*\(costs\.atomic\).*--profile broadwell/],
		[
			["cost", "shootdown", "--constant", "ipisend=90ns"],
			/constants\.ipisend is no cost of shootdown: did you mean "ipiSend"/,
		],
		[["profiles", "show", "haswell-ep64"], /did you mean "haswell-ep-64"/],
		[["cost", "shootdown", "--jitter", "2"], /--jitter is "2"/],
		[["cost", "shootdown", "--constant", "iteration=5"], /write NAME=VALUEns/],
		[
			["cost", "shootdown", "--constant", "iteration=-5ns"],
			/constants\.iteration\.value must be a number from 0 to \d+, found -5/,
		],
		[["cost", "shootdown", "--swap", "tape"], /hdd, sata, nvme/],
		[["reproduce", "S7"], /S0, S1, S2, S3, S4/],
		[["reproduce", "S0", "--line", "48"], /lines\.0 must be a power of two from 8 to 4096, found 48/],
		[["compare", "1,2,x", "3,4"], /x/],
		[["compare", "5,1", "3"], /3/],
		[["compare", "0,0", "1,1"], /before has only zeros/],
		[["compare", "1,2", "2,3", "--seed", "-1"], /--seed/],
	])("%o is refused in one line", async (args, message) => {
		const { status, stderr } = await stalemate(args);
		expect(status).toBe(2);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect(stderr).toMatch(/^error\[\w+\]: /);
		expect(stderr).toMatch(message);
	});
});

describe("stalemate reproduce", { timeout: 60_000 }, () => {
	it("prints tables as JSON, with for each cell what was published, what comes out, and how that is known", async () => {
		const { cells, sections } = JSON.parse(await succeeds(["reproduce", "S1", "S3", "--json"]));
		expect(sections.map(({ id }: { id: string }) => id)).toEqual(["S1", "S3"]);
		for (const cell of cells)
			expect(cell).toMatchObject({
				id: expect.any(String),
				simulated: expect.any(Number),
				basis: expect.any(String),
				calibratedOn: expect.any(Array),
			});
		const cell = cells.find(({ id }: { id: string }) => id === "S3/before/smap");
		expect(cell.published).toBe(5);
		expect(cell.error).toBeCloseTo(cell.simulated - 5, 10);
	});

	it("prints them for people, with plots, breakdowns and notes, or the tables alone; draws them", async () => {
		const text = await succeeds(["reproduce", "S3", "--svg", "plot"], { cwd });
		expect(text).toMatch(/before, SMAP on +5\.0 +5\.0 +0\.0 .*calibrated/);
		expect(text).toMatch(/dependency, SMAP on +5\.\d .*predicted +never measured/);
		expect(text).toContain("Where the time goes");
		expect(await succeeds(["reproduce", "S3", "--short"])).not.toContain("Where the time goes");
		expect(readFileSync(join(cwd, "plot-S3-1.svg"), "utf8")).toContain("<polyline");
	});

	it("runs all tables for a machine with a constant changed, and says which do not apply", async () => {
		const text = await succeeds(["reproduce", "S0", "S1", "S2", "--pti", "--samples", "0", "--short"]);
		expect(text).toMatch(
			/^S0 .*\n +on pa8800\n\n +Not applicable: profile pa8800 does not say what page-table isolation/m,
		);
		expect(text).toMatch(/before, 48 threads/);
		expect(await succeeds(["reproduce", "S2", "--set", "costs.atomic=30", "--samples", "0", "--short"])).toMatch(
			/async, 48 threads/,
		);
	});

	it("sets what was asked for beside the machine that was measured", async () => {
		const text = await succeeds(["reproduce", "S3", "--no-smap", "--short"]);
		expect(text).toMatch(/measured machine +this machine/);
		expect(text).toMatch(/before, SMAP on +5\.0 +6\.6 /);
	});
});

describe("stalemate compare", () => {
	it("says whether a gain is above noise", async () => {
		writeFileSync(join(cwd, "before.txt"), "23.181 23.55 23.506\n23.41 23.52\n");
		const text = await succeeds(["compare", "before.txt", "22.595,22.719,22.484,22.811,22.467"], { cwd });
		expect(text).toContain("-3.5 % stands out of the noise (Welch t 8.64, p < 0.001");
		const json = JSON.parse(await succeeds(["compare", "1,2,3", "1,2,4", "--json"]));
		expect(json.stands).toBe(false);
	});
});
