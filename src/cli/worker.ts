// A thread that makes runs for the pool (pool.ts).

import { parentPort, workerData } from "node:worker_threads";
import { type Litmus, loadCheck, parseSource, type Scenario } from "../check/index.ts";
import type { WasmModule } from "../index.ts";
import { StalemateError } from "../index.ts";
import type { Answer, Job } from "./pool.ts";

const check = await loadCheck({ wasm: workerData as WasmModule });
const sources = new Map<string, Scenario | Litmus>();

function sourceOf({ file, text }: Job): Scenario | Litmus {
	const source = sources.get(text) ?? parseSource(text, { file });
	sources.set(text, source);
	return source;
}

parentPort!.on("message", async ({ id, job }: { id: number; job: Job }) => {
	let answer: Answer;
	try {
		const source = sourceOf(job);
		const options = { ...job.options, ...job.planned };
		if (job.action === undefined) {
			const { run, result, milliseconds } = await check.check(source, options);
			answer = { id, run, milliseconds, stoppedBy: result.stoppedBy };
		} else {
			const { checked, ...weakened } = await check.weaken(source as Scenario, job.action, options);
			const { run, result, milliseconds } = checked;
			answer = { id, run, milliseconds, stoppedBy: result.stoppedBy, weakened };
		}
	} catch (error) {
		const code = error instanceof StalemateError ? error.code : undefined;
		answer = { id, error: { code, message: error instanceof Error ? error.message : String(error) } };
	}
	parentPort!.postMessage(answer);
});
