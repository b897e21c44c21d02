// Does a long trace cost more than its length? A lackey text of several sizes, made on the fly, goes through a pipe into a
// simulator in a process of its own: time must grow in proportion, memory not at all.
//
//   node bench/growth.mjs [--sizes 64,256,1024,4096]    megabytes of text (default 64,256,1024)
//
// Fails if the last reference costs 1.3 times what the first one does, or if more than 200 MB are resident.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { feed } from "../build/js/src/trace/read.js";
import { openTrace } from "../build/js/src/trace/trace.js";
import { cachesOnly, simulator } from "./machine.mjs";

const MEGABYTE = 1 << 20;
const MOST_RESIDENT = 200;
const MOST_GROWTH = 1.3;
const at = process.argv.indexOf("--sizes");
const sizes = (at < 0 ? "64,256,1024" : process.argv[at + 1]).split(",").map(Number);

async function compare() {
	const rows = [];
	for (const size of sizes) {
		const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "--child"], {
			stdio: ["pipe", "pipe", "inherit"],
		});
		let answer = "";
		child.stdout.on("data", (text) => {
			answer += text;
		});
		await write(child.stdin, size * MEGABYTE);
		await once(child, "close");
		const { references, seconds, resident } = JSON.parse(answer);
		const row = { size, references, seconds, rate: references / seconds / 1e6, resident };
		rows.push(row);
		console.log(
			`${size} MB of text, ${references} references: ${seconds.toFixed(2)} s, ${row.rate.toFixed(0)} M refs/s, ` +
				`at most ${resident.toFixed(0)} MB resident`,
		);
	}
	const slower = rows[0].rate / rows[rows.length - 1].rate;
	const resident = Math.max(...rows.map((row) => row.resident));
	console.log(
		`cost of a reference, longest to shortest: ${slower.toFixed(2)}; memory, longest to shortest: ` +
			`${(rows[rows.length - 1].resident / rows[0].resident).toFixed(2)}`,
	);
	if (slower > MOST_GROWTH || resident > MOST_RESIDENT) process.exitCode = 1;
}

/** Loops over arrays and over code: a megabyte of text, over and over, at addresses that move on. */
async function write(stream, bytes) {
	for (let written = 0, part = 0; written < bytes; part++) {
		const text = partOf(part);
		written += text.length;
		if (!stream.write(text)) await once(stream, "drain");
	}
	stream.end();
}

const parts = new Map();

/** One of 16 pieces of text, which repeat: making them must not be what is measured. */
function partOf(number) {
	const piece = number % 16;
	if (!parts.has(piece)) {
		const lines = [];
		for (let i = 0; i < MEGABYTE / 16; i++) {
			const code = 0x401000 + piece * 4096 + (i % 200) * 4;
			lines.push(`I  ${code.toString(16).padStart(8, "0")},4`);
			if (i % 3 === 0)
				lines.push(` L ${(0x4800000 + piece * 65536 + (i % 4096) * 16).toString(16).padStart(8, "0")},8`);
			if (i % 7 === 0) lines.push(` S ${(0x1ffe000000 + (i % 64) * 8).toString(16)},8`);
		}
		parts.set(piece, Buffer.from(`${lines.join("\n")}\n`));
	}
	return parts.get(piece);
}

/** The child: standard input to counts. */
async function simulate() {
	const start = process.cpuUsage();
	const machine = simulator(cachesOnly);
	const trace = openTrace("-");
	await feed(machine.reader(await trace.format()), trace);
	const { user, system } = process.cpuUsage(start);
	const { total } = machine.counts().references;
	const resident = process.resourceUsage().maxRSS / 1024;
	console.log(JSON.stringify({ references: total, seconds: (user + system) / 1e6, resident }));
}

if (process.argv.includes("--child")) await simulate();
else await compare();
