// How fast a reader fills batches, without a simulator behind it: `node bench/readers/parse.mjs WASM FORMAT FILE [rounds]`,
// WASM being build/passes.wasm.
// FILE is decompressed text or packed bytes and is held in memory; only parsing is timed (copying it into Wasm memory is not).

import { readFileSync } from "node:fs";

// TRACE_RECORD_COUNT and TRACE_STATUS of bindings/layout/trace.ts.
const RECORD_COUNT = 16;
const STATUS = 28;
const FORMATS = { din: 1, lackey: 2, champsim: 3, packed: 4 };
const [wasm, format, file, rounds = "15"] = process.argv.slice(2);
const { exports: core } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), {});
const bytes = readFileSync(file);

// Asked for room at 0, the batch tells how much it takes.
core.placeBatch(core.allocate(BigInt(core.placeBatch(0))));
const base = core.allocate(BigInt(bytes.length + 64));
new Uint8Array(core.memory.buffer).set(bytes, base);

const times = [];
let records = 0;
for (let round = 0; round < Number(rounds); round++) {
	core.setStraddle(0, 6, 6, 6);
	core.beginTrace(0);
	records = 0;
	const start = performance.now();
	for (let at = base; ; ) {
		at = core.parse(FORMATS[format], at, base + bytes.length, 1);
		const view = new DataView(core.memory.buffer, core.traceState());
		records += view.getUint32(RECORD_COUNT, true);
		const status = view.getUint32(STATUS, true);
		if (status > 2) throw new Error(`status ${status} at ${at - base}`);
		if (status !== 1) break;
	}
	times.push(performance.now() - start);
}
const best = Math.min(...times);
console.log(
	`${format}: ${records} records, best ${best.toFixed(2)} ms, ${(records / best / 1e3).toFixed(0)} M records/s, ` +
		`${(bytes.length / best / 1e6).toFixed(2)} GB/s`,
);
