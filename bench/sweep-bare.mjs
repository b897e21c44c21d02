// A thread that runs machines and nothing else: what a sweep with threads is measured by.

import { parentPort, workerData } from "node:worker_threads";
import { loadSync, openTrace } from "../build/js/src/index.js";

const { module, bytes, profiles } = workerData;
const core = loadSync({ wasm: module });

parentPort.on("message", async () => {
	for (const profile of profiles) await core.simulator(profile).runTrace(openTrace(bytes));
	parentPort.postMessage("done");
});
parentPort.postMessage("ready");
