import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasWorked, ROOT, stalemate, succeeds } from "./cli.ts";

const alias = join(ROOT, "test/check/scenarios/clean-alias.scn");
const shootdown = join(ROOT, "test/check/scenarios/shootdown.scn");
const SB = join(ROOT, "test/litmus/x86/SB.litmus");

interface Run {
	profile: string;
	model: string;
	verdict: string;
}

let cwd: string;
const file = (name: string, text: string) => {
	writeFileSync(join(cwd, name), text);
	return name;
};

/** Four CPUs that count for ever: 256^4 states. */
const ENDLESS = [
	"scenario endless",
	...[0, 1, 2, 3].map((i) => `  var x${i} = 0`),
	...[0, 1, 2, 3].flatMap((i) => [`  actor a${i} on cpu ${i}`, `    repeat: rmw.add x${i}, 1`]),
	"",
].join("\n");

const WRONG = readFileSync(alias, "utf8").replace(/expect .*/, "expect pa8800 SAFE, vipt-generic LATENT");

beforeAll(() => {
	cwd = mkdtempSync(join(tmpdir(), "stalemate-check-"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe("stalemate check", { timeout: 30_000 }, () => {
	it("runs what a file expects something of, and ends with 0 when all of it holds", async () => {
		const text = await succeeds(["check", alias]);
		expect(text).toMatch(/^ok +clean-alias +vipt-generic +sc +LATENT/m);
		expect(text).toMatch(/^ok +clean-alias +pa8800 +sc +STALE/m);
		expect(text).toContain("4 runs, all as expected");
	});

	it("shows the schedule of a single run, no wider than the page", async () => {
		const text = await succeeds(["check", alias, "--profile", "pa8800"]);
		expect(text).toMatch(/CPU0: kernel, user +shared +stale now/);
		expect(text).toMatch(/user: load r1 <- U \*\*\* STALE/);
		expect(text).toContain("CPU0 cached P under K at step 1 (load r0 <- K);");
		for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
	});

	it("ends with 1 and shows why when an expectation does not hold", async () => {
		const { status, stdout } = await stalemate(["check", file("wrong.scn", WRONG)], { cwd });
		expect(status).toBe(1);
		expect(stdout).toMatch(/^NO +clean-alias +pa8800 +sc +STALE +pa8800 SAFE/m);
		expect(stdout).toContain("2 runs, 1 not as expected");
		expect(stdout).toContain("*** STALE");
	});

	it("ends with 1 at a hazard where nothing is expected", async () => {
		const text = readFileSync(alias, "utf8").replace(/expect .*/, "");
		expect((await stalemate(["check", file("none.scn", text)], { cwd })).status).toBe(1);
	});

	it.each([[["--states", "2k"]], [["--depth", "5"]], [["--time", "0.05"]]])(
		"ends with 3 when %j is not enough",
		async (bound) => {
			const { status, stdout } = await stalemate(["check", file("endless.scn", ENDLESS), ...bound], { cwd });
			expect(status).toBe(3);
			expect(stdout).toMatch(/INCOMPLETE \((states|depth|time)\)/);
			expect(stdout).toMatch(/stopped\s(at the bound|after)/);
		},
	);

	it("ends with 3 and what was covered after Ctrl-C", async () => {
		const args = ["check", file("endless.scn", ENDLESS), alias, "--states", "400M", "--json"];
		const { status, stdout, stderr } = await stalemate(args, {
			cwd,
			during: (child) => void hasWorked(child, 1.5).then(() => child.kill("SIGINT")),
		});
		const { runs } = JSON.parse(stdout);
		expect(runs).toHaveLength(1);
		expect(runs[0]).toMatchObject({ verdict: "INCOMPLETE", complete: false });
		expect(runs[0].states).toBeGreaterThan(0);
		expect(stderr).toContain("4 of 5 runs were not made");
		expect(status).toBe(3);
	});

	it("prints runs as JSON", async () => {
		const { runs } = JSON.parse(await succeeds(["check", alias, "--json"]));
		expect(runs).toHaveLength(4);
		const stale = runs.find((run: { profile: string }) => run.profile === "pa8800");
		expect(Object.keys(stale).sort()).toEqual(
			[
				...["id", "scenario", "params", "profile", "model", "expected", "verdict", "codes", "hazards", "trace", "ok"],
				...["complete", "states", "transitions", "depth", "reductions", "bounds", "story"],
			].sort(),
		);
		expect(stale).toMatchObject({ verdict: "HAZARD", codes: ["STALE"], ok: true, expected: "pa8800 STALE" });
		expect(stale.hazards[0]).toEqual({
			...{ code: "STALE", actor: "user", step: stale.trace.length, line: 20 },
			what: "user reads an older version of P than the latest",
		});
		expect(stale.trace.at(-1)).toMatchObject({ actor: "user", cpu: 0, hazards: ["STALE"], text: "load r1 <- U" });
	});

	it("checks parameters one by one, or all of them", async () => {
		const args = ["check", shootdown, "--param", "cpus=2", "--param", "rounds=1", "--json"];
		const one = JSON.parse(await succeeds([...args, "--param", "flavour=async"])).runs;
		expect(one.map(({ params }: { params: object }) => params)).toMatchObject([{ cpus: 2, flavour: "async" }]);
		const all = JSON.parse(await succeeds([...args, "--param", "nmi=none", "--all-params"])).runs;
		expect(all).toHaveLength(3 * 2 * 2);
	});

	it("takes profiles with options, and models", async () => {
		const matrix = join(ROOT, "scenarios/parisc/matrix-d.scn");
		const profiles = "vipt-generic{speculativeMoveIn=no},vipt-generic{speculativeMoveIn=yes}";
		const { runs } = JSON.parse(
			await succeeds(["check", matrix, "--profile", profiles, "--model", "sc,tso", "--json"]),
		);
		expect(runs.map(({ model, codes }: { model: string; codes: string[] }) => `${model} ${codes}`)).toEqual([
			"sc ",
			"tso ",
			"sc STALE",
			"tso STALE",
		]);
	});

	it("prints litmus tests as herd does, and reads standard input", async () => {
		const text = await succeeds(["check", SB]);
		expect(text).toContain("Test SB Allowed\nStates 4\n0:EAX=0; 1:EAX=0;\n");
		expect(text).toContain("Observation SB Sometimes 1 3");
		const { runs } = JSON.parse(
			await succeeds(["check", "-", "--model", "all", "--json"], { input: readFileSync(SB) }),
		);
		expect(runs.map(({ observation }: { observation: string }) => observation)).toEqual([
			"Never",
			"Sometimes",
			"Sometimes",
			"Sometimes",
		]);
		expect(runs[1]).toMatchObject({ positive: 1, negative: 3, verdict: "SAFE", ok: true });
		expect(runs[1].finalStates).toHaveLength(4);
	});

	it("writes a picture, a diagram and a test", async () => {
		const files = ["--svg", "a.svg", "--mermaid", "a.mmd", "--test", "a.test.ts"];
		await succeeds(["check", alias, "-p", "pa8800", ...files], { cwd });
		expect(readFileSync(join(cwd, "a.svg"), "utf8")).toMatch(/^<svg /);
		expect(readFileSync(join(cwd, "a.mmd"), "utf8")).toMatch(/^sequenceDiagram\n/);
		const test = readFileSync(join(cwd, "a.test.ts"), "utf8");
		expect(test).toContain('import { loadCheckSync } from "stalemate/check";');
		expect(test).toContain('expect(hazards).toContain("STALE");');
	});

	it("writes no files when there is nothing to show", async () => {
		const { status, stderr } = await stalemate(["check", alias, "-p", "abstract", "--svg", "b.svg"], { cwd });
		expect(stderr).toContain("there is nothing to draw");
		expect(() => readFileSync(join(cwd, "b.svg"))).toThrow();
		expect(status).toBe(0);
	});

	const head = "scenario x\n  page P\n  map U -> P user\n  var v = 0\n  actor a on cpu 0\n";
	it.each([
		["a page that is not there", "scenario x\n  page P\n  map U -> Q user\n  actor a on cpu 0\n    load r <- U\n", 3],
		["a mapping that is not there", `${head}    load r <- Z\n`, 6],
		["a label that is not there", `${head}    label start\n    load r <- v\n    if r == 0: goto begin\n`, 8],
		["a verb that is not there", `${head}    lod r <- v\n`, 6],
		["a register that nothing sets", `${head}    store v <- nothing\n`, 6],
		["an actor that is not there", `${head}    join b\n`, 6],
		["no scenario at all", "hello\n", 1],
		["a litmus test of a thread that is not there", "X86 a\n{}\n P0 ;\n MOV EAX,$1 ;\nexists (1:EAX=1)\n", 5],
		["a test for another architecture", "AArch64 a\n{}\n P0 ;\n NOP ;\nexists (0:X0=1)\n", 1],
	])("refuses %s, shows the line with a mark under the place, and ends with 2", async (_, text, line) => {
		const { status, stdout, stderr } = await stalemate(["check", file("bad.scn", text)], { cwd });
		expect(stderr).toMatch(/^error\[(SCENARIO|LITMUS)_[A-Z]+\]: bad\.scn/);
		expect(stderr).toContain(text.split("\n")[line - 1]!.trim());
		expect(stderr).toMatch(/^ *\^+$/m);
		expect(stdout).toBe("");
		expect(status).toBe(2);
		const json = await stalemate(["check", "bad.scn", "--json"], { cwd });
		expect(json.status).toBe(2);
		const { error } = JSON.parse(json.stderr);
		expect(error.place).toMatchObject({ file: "bad.scn", line });
		expect(error.message).not.toContain("\n");
	});

	it.each([
		[["--profile", "pa8801"], /UNKNOWN_PROFILE.*did you mean "pa8800"/],
		[["--profile", "pa8800{speculativeMove=no}"], /speculativeMoveIn/],
		[["--model", "power"], /sc, tso, arm8, rcpc and all/],
		[["--param", "colour=1"], /has no parameter "colour"/],
		[["--param", "colour"], /NAME=VALUE/],
		[["--states", "none"], /--states/],
		[["--window", "9"], /from 1 to 8/],
		[["--time", "-1"], /--time/],
		[["--caches", "some"], /telling and all/],
		[["--al-params"], /did you mean "--all-params"/],
		[["--profile-file", "none.json"], /none\.json: there is no such file/],
	])("refuses %j", async (args, message) => {
		const { status, stderr } = await stalemate(["check", alias, ...args]);
		expect(stderr).toMatch(message);
		expect(status).toBe(2);
	});

	it("runs on machines of one's own, beside others, and is refused two of one name", async () => {
		const mine = file("mine.json", '{ "extends": "pa8800", "id": "mine", "memoryModel": "tso" }');
		const args = ["check", alias, "--profile", "vipt-generic", "--profile-file", mine, "--json"];
		const { runs } = JSON.parse((await stalemate(args, { cwd })).stdout);
		expect(runs.map(({ profile, model, verdict }: Run) => [profile, model, verdict])).toEqual([
			["vipt-generic", "sc", "LATENT"],
			["mine", "tso", "HAZARD"],
		]);
		const pooled = await stalemate(["check", "L06", "--profile-file", mine, "--weaken"], { cwd });
		expect(pooled.stdout).toMatch(/ mine /);
		const twice = await stalemate(["check", alias, "--profile-file", mine, "--profile-file", mine], { cwd });
		expect(twice.stderr).toMatch(/gives "mine" twice/);
		const story = await stalemate(["explain", alias, "--profile-file", mine], { cwd });
		expect(story.stdout).toMatch(/^STALE on mine \(tso\)/m);
	});

	it("refuses a value that a parameter never has, files that are not there, and files that are far too long", async () => {
		const never = await stalemate(["check", shootdown, "--param", "cpus=99"]);
		expect(never).toMatchObject({ status: 2, stderr: expect.stringContaining("it is 2 | 3 | 4 | 5 | 6") });
		const missing = await stalemate(["check", alias, "no-such-file.scn"]);
		expect(missing).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("no such file") });
		for (const start of ["scenario x\n", "X86 x\n", "\0", "{"]) {
			const long = file("long.scn", start + "# nothing\n".repeat(1_000_000));
			const refused = await stalemate(["check", long], { cwd });
			expect(refused.status).toBe(2);
			expect(refused.stderr.length).toBeLessThan(1000);
		}
		const line = await stalemate(["check", file("line.scn", `scenario ${"x".repeat(900_000)}`)], { cwd });
		expect(line.status).toBe(2);
		expect(line.stderr.length).toBeLessThan(1000);
		expect((await stalemate(["check", cwd])).stderr).toContain("is a directory");
		expect((await stalemate(["check"])).stderr).toContain("needs FILE");
	});
});

describe("stalemate explain", { timeout: 30_000 }, () => {
	it("tells story, verdict, causes and schedule of the first run that goes wrong", async () => {
		const text = await succeeds(["explain", alias]);
		expect(text).toMatch(/^A clean kernel alias outlives newer user data\n\nSTALE on pa8800 \(sc\), as expected\n/);
		expect(text).toContain("*** STALE");
		expect(text.replace(/\s+/g, " ")).toContain("old data went from CPU0's copy of P under K to P in the outer cache");
	});

	it("says so when nothing goes wrong", async () => {
		const text = await succeeds(["explain", join(ROOT, "test/check/scenarios/map-rcu.scn")]);
		expect(text).toContain("SAFE on abstract (tso), as expected");
		expect(text).toMatch(/all [\d,]+ states/);
	});

	it("prints all steps with what they change where there is no terminal", async () => {
		const text = await succeeds(["explain", alias, "-p", "pa8800", "--step"]);
		for (let step = 1; step <= 10; step++) expect(text).toContain(`step ${step} of 10`);
		expect(text).toMatch(/^caches +\+ level 1 of CPU0: P under K = 0, version 0$/m);
		expect(text).toMatch(/^TLBs +- CPU0: K -> P, writable$/m);
	});

	it("has the schedule as JSON", async () => {
		const { run, schedule, about } = JSON.parse(await succeeds(["explain", alias, "-p", "pa8800", "--json"]));
		expect(about).toBe("A clean kernel alias outlives newer user data");
		expect(run.codes).toEqual(["STALE"]);
		expect(schedule.actions).toHaveLength(schedule.steps.length);
		expect(schedule.causes.at(-1)).toMatchObject({ step: 10 });
	});

	it("ends with 1 when it is not as expected, and with 2 when the call is wrong", async () => {
		expect((await stalemate(["explain", file("wrong.scn", WRONG)], { cwd })).status).toBe(1);
		expect((await stalemate(["explain", alias, alias])).status).toBe(2);
	});
});
