// The stale read of PA-8x00 machines whose outer cache takes clean victims, action by action: the kernel read a page through its
// own mapping, did not flush it, and long afterwards its old clean line falls into the outer cache, over what the user wrote.

import { load } from "stalemate";

const core = await load();
const machine = await core.machine("parisc-p9xxx", { pages: { U: { colour: 0 }, K: { colour: 1, half: "kernel" } } });

const steps = [
	["the page is mapped for the user, and for the kernel", { do: "map", page: "U" }, { do: "map", page: "K" }],
	["the kernel reads: K's line comes in, clean", { do: "load", page: "K" }],
	["kunmap, without a flush", { do: "unmap", page: "K" }, { do: "tlb-flush", page: "K", broadcast: true }],
	["the user writes", { do: "store", page: "U", value: 1 }],
	["U's line is written back, to L3", { do: "write-back", level: 0, colour: 0, line: 0 }],
	["and from there to memory", { do: "write-back", level: 1, line: 0 }],
	["U's line is evicted: L3 takes it, and has it already", { do: "evict", level: 0, colour: 0, line: 0 }],
	["K's old line is evicted: L3 takes it too", { do: "evict", level: 0, colour: 1, line: 0 }],
	["the user reads", { do: "load", page: "U" }],
];

const show = (copy) => (copy ? `v${copy.version}${copy.dirty ? " dirty" : ""}` : "-");

console.log(`${"what happens".padEnd(56)}  U         K         L3        memory`);
for (const [what, ...actions] of steps) {
	const outcomes = machine.apply(actions);
	const { caches, frames } = machine.inspect();
	const [inner, outer] = caches.map(({ cpus }) => cpus[0].colours.map((lines) => show(lines[0])));
	const cells = [inner[0], inner[1], outer[0], `v${frames.P.lines[0].version}`];
	console.log(`${what.padEnd(56)}  ${cells.map((cell) => (cell ?? "-").padEnd(10)).join("")}`);
	for (const { hazards } of outcomes) {
		for (const { code, about } of hazards) console.log(`  ${code}: ${about}`);
	}
}
