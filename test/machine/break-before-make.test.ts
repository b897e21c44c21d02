import { expect, test } from "vitest";
import { loadProgramCoreSync } from "../../bindings/program-core.ts";
import { finish } from "../../src/check/drive.ts";
import { checkScenario } from "../../src/check/run.ts";
import { parseScenario } from "../../src/scenario/index.ts";

const core = loadProgramCoreSync();

function codes(change: string, profile: string, model?: "sc" | "arm8"): string[] {
	const text = `scenario s
  page P, Q
  map U -> P
  map A -> Q shares U
  actor changer on cpu 0
${change.replace(/^/gm, "    ")}
  actor user on cpu 1
    load r0 <- U or fault
`;
	const options = { profile, allHazards: true, ...(model && { model }) };
	return finish(checkScenario(core, parseScenario(text), options)).run.codes;
}

const WITHOUT = "pte.set U <- Q writable\ntlb.purge U\ntlb.purge A";
const WITH = "pte.clear U\ntlb.purge U\ntlb.purge A\npte.set U <- Q writable";

test("a walk may put a translation to another page beside a live one, which is a conflict", () => {
	expect(codes(WITHOUT, "arm64-generic")).toEqual(["TLB"]);
	expect(codes(WITHOUT, "arm64-generic", "sc")).toEqual(["TLB"]);
});

test("an entry that is broken and purged first is not in conflict", () => {
	expect(codes(WITH, "arm64-generic")).toEqual([]);
	expect(codes("pte.clear U\npte.set U <- Q writable\ntlb.purge U\ntlb.purge A", "arm64-generic")).toEqual(["TLB"]);
});

test("what changes the bits of an entry and not its page is no conflict", () => {
	expect(codes("pte.set U <- P\npte.or U writable\npte.clear U writable", "arm64-generic")).toEqual([]);
});

test("a machine that does not ask for it has no such conflicts", () => {
	expect(codes(WITHOUT, "weak-generic")).toEqual([]);
	expect(codes(WITHOUT, "arm64-generic{walk.breakBeforeMake=no}")).toEqual([]);
});
