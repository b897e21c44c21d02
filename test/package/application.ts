/** A program of a user's, as files: counts a trace and checks a scenario, in the page and in workers, and sweeps. */

/** What it comes to, here or there. */
export interface Counts {
	misses: [string, number][];
	verdict: string;
	codes: string[];
	steps: string[];
	errors: string[];
	ways: number[];
	/** How often WebAssembly was compiled. */
	compiled: number;
}

/** Runs anywhere; with Modules it compiles nothing. */
const counts = `
import { load, openTrace, StalemateError } from "stalemate";
import { loadCheck } from "stalemate/check";

let compiled = 0;
for (const [on, name] of [[WebAssembly, "compile"], [WebAssembly, "Module"]]) {
	on[name] = new Proxy(on[name], {
		apply: (target, self, given) => (compiled++, Reflect.apply(target, self, given)),
		construct: (target, given) => (compiled++, Reflect.construct(target, given)),
	});
}

const trace = Array.from({ length: 6000 }, (_, i) => {
	const at = i < 3000 ? i * 72 : (6000 - i) * 72;
	return \`\${i % 3} \${(i % 3 === 2 ? 0x400000 + (i % 99) * 4 : at).toString(16)}\\n\`;
}).join("");

const scenario = \`scenario lost
  page P owner vhost
  map M -> P kernel
  actor one on cpu 0
    store M <- 1
  actor two on cpu 1
    claim released P
\`;

export async function counts({ module, passes, programs } = {}) {
	const core = await load({ wasm: module, passes, programs });
	const bytes = new TextEncoder().encode(trace);
	const { caches } = await core.simulator("broadwell").runTrace(openTrace(bytes, { format: "din" }));
	const pass = await core.onePass({ lines: [64], sets: [64], ways: 4, of: "data" });
	const { geometries } = await pass.runTrace(openTrace(bytes, { format: "din" }));
	const check = await loadCheck({ wasm: programs });
	const { run } = await check.check(scenario, { profile: "pa8800", model: "sc" });
	const errors = [];
	for (const wrong of ["scenario x\\n  actor", "scenario y\\n  actor one on cpu 0\\n    nop"]) {
		await check.check(wrong).catch((error) => errors.push(error instanceof StalemateError && error.code));
	}
	return {
		misses: caches.map(({ name, misses }) => [name, misses]),
		ways: geometries.map(({ misses }) => misses),
		verdict: run.verdict,
		codes: run.codes,
		steps: run.trace.map(({ text }) => text),
		errors,
		compiled,
	};
}

export const swept = {
	spec: {
		verb: "trace",
		inputs: { trace: "a.din", profile: "broadwell" },
		axes: [{ path: "profile.caches.L1D.ways", list: [4, 8] }],
		outputs: ["L1D.misses"],
	},
	inputs: { "a.din": trace },
};
`;

const page = `
import { load } from "stalemate";
import { loadCheck } from "stalemate/check";
import { sweep } from "stalemate/sweep/browser";
import { counts, swept } from "./counts.js";

async function main() {
	const here = await counts();
	const { module } = await load();
	const { module: programs } = await loadCheck();
	const ask = () =>
		new Promise((done, failed) => {
			const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
			worker.onmessage = ({ data }) => done(data);
			worker.onerror = ({ message }) => failed(new Error(message));
			worker.postMessage({ module, programs });
		});
	const there = await Promise.all([ask(), ask()]);
	const rows = [];
	for await (const row of sweep(swept.spec, { inputs: swept.inputs, workers: 2, timeout: 30 /* WORKER */ })) {
		rows.push([row["profile.caches.L1D.ways"], row.status, Number(row["L1D.misses"])]);
	}
	return { here, there, rows: rows.sort() };
}

main()
	.catch(({ name, code, message }) => ({ name, code, message }))
	.then((result) => {
		document.querySelector("output").textContent = JSON.stringify(result);
	});
`;

const worker = `
import { counts } from "./counts.js";

self.onmessage = async ({ data }) => postMessage(await counts(data));
`;

const html = '<!doctype html><title>app</title><output></output><script type="module" src="./main.js"></script>\n';

/** Where a bundler does not see that the package has a worker of its own, it is one of the application's. */
const OWN_WORKER = ', worker: () => new Worker(new URL("./sweep-worker.js", import.meta.url), { type: "module" })';

/** Its files, by the names of a project. */
export function application({ ownWorker = false, byPath = false } = {}): Record<string, string> {
	const files: Record<string, string> = {
		"counts.js": counts,
		"main.js": page.replace("/* WORKER */", ownWorker ? OWN_WORKER : ""),
		"worker.js": worker,
		"index.html": html,
		...(ownWorker && { "sweep-worker.js": 'import "stalemate/sweep/browser/worker";\n' }),
	};
	if (!byPath) return files;
	const dist = "./node_modules/stalemate/dist/";
	const paths = {
		"": "index.js",
		"/check": "check.js",
		"/sweep/browser": "sweep-browser.js",
		"/sweep/browser/worker": "sweep-worker-browser.js",
	};
	const text = (source: string) =>
		source.replace(/"stalemate((?:\/\w+)*)";/g, (_, entry: keyof typeof paths) => `"${dist}${paths[entry]}";`);
	return Object.fromEntries(Object.entries(files).map(([name, source]) => [name, text(source)]));
}
