import { expect, test } from "vitest";
import { applySets, extend, profile, resolve } from "../../src/profiles/index.ts";

test("an inclusive level with shorter lines than one above it is refused", () => {
	const changed = extend("compat-dinero-b2", { caches: { L3: { inclusion: "inclusive", line: 32 } } });
	expect(() => resolve(changed)).toThrow(/caches\.L3\.line is 32, but L1I .* lines of 64/);
});

test('straddle "once" is refused where lines are written back or levels are not nine', () => {
	const written = applySets(profile("compat-cachegrind"), ["caches.L2.writebacks=true"]);
	expect(() => resolve(written)).toThrow(/caches\.L2\.writebacks .* only false/);
	const inclusive = applySets(profile("compat-cachegrind"), ["caches.L2.inclusion=inclusive"]);
	expect(() => resolve(inclusive)).toThrow(/caches\.L2\.inclusion .* only nine/);
});

test("a walker that enters at an exclusive level is refused", () => {
	const changed = applySets(profile("zen3"), ["walk.enters=L3"]);
	expect(() => resolve(changed)).toThrow(/walk\.enters is L3, an exclusive level/);
});
