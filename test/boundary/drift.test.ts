import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { checkLayout } from "../../scripts/check-layout.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
let copy: string;

// Each builds the core.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
	copy = mkdtempSync(join(tmpdir(), "stalemate-drift-"));
	for (const path of ["assembly", "bindings", "scripts", "asconfig.json", "package-lock.json", "package.json"]) {
		cpSync(join(root, path), join(copy, path), { recursive: true });
	}
	symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs `look` on a copy of the sources in which one thing was changed. */
async function changed<T>(file: string, from: string | RegExp, to: string, look: () => T | Promise<T>): Promise<T> {
	const path = join(copy, file);
	const before = readFileSync(path, "utf8");
	const after = before.replace(from, to);
	expect(after, `${from} is in ${file}`).not.toBe(before);
	writeFileSync(path, after);
	try {
		return await look();
	} finally {
		writeFileSync(path, before);
	}
}

const check = () => checkLayout(copy);
const build = () => spawnSync(process.execPath, ["scripts/build-core.mjs", "--force"], { cwd: copy, encoding: "utf8" });

test("core and bindings agree as they are", async () => {
	expect(await check()).toBe("");
});

describe("the build fails when", () => {
	test("a constant moves", async () => {
		const { status, stderr } = await changed(
			"bindings/layout/machine.ts",
			"COUNT_FILLS = 144",
			"COUNT_FILLS = 152",
			build,
		);
		expect(status).toBe(1);
		expect(stderr).toContain("CacheCounts.fills is not at COUNT_FILLS");
	});

	test("the core reads a field narrower than it is", async () => {
		const { status, stderr } = await changed(
			"assembly/machine/configure.ts",
			/load<u32>(\(\w+, MACHINE_CPUS)/,
			"load<u16>$1",
			build,
		);
		expect(status).toBe(1);
		expect(stderr).toMatch(/configure\.ts:\d+: MACHINE_CPUS is a u32, and is read or written as a u16/);
	});
});

test("the build fails where a class extends another: asc miscompiles overridden methods, and says nothing", async () => {
	const unsafe = "$&\nclass Base { v(): i32 { return 1; } }\nclass Derived extends Base { v(): i32 { return 2; } }";
	const { status, stderr } = await changed("assembly/index.ts", /^export function abiVersion[^}]*}/m, unsafe, build);
	expect(status).toBe(1);
	expect(stderr).toContain("class Derived extends another");
});

describe("the check sees", () => {
	test.each([
		["narrower", "shapes.ts", "\twalkDepth: u32", "\twalkDepth: u16", "Machine.walkDepth is not a u32"],
		["wider", "shapes.ts", "\tcpu: u8", "\tcpu: u32", "Access.cpu is not a u8"],
		["signed", "shapes.ts", "\tskipped: u64", "\tskipped: i64", "Trace.skipped is not a u64"],
		["a float", "shapes.ts", "\tseed: u64", "\tseed: f64", "Machine.seed is not a u64"],
		[
			"behind a new one",
			"shapes.ts",
			"\tpolicy: u32",
			"\tmore: u32;\n\tpolicy: u32",
			"Machine.policy is not at MACHINE_POLICY",
		],
	])("a field that is %s", async (_, file, from, to, said) => {
		expect(await changed(`assembly/check/${file}`, from, to, check)).toContain(said);
	});

	test("a record that grew", async () => {
		expect(await changed("bindings/layout/machine.ts", "COUNT_SIZE = 256", "COUNT_SIZE = 248", check)).toContain(
			"CacheCounts does not take COUNT_SIZE bytes",
		);
	});

	test.each([
		["program.ts", "PROGRAM_MMS = 28", "PROGRAM_MMS = 32", "ProgramHeader.mms is not at PROGRAM_MMS"],
		["program.ts", "LEVEL_NEXT = 5", "LEVEL_NEXT = 6", "Level.next is not at LEVEL_NEXT"],
		["program.ts", "CODE_TARGET = 12", "CODE_TARGET = 13", "Instruction.target is not at CODE_TARGET"],
		["explore.ts", "PLACES_CPU_TLB = 44", "PLACES_CPU_TLB = 48", "Places.cpuTlb is not at PLACES_CPU_TLB"],
		["hold.ts", "ANSWER_SIZE = 32", "ANSWER_SIZE = 28", "Answer does not take ANSWER_SIZE bytes"],
		["hold.ts", "TOLD_COMMAND = 4", "TOLD_COMMAND = 8", "Told.command is not at TOLD_COMMAND"],
	])("%s: %s became %s", async (file, from, to, said) => {
		expect(await changed(`bindings/layout/${file}`, from, to, check)).toContain(said);
	});

	test("a constant that nothing checks", async () => {
		const more = "$&\nexport const MACHINE_COLOUR_BITS = 132;";
		expect(await changed("bindings/layout/machine.ts", /^export const MACHINE_HOT_BY.*/m, more, check)).toContain(
			"MACHINE_COLOUR_BITS has no line",
		);
	});

	test("JavaScript that writes a field as something else", async () => {
		expect(await changed("bindings/pack.ts", /setBigUint64(\(\w+ \+ MACHINE_SEED)/, "setUint32$1", check)).toMatch(
			/pack\.ts:\d+: MACHINE_SEED is a u64, and is read or written as a u32/,
		);
	});

	test("a check that only looks like one", async () => {
		const wrapped = 'field<Machine, u32>(\n\t"cpus",\n\tMACHINE_CPUS,\n);';
		expect(await changed("assembly/check/layout.ts", /^field<Machine, u32>\("cpus".*/m, wrapped, check)).toContain(
			"compile this file with",
		);
	});
});
