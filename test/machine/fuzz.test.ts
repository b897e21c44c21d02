// Whatever bytes the core is given, as a program, as operations or as a machine's state: it touches nothing but its own.

import { expect, test } from "vitest";
import { assemble } from "../../bindings/assemble.ts";
import { LOADED_OK } from "../../bindings/layout/explore.ts";
import { ANSWER_SIZE, COMMAND_CODE, COMMAND_SIZE, HOLD_LAST } from "../../bindings/layout/hold.ts";
import { CODE_FLAGS, CODE_TARGET, OP_LAST } from "../../bindings/layout/program.ts";
import type { Program } from "../../bindings/program.ts";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { hardwareOf } from "../../src/hardware.ts";
import type { ProfileId } from "../../src/index.ts";
import type { MachineOptions } from "../../src/machine/index.ts";
import { describe } from "../../src/machine/options.ts";
import { profile } from "../../src/profiles/index.ts";
import { RUNS } from "../properties.ts";

const core = loadProgramCoreSync();
const CANARY = 4096;

/** A generator that is good enough, and the same everywhere. */
function chance(seed: number): (below: number) => number {
	let x = seed;
	return (below) => {
		x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
		return Math.floor((x / 2 ** 32) * below);
	};
}

const machines: [ProfileId, Partial<MachineOptions>][] = [
	["pa8800", { fetches: true }],
	["broadwell", { cpus: 3, spaces: ["A", "B"], tables: ["T"] }],
	["e500v2", { cpus: 2, fetches: true }],
	["weak-generic", { cpus: 2, window: 3 }],
];

/** A machine as the core takes it; threads run `code`, and else do what they are told. */
function built([id, more]: (typeof machines)[number], code?: Program["actors"][number]["code"]) {
	const { program } = describe({
		pages: {
			U: { frame: "P" },
			K: { frame: "P", colour: 1, half: "kernel" },
			I: { frame: "Q", uncached: true },
			H: { frame: "P", protected: true },
			A: { frame: "Q", within: "H", writeThrough: true },
			B: { within: "H", incoherent: true, table: more.tables ? "T" : null },
		},
		frames: { P: { lines: 2 }, Q: {} },
		variables: { x: {}, y: { perCpu: true } },
		...more,
	});
	const hardware = hardwareOf(profile(id), more);
	const actors = program.actors.map((actor) => (code && actor.kind === "thread" ? { ...actor, code } : actor));
	return { program, bytes: assemble({ ...program, actors }, hardware, { held: !code }).bytes };
}

test.each(machines)("%s does what arbitrary operations say inside its block, and nowhere else", (...which) => {
	const { program, bytes } = built(which);
	const { exports } = core.instantiate();
	const first = exports.allocate(BigInt(CANARY));
	const from = exports.allocate(BigInt(bytes.length));
	new Uint8Array(exports.memory.buffer, from, bytes.length).set(bytes);
	expect(new Uint32Array(exports.memory.buffer, exports.exploreBuild(from, bytes.length), 1)[0]).toBe(LOADED_OK);
	const [, held = 0, size = 0] = new Uint32Array(exports.memory.buffer, exports.hold(), 3);
	const count = 16;
	const last = exports.allocate(BigInt(CANARY));
	const commands = exports.allocate(BigInt(count * COMMAND_SIZE));
	const answers = exports.allocate(BigInt(count * ANSWER_SIZE));
	const state = exports.allocate(BigInt(size));
	const all = () => new Uint8Array(exports.memory.buffer);
	all()
		.fill(0xa5, first, first + CANARY)
		.fill(0xa5, last, last + CANARY);
	const before = all().slice(first, commands);
	// The block, and behind it the copy of it that a batch goes back to.
	const own = [held - first, held - first + 2 * (size + 15)];
	before.fill(0, ...own);
	const any = chance(7);
	const actors = program.actors.length;
	let done = 0;
	for (let run = 0; run < 4000 * RUNS; run++) {
		for (let i = 0; i < count; i++) {
			const at = commands + i * COMMAND_SIZE;
			for (let byte = 0; byte < COMMAND_SIZE; byte++) all()[at + byte] = any(4) ? any(4) : any(256);
			all()[at] = any(2) ? 0 : any(HOLD_LAST + 2);
			all()[at + 1] = any(actors + 1);
			all()[at + COMMAND_CODE] = any(OP_LAST + 2);
			// No jumps and loops, as a rule: a command has none. Few flags.
			if (any(16)) all().fill(0, at + COMMAND_CODE + CODE_TARGET, at + COMMAND_SIZE);
			if (any(4)) all()[at + COMMAND_CODE + CODE_FLAGS] = 0;
		}
		const batch = 1 + any(2);
		const [reached = 0] = new Uint32Array(exports.memory.buffer, exports.holdCommand(commands, batch, answers), 1);
		if (reached === batch) done++;
		if (run % 5 === 0) {
			all().copyWithin(state, held, held + size);
			for (let n = any(6); n > 0; n--) all()[state + any(size)] = any(256);
			exports.holdRestore(state);
		}
		const now = all()
			.slice(first, commands)
			.fill(0, ...own);
		if (Buffer.compare(now, before) !== 0) expect.fail(`run ${run} wrote outside the machine`);
	}
	// Enough of them were operations.
	expect(done).toBeGreaterThan(8);
});

const CODE: Program["actors"][number]["code"] = [
	{ op: "load", at: { in: "page", va: 0, line: 0 }, order: "plain", to: 0, line: 1, text: "" },
	{ op: "store", at: { in: "page", va: 1, line: 0 }, value: { reg: 0 }, order: "plain", line: 2, text: "" },
	{ op: "store", at: { in: "pte", va: 0 }, value: { constant: 0 }, order: "plain", line: 3, text: "" },
	{ op: "tlb-flush", va: 0, scope: "local", line: 4, text: "" },
	{ op: "fetch", va: 1, pageLine: 0, line: 5, text: "" },
	{ op: "tlb-flush", scope: "broadcast", posted: true, line: 6, text: "" },
	{ op: "store", at: { in: "page", va: 5, line: 0 }, value: { reg: 0 }, order: "plain", line: 7, text: "" },
	{ op: "tlb-write", va: 3, entry: { reg: 0 }, line: 8, text: "" },
	{ op: "tlb-read", va: 4, to: 0, line: 9, text: "" },
	{ op: "tlb-sync", line: 10, text: "" },
	{ op: "unless", left: { reg: 0 }, test: "==", right: { constant: 1 }, target: 0, line: 6, text: "" },
];

test("a program with any byte changed is refused, or runs inside its machine", () => {
	const any = chance(11);
	let ran = 0;
	for (let run = 0; run < 150 * RUNS; run++) {
		const { bytes } = built(machines[run % machines.length]!, CODE);
		for (let n = 1 + any(3); n > 0; n--) bytes[any(bytes.length)] = any(3) ? any(8) : any(256);
		const { exports } = core.instantiate();
		const first = exports.allocate(BigInt(CANARY));
		const from = exports.allocate(BigInt(bytes.length));
		new Uint8Array(exports.memory.buffer, first, CANARY).fill(0xa5);
		new Uint8Array(exports.memory.buffer, from, bytes.length).set(bytes);
		const [status] = new Uint32Array(exports.memory.buffer, exports.exploreBuild(from, bytes.length), 1);
		if (status === LOADED_OK) {
			ran++;
			exports.explore(0, 0, 0, 0, 0);
			exports.exploreRun(300, 300, 100);
		}
		expect(Buffer.compare(new Uint8Array(exports.memory.buffer, from, bytes.length), bytes)).toBe(0);
		expect(new Uint8Array(exports.memory.buffer, first, CANARY).every((byte) => byte === 0xa5)).toBe(true);
	}
	expect(ran).toBeGreaterThan(40);
});
