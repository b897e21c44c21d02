import { readFileSync } from "node:fs";
import { mechanisms } from "stalemate/check";
import { expect, test } from "vitest";
import "stalemate/vitest";

const protocol = readFileSync(new URL("protocol.scn", import.meta.url), "utf8");

test.each(["pa8800", "vipt-generic", "broadwell"])("a page is given to the user safely on %s", (profile) => {
	expect(protocol).toBeSafeOn(profile);
});

test("without the flush it would not be, where caches know lines by their virtual address", () => {
	const without = protocol.replace("cache.flush K", "");
	expect(without).not.toBeSafeOn("pa8800");
	expect(without).toBeSafeOn("broadwell");
});

test("a shootdown that frees page tables waits for every CPU, also under a weaker memory model", () => {
	const shootdown = mechanisms.tlbShootdown({ variant: "baseline", cpus: 2, freedTables: true });
	expect(shootdown).toBeSafeOn("haswell-ep", { model: "arm8" });
});
