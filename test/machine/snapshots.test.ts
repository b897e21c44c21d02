import { describe, expect, test, vi } from "vitest";
import { HeldMachine } from "../../bindings/machine.ts";
import { hardwareOf } from "../../src/hardware.ts";
import type { MachineOptions } from "../../src/machine/index.ts";
import { describe as programOf } from "../../src/machine/options.ts";
import { profile } from "../../src/profiles/index.ts";
import fc from "../properties.ts";
import { type Action, machine, thrown } from "./machine.ts";
import { actions, rich, walk } from "./random.ts";

vi.setConfig({ testTimeout: 60_000 });

const small: MachineOptions = { pages: { U: { frame: "P" }, K: { frame: "P", colour: 1 } } };

describe("a snapshot", () => {
	test("taken anywhere and restored in another instance goes on in the same way", () => {
		fc.assert(
			fc.property(rich, actions, actions, ({ profile: id, options }, before, after) => {
				const one = machine(id, options);
				walk(one, before);
				const other = machine(id, options);
				walk(other, after);
				other.restore(one.snapshot());
				expect(other.inspect()).toEqual(one.inspect());
				expect(other.enabled()).toEqual(one.enabled());
				expect(walk(other, after)).toEqual(walk(one, after));
				expect(other.snapshot()).toEqual(one.snapshot());
			}),
			{ numRuns: 100 },
		);
	});

	test("taken twice of the same machine is the same bytes, however it got there", () => {
		const held = machine("broadwell", small);
		const start = held.snapshot();
		held.apply([{ do: "store", page: "U", value: 0 }, { do: "drain", cpu: 0, which: 0 }, { do: "tlb-flush" }]);
		const once = held.snapshot();
		held.restore(start);
		held.apply([{ do: "store", page: "U", value: 0 }, { do: "drain", cpu: 0, which: 0 }, { do: "tlb-flush" }]);
		expect(held.snapshot()).toEqual(once);
	});

	test.each([
		["of another profile", () => machine("vipt-generic", small)],
		["of other pages", () => machine("pa8800", { pages: { U: { frame: "P" }, L: { frame: "P" } } })],
		["of more CPUs", () => machine("pa8800", { ...small, cpus: 2 })],
		["of other hardware", () => machine("pa8800", { ...small, speculativeMoveIn: false })],
	])("%s is refused", (_, make) => {
		const held = machine("pa8800", small);
		expect(thrown(() => held.restore(make().snapshot()))).toMatchObject({
			code: "BAD_SNAPSHOT",
			message: expect.stringMatching(/another profile, or other pages/),
		});
	});

	test("of another version is refused", () => {
		const held = machine("pa8800", small);
		const bytes = held.snapshot();
		bytes[4]! ^= 1;
		expect(thrown(() => held.restore(bytes)).message).toMatch(/another version/);
		expect(thrown(() => held.inspect(bytes)).code).toBe("BAD_SNAPSHOT");
	});

	test("cut short, or of something else, is refused", () => {
		const held = machine("pa8800", small);
		for (const bytes of [held.snapshot().slice(0, -1), new Uint8Array(3), new Uint8Array(100), null as never]) {
			expect(thrown(() => held.restore(bytes)).code).toBe("BAD_SNAPSHOT");
		}
	});

	test("with an index that leads nowhere is refused, and the machine stays", () => {
		const held = machine("pa8800", small);
		held.apply({ do: "load", page: "U" });
		const before = held.snapshot();
		// Somewhere in it lies the translation: make it one to a frame that is not there.
		const patched = Array.from(before, (_, i) => Uint8Array.from(before, (byte, at) => (at === i ? 0xf1 : byte)));
		const bytes = patched.slice(20).find((one) => held.inspect(one).cpus[0]!.tlb.U?.frame === "#15")!;
		expect(thrown(() => held.restore(bytes)).message).toMatch(/damaged/);
		expect(held.snapshot()).toEqual(before);
	});
});

test("what differs between two snapshots is told by path", () => {
	const held = machine("vipt-generic", small);
	const before = held.snapshot();
	held.apply({ do: "store", page: "U", value: 7 });
	const paths = held.diff(before).map(({ path }) => path);
	expect(paths).toContain("caches[0].cpus[0].colours[0][P[0]]");
	expect(paths).toContain("cpus[0].tlb.U");
	expect(paths).toContain("frames.P.lines[0].latest");
	expect(held.diff(before, before)).toEqual([]);
	expect(held.diff(held.snapshot())).toEqual([]);
});

test("no bytes restored make the core write outside of its block", () => {
	const core = machine.core;
	const GUARD = 1 << 15;
	const INTACT = new Uint8Array(GUARD).fill(0xa5);
	let kept = 0;
	fc.assert(
		fc.property(
			fc.constantFrom("broadwell", "arm64-generic", "weak-generic", "pa8800", "parisc-p9xxx"),
			actions,
			fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
			fc.array(fc.nat(), { maxLength: 30 }),
			fc.boolean(),
			(id, before, patches, choices, wild) => {
				const options = {
					cpus: 2,
					pages: { U: { frame: "P" }, K: { frame: "P", colour: 1 } },
					variables: ["x"],
					window: 2,
				};
				const held = machine(id, options);
				walk(held, before);
				const { program } = programOf(options);
				program.actors.push({ name: "i", cpu: 0, kind: "irq", registers: [], code: [] });
				// The same machine by number, with a guard zone on both sides of its block.
				let guards: number[] = [];
				const guarded = {
					...core,
					instantiate: () => {
						const { exports } = core.instantiate();
						return {
							exports: new Proxy(exports, {
								get(target, name) {
									if (name !== "hold") return target[name as keyof typeof target];
									return () => {
										guards = [target.allocate(BigInt(GUARD))];
										const record = target.hold();
										guards.push(target.allocate(BigInt(GUARD)));
										for (const at of guards) new Uint8Array(target.memory.buffer, at, GUARD).fill(0xa5);
										return record;
									};
								},
							}),
						};
					},
				};
				let memory: WebAssembly.Memory | undefined;
				const spy = {
					...guarded,
					instantiate: () => {
						const instance = guarded.instantiate();
						memory = instance.exports.memory;
						return instance;
					},
				};
				const raw = new HeldMachine(spy, program, hardwareOf(profile(id), options));
				const bytes = raw.snapshot();
				if (wild) for (let i = 20; i < bytes.length; i++) bytes[i] = patches[i % patches.length]![1];
				else {
					// The state itself comes first, what is pending in the drivers' hands after it.
					const reach = (bytes.length - 20) >> (choices.length % 3);
					for (const [where, value] of patches) bytes[20 + (where % reach)] = value;
				}
				if (raw.restore(bytes) === undefined) kept++;
				for (const choice of choices) {
					const now = raw.enabled();
					if (now.length === 0) break;
					raw.command([{ action: now[choice % now.length]! }]);
					raw.command([
						{
							how: "execute",
							actor: choice % 4,
							operation: {
								op: "store",
								at: { in: "page", va: choice % 3, line: choice % 5 },
								value: { constant: 1 },
								order: "plain",
							},
						},
					]);
					raw.command([{ action: choice }]);
				}
				for (const at of guards) {
					expect(Buffer.compare(new Uint8Array(memory!.buffer, at, GUARD), INTACT)).toBe(0);
				}
			},
		),
		{ numRuns: 500 },
	);
	expect(kept).toBeGreaterThan(5);
});

test("an action of a batch that is refused leaves nothing of those before it", () => {
	const held = machine("pa8800", small);
	const before = held.snapshot();
	const batch: Action[] = [
		{ do: "store", page: "U" },
		{ do: "put", frame: "P" },
		{ do: "map", page: "U" },
	];
	expect(thrown(() => held.apply(batch)).code).toBe("ALREADY_MAPPED");
	expect(held.snapshot()).toEqual(before);
});
