import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import { packedOnCpu } from "../simulate/packed-cpu.ts";
import { din } from "../simulate/traces.ts";
import { CLI, ROOT, run, stalemate, succeeds } from "./cli.ts";

const LENGTH = 20_000;
const TEXT = din(LENGTH);
const SAMPLE = join(ROOT, "examples/sample/sample.packed.gz");
let cwd: string;

beforeAll(() => {
	cwd = mkdtempSync(join(tmpdir(), "stalemate-cli-"));
	const zipped = gzipSync(TEXT);
	writeFileSync(join(cwd, "t.din"), TEXT);
	writeFileSync(join(cwd, "t.din.gz"), zipped);
	writeFileSync(join(cwd, "cut.din.gz"), zipped.subarray(0, zipped.length - 1000));
	writeFileSync(join(cwd, "empty"), "");
	writeFileSync(join(cwd, "words.txt"), "this is no trace\n");
	writeFileSync(join(cwd, "bad.din"), `${TEXT}seven\n0 10\n`);
	writeFileSync(
		join(cwd, "mine.json"),
		'{ "extends": "broadwell", "id": "mine", "caches": { "L2": { "size": "512K" } } }',
	);
	writeFileSync(join(cwd, "bad.json"), '{ "extends": "broadwell", "caches": { "L2": { "sice": "512K" } } }');
	writeFileSync(join(cwd, "broken.json"), "{");
});
afterAll(() => rmSync(cwd, { recursive: true }));

const json = async (...args: string[]) => JSON.parse(await succeeds([...args, "--json"], { cwd }));

describe("stalemate trace", () => {
	it("prints a table that fits the page", async () => {
		const text = await succeeds(["trace", "t.din"], { cwd });
		expect(text).toContain("broadwell: Intel Broadwell server");
		expect(text).toContain("t.din (din)");
		expect(text).toContain("20,000 references: 10,000 fetches, 7,500 reads, 2,500 writes");
		for (const level of ["L1I", "L1D", "L2", "L3", "ITLB", "DTLB", "STLB"])
			expect(text).toMatch(new RegExp(`^${level} `, "m"));
		expect(text).toMatch(/^\d+\.\d\d cycles per reference, one after the other \(latencies: estimated\)$/m);
		for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
		expect(text).not.toContain("\x1b");
	});

	it("prints a result as JSON, the same from a file, compressed and from standard input", async () => {
		const plain = await json("trace", "t.din", "-p", "e500v2");
		const zipped = await json("trace", "t.din.gz", "--profile", "e500v2");
		const piped = JSON.parse(await succeeds(["trace", "-", "--profile=e500v2", "--json"], { input: TEXT }));
		expect(plain).toMatchObject({ profile: "e500v2", complete: true, references: { total: LENGTH } });
		expect(plain.trace).toEqual({ name: "t.din", format: "din", compression: "none", bytes: TEXT.length });
		expect(zipped).toEqual({ ...plain, trace: { ...plain.trace, name: "t.din.gz", compression: "gzip" } });
		expect(piped).toEqual({ ...plain, trace: { ...plain.trace, name: "standard input" } });
	});

	it("prints several machines side by side, and as a list of results", async () => {
		const text = await succeeds(
			["trace", "t.din", "-p", "broadwell,pa8800", "-p", "zen3", "--profile-file", "mine.json"],
			{
				cwd,
			},
		);
		for (const name of ["broadwell", "pa8800", "zen3", "mine"]) expect(text).toMatch(new RegExp(`^${name} `, "m"));
		for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
		const results = await json("trace", "t.din", "-p", "broadwell,pa8800");
		expect(results.map(({ profile }: { profile: string }) => profile)).toEqual(["broadwell", "pa8800"]);
		expect(results[1]).toEqual(await json("trace", "t.din", "-p", "pa8800"));
	});

	it("takes changes, a seed and CPUs, and records them", async () => {
		const sets = ["caches.L2.size=512K", "caches.L3=none"];
		const result = await json("trace", "t.din", ...sets.flatMap((set) => ["--set", set]), "--seed", "7", "--cpus", "2");
		expect(result).toMatchObject({ basedOn: "broadwell", parameters: { sets, cpus: 2, seed: "7" } });
		expect(result.caches.map(({ name }: { name: string }) => name)).toEqual(["L1I", "L1D", "L2"]);
	});

	it("classes misses and finds the hottest lines", async () => {
		const args = ["trace", "t.din", "--classify", "--hot", "L1D:line", "--top", "4"];
		const text = await succeeds(args, { cwd });
		expect(text).toMatch(/^misses +compulsory +capacity +conflict$/m);
		expect(text).toMatch(/^hottest lines of L1D +misses$/m);
		const { hottest, caches } = await json(...args);
		expect(hottest).toHaveLength(4);
		expect(caches[1].compulsory + caches[1].capacity + caches[1].conflict).toBe(caches[1].misses);
	});

	it("counts by intervals, as a table and as JSON", async () => {
		const text = await succeeds(["trace", "t.din", "--every", "8k"], { cwd });
		expect(text).toMatch(/^ +16,000 +4,000 /m);
		const { intervals } = await json("trace", "t.din", "--every", "8_000");
		expect(intervals.map(({ start }: { start: number }) => start)).toEqual([0, 8000, 16_000]);
	});

	it("draws miss ratios over time", async () => {
		const text = await succeeds(["trace", "t.din", "--plot"], { cwd });
		expect(text).toMatch(/^L1D miss ratio$/m);
		expect(text).toMatch(/█/);
		expect(text).toMatch(/└─+$/m);
		for (const line of text.split("\n")) expect([...line].length, line).toBeLessThanOrEqual(100);
		expect(await succeeds(["trace", "t.din", "-p", "e500v2,zen3", "--plot", "--every", "1k"], { cwd })).toMatch(
			/^zen3$/m,
		);
	});

	it("leaves a warm-up out of the counts", async () => {
		const { references, parameters } = await json("trace", "t.din", "--warmup", "5k");
		expect(references.total).toBe(15_000);
		expect(parameters.warmup).toBe(5000);
	});

	it("skips bad lines when told to, and says so", async () => {
		const { skipped, references } = await json("trace", "bad.din", "--on-error", "skip");
		expect([skipped, references.total]).toEqual([1, LENGTH + 1]);
		expect(await succeeds(["trace", "bad.din", "--on-error", "skip"], { cwd })).toContain("1 bad item was skipped");
	});

	it("stops quietly when who reads the output has enough", async () => {
		const command = `"${process.execPath}" "${CLI}" trace t.din --json --every 100 | head -n 1`;
		expect(await run("sh", ["-c", command], { cwd })).toEqual({ status: 0, stdout: "{\n", stderr: "" });
	});

	it("ends at Ctrl-C with the counts so far", async () => {
		const { status, stdout, stderr } = await stalemate(["trace", "-", "-p", "compat-bdw"], {
			during: (child) => {
				let sent = false;
				const feed = () => {
					if (child.exitCode !== null || !child.stdin?.writable) return;
					child.stdin.write(TEXT);
					setTimeout(feed, 20);
					if (sent) return;
					sent = true;
					// By then it has loaded, and reads.
					setTimeout(() => child.kill("SIGINT"), 1500);
				};
				feed();
			},
		});
		expect(stderr).toMatch(/^error\[CANCELLED\]: standard input: cancelled/);
		expect(status).toBe(130);
		expect(stdout).toContain("NOT THE WHOLE TRACE");
		expect(stdout).toMatch(/^[\d,]+ references/m);
	});

	it.runIf(existsSync("/usr/bin/script"))("has colours on a terminal, unless NO_COLOR forbids them", async () => {
		const command = `"${process.execPath}" "${CLI}" trace t.din`;
		const terminal = (env: Record<string, string>) => {
			return run("/usr/bin/script", ["-qec", command, "/dev/null"], {
				cwd,
				env: { ...process.env, TERM: "xterm", ...env },
			});
		};
		expect((await terminal({})).stdout).toContain("\x1b[1m");
		expect((await terminal({ NO_COLOR: "1" })).stdout).not.toContain("\x1b[1m");
	});
});

describe("a trace that is bad", () => {
	it("after some references gives their counts, and the place of the error", async () => {
		const { status, stdout, stderr } = await stalemate(["trace", "bad.din"], { cwd });
		expect(status).toBe(2);
		expect(stderr).toMatch(/^error\[BAD_TRACE\]: bad\.din, line 20001 \(byte \d+\): .*"seven"\n$/);
		expect(stdout).toContain("NOT THE WHOLE TRACE");
		expect(stdout).toContain("20,000 references");
	});

	it("with --json gives both as JSON", async () => {
		const { status, stdout, stderr } = await stalemate(["trace", "cut.din.gz", "--json"], { cwd });
		expect(status).toBe(2);
		const { error } = JSON.parse(stderr);
		expect(error).toMatchObject({ code: "BAD_COMPRESSION", place: { file: "cut.din.gz" } });
		expect(error.message).toContain("cut short");
		const result = JSON.parse(stdout);
		expect(result.complete).toBe(false);
		expect(result.references.total).toBe(TEXT.slice(0, error.place.offset).split("\n").length - 1);
	});
});

describe("a packed trace of several CPUs", () => {
	it("says how to ask for them", async () => {
		writeFileSync(join(cwd, "cpu1.packed"), await packedOnCpu(new TextEncoder().encode(TEXT), 1));
		const { status, stderr } = await stalemate(["trace", "cpu1.packed"], { cwd });
		expect([status, stderr]).toEqual([2, expect.stringMatching(/^error\[BAD_TRACE\]: .* raise cpus with --cpus N\n$/)]);
		const text = await succeeds(["trace", "cpu1.packed", "--cpus", "2"], { cwd });
		expect(text).toContain("with 2 CPUs");
	});
});

describe("a call that is wrong is refused in one line, with the remedy", () => {
	it.each([
		["no file", ["trace"], "BAD_OPTION", /needs FILE/],
		["a file that is not there", ["trace", "nope.din"], "IO", /nope\.din: there is no such file/],
		["a directory", ["trace", "."], "IO", /it is a directory/],
		["an empty file", ["trace", "empty"], "BAD_TRACE", /empty is empty/],
		["text of another kind", ["trace", "words.txt"], "BAD_FORMAT", /found text of another kind/],
		[
			"the wrong format",
			["trace", "t.din", "--format", "lackey"],
			"BAD_TRACE",
			/line 1 .*expected "I {2}address,size"/,
		],
		["a format that does not exist", ["trace", "t.din", "--format", "dim"], "BAD_OPTION", /did you mean "din"/],
		["a misspelt profile", ["trace", "t.din", "-p", "brodwell"], "UNKNOWN_PROFILE", /did you mean "broadwell"/],
		["a bad --set path", ["trace", "t.din", "--set", "caches.L2.sice=1M"], "BAD_OPTION", /did you mean "size"/],
		["a --set without value", ["trace", "t.din", "--set", "caches.L2.size"], "BAD_OPTION", /has no value/],
		["a geometry that cannot be", ["trace", "t.din", "--set", "caches.L2.size=1000"], "BAD_PROFILE", /would be valid/],
		["a bad profile file", ["trace", "t.din", "--profile-file", "bad.json"], "BAD_PROFILE", /bad\.json: .*"size"/],
		["a profile file that is no JSON", ["trace", "t.din", "--profile-file", "broken.json"], "BAD_PROFILE", /no JSON/],
		["no profile file", ["trace", "t.din", "--profile-file", "nope.json"], "IO", /nope\.json: there is no such file/],
		["an unknown option", ["trace", "t.din", "--evry", "10"], "BAD_OPTION", /did you mean "--every"/],
		["an unknown letter", ["trace", "t.din", "-x"], "BAD_OPTION", /there is no option -x/],
		["an option without value", ["trace", "t.din", "--every", "--plot"], "BAD_OPTION", /--every needs a value/],
		["an option twice", ["trace", "t.din", "--seed", "1", "--seed", "2"], "BAD_OPTION", /given 2 times/],
		["--every 0", ["trace", "t.din", "--every", "0"], "BAD_OPTION", /--every is "0"/],
		["--every -5", ["trace", "t.din", "--every", "-5"], "BAD_OPTION", /--every is "-5"/],
		["--every x", ["trace", "t.din", "--every", "x"], "BAD_OPTION", /--every is "x"/],
		["too many CPUs", ["trace", "t.din", "--cpus", "300"], "BAD_OPTION", /from 1 to 256/],
		[
			"more CPUs than the profile has",
			["trace", "t.din", "-p", "pa8800", "--cpus", "3"],
			"BAD_OPTION",
			/cpus is 3, and profile \S+ has 2/,
		],
		["--hot of no cache", ["trace", "t.din", "--hot", "L9:line"], "BAD_OPTION", /"L9"/],
		["--hot without a kind", ["trace", "t.din", "--hot", "L1D"], "BAD_OPTION", /CACHE:KIND/],
		["--top without --hot", ["trace", "t.din", "--top", "3"], "BAD_OPTION", /--hot/],
		["a warm-up that is too long", ["trace", "t.din", "--warmup", "1M"], "BAD_OPTION", /20000 references/],
		["a plot as JSON", ["trace", "t.din", "--plot", "--json"], "BAD_OPTION", /--every/],
		["two files", ["trace", "t.din", "t.din"], "BAD_OPTION", /takes one argument/],
		["an unknown command", ["trase", "t.din"], "BAD_OPTION", /did you mean "trace"/],
		["a file for a command", ["app.scn"], "BAD_OPTION", /write stalemate check app\.scn/],
		["a file for a command below another", ["sweep", "l1.yaml"], "BAD_OPTION", /write stalemate sweep run l1\.yaml/],
		["an unknown command below another", ["profiles", "lst"], "BAD_OPTION", /did you mean "profiles list"/],
		[
			"a misspelt command for a file",
			["trace", "convrt", "t.din", "-o", "-"],
			"BAD_OPTION",
			/did you mean "trace convert"/,
		],
		["a command for a file", ["trace", "profiles"], "BAD_OPTION", /did you mean "profiles"/],
		["a command without the one above", ["convert", "t.din"], "BAD_OPTION", /did you mean "trace convert"/],
		["a trace without a command", ["t.din"], "BAD_OPTION", /stalemate trace t\.din/],
		["an unknown global option", ["--versoin"], "BAD_OPTION", /did you mean "--version"/],
	])("%s", async (_, args, code, message) => {
		const { status, stdout, stderr } = await stalemate(args, { cwd });
		const json = args.includes("--json");
		const [line, ...more] = stderr.split("\n");
		expect(more).toEqual([""]);
		if (json) expect(JSON.parse(line!).error.code).toBe(code);
		else expect(line).toMatch(new RegExp(`^error\\[${code}\\]: `));
		expect(line).toMatch(message);
		expect(stdout).toBe("");
		expect(status).toBe(2);
	});
});

describe("stalemate trace curve", () => {
	it("gives the misses of the caches asked for, as the library counts them", async () => {
		const core = await load();
		const curve = await (await core.missRatioCurve({ line: 32, of: "data" })).runTrace(join(cwd, "t.din"));
		const written = await json("trace", "curve", "t.din", "--of", "data", "--line", "32");
		expect(written).toMatchObject({ ...curve.toJSON(), trace: { name: "t.din", format: "din" }, complete: true });
		const text = (await stalemate(["trace", "curve", "t.din.gz", "--of=data", "--line=32", "--at=96,1K"], { cwd }))
			.stdout;
		const { misses } = curve.at(3);
		expect(text).toMatch(new RegExp(`^ +96 +3 +${misses.toLocaleString("en")} `, "m"));
		expect(text).toMatch(/^miss ratio \(%\)$/m);
	});

	it("finds the smallest cache that is good enough, and says when none is", async () => {
		const told = async (ratio: string) =>
			(await stalemate(["trace", "curve", "t.din", "--ratio", ratio], { cwd })).stdout.trim().split("\n").at(-1);
		expect(await told("100%")).toBe("64 (1 line) miss at most 100 %");
		expect(await told("0")).toMatch(/^no cache misses at most 0 %: \d.* % are first uses$/);
	});

	it("keeps what was counted before a bad line, and tells what it passed over", async () => {
		const bad = await stalemate(["trace", "curve", "bad.din", "--at", "64"], { cwd });
		expect(bad.stdout).toMatch(/^20,000 references, /);
		expect([bad.status, bad.stderr]).toEqual([2, expect.stringMatching(/BAD_TRACE.*line 20001/)]);
		const skipped = await stalemate(["trace", "curve", "bad.din", "--on-error", "skip"], { cwd });
		expect(skipped.stdout).toMatch(/^20,001 references, /);
		expect([skipped.status, skipped.stderr]).toEqual([0, expect.stringMatching(/1 bad item was skipped/)]);
	});

	it("says when there is nothing to draw", async () => {
		writeFileSync(join(cwd, "reads.din"), "0 10\n0 20\n");
		const { status, stdout, stderr } = await stalemate(["trace", "curve", "reads.din", "--of", "fetch"], { cwd });
		expect([status, stdout]).toEqual([2, ""]);
		expect(stderr).toMatch(/BAD_TRACE.*reads\.din: .*no fetch in it/);
	});

	it("tells bounds where lines are sampled", async () => {
		const { stdout } = await stalemate(["trace", "curve", "t.din", "--sample", "50%", "--seed", "7"], { cwd });
		expect(stdout).toMatch(/^estimated from [\d,]+ lines, 50\.0 % of all \(seed 7\)$/m);
		expect(stdout).toMatch(/miss ratio +at least +at most$/m);
	});

	it.each([
		[["--at", "63"], /no line of 64 bytes fits/],
		[["--ratio", "2"], /from 0 to 1 or with %/],
		[["--sample", "0"], /sample\.rate/],
		[["--seed", "1"], /give --sample or --lines/],
		[["--line", "48"], /power of two/],
	])("refuses %j", async (args, message) => {
		const { status, stderr } = await stalemate(["trace", "curve", "t.din", ...args], { cwd });
		expect(status).toBe(2);
		expect(stderr).toMatch(message);
	});
});

describe("stalemate trace convert", () => {
	it("writes what gives the same counts", async () => {
		const { status, stdout, stderr } = await stalemate(["trace", "convert", "t.din.gz", "-o", "t.packed"], { cwd });
		expect([status, stdout]).toEqual([0, ""]);
		expect(stderr).toMatch(/^t\.packed: 20,000 accesses \(10,000 fetches, 7,500 reads, 2,500 writes\)/);
		const { trace: _, ...packed } = await json("trace", "t.packed");
		const { trace: __, ...plain } = await json("trace", "t.din");
		expect(packed).toEqual(plain);
	});

	it("is a filter between pipes, too", async () => {
		const node = `"${process.execPath}" "${CLI}"`;
		const command = `${node} trace convert - -o - < t.din 2>err | gzip | ${node} trace - --json`;
		const { status, stdout, stderr } = await run("sh", ["-c", command], { cwd });
		expect([status, stderr]).toEqual([0, ""]);
		expect(JSON.parse(stdout)).toMatchObject({
			trace: { format: "packed", compression: "gzip" },
			references: { total: LENGTH },
		});
	});

	it("can leave out, take and sample", async () => {
		const args = [
			"trace",
			"convert",
			"t.din",
			"-o",
			"part.packed",
			"--skip",
			"1k",
			"--take",
			"500",
			"--sample",
			"1/10",
		];
		expect((await stalemate(args, { cwd })).status).toBe(0);
		expect((await json("trace", "part.packed")).references.total).toBe(500);
	});

	it("packs the sample as it was packed", async () => {
		const packed = gunzipSync(readFileSync(SAMPLE));
		writeFileSync(join(cwd, "sample.packed"), packed);
		expect((await stalemate(["trace", "convert", "sample.packed", "-o", "again.packed"], { cwd })).status).toBe(0);
		expect(readFileSync(join(cwd, "again.packed")).equals(packed)).toBe(true);
	});

	it.each([
		["no output", ["t.din"], "BAD_OPTION", /needs -o/],
		["itself as output", ["t.din", "-o", "t.din"], "BAD_OPTION", /the trace itself/],
		["a folder that is not there", ["t.din", "-o", "no/such/t.packed"], "IO", /no\/such\/t\.packed/],
		["a sample that is none", ["t.din", "-o", "x.packed", "--sample", "3/2"], "BAD_OPTION", /N\/M/],
		["a bad trace", ["bad.din", "-o", "x.packed"], "BAD_TRACE", /line 20001/],
	])("refuses %s, and leaves no file", async (_, args, code, message) => {
		const { status, stderr } = await stalemate(["trace", "convert", ...args], { cwd });
		expect(stderr).toMatch(new RegExp(`^error\\[${code}\\]: .*\n$`));
		expect(stderr).toMatch(message);
		expect(status).toBe(2);
		expect(existsSync(join(cwd, "x.packed"))).toBe(false);
		expect(readFileSync(join(cwd, "t.din"), "utf8")).toBe(TEXT);
	});
});
